"""Names that commands are given: those of the rules, else a usage error with a suggestion."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import typer

from service.cli.input.context import Context

if TYPE_CHECKING:
    from service.rules.subscribers.substitution import Lookup
    from service.views.rules.names import RuleNames


def names(here: Context, lookup: Lookup | None = None) -> RuleNames:
    """What TOCSIN_RULES names; `lookup` finds the subscribers' secrets. Raises ConfigError."""
    from service.views.rules.names import read_names  # noqa: PLC0415 - a list need not load rules

    return read_names(here.settings.match.rules, lookup, here.environment.get)


def must_be_known(kind: str, name: str, known: Collection[str]) -> None:
    """Raises BadParameter, with what may have been meant, for a name that is not known."""
    from service.views.rules.names import unknown_name  # noqa: PLC0415 - as above

    problem = unknown_name(kind, name, known)
    if problem:
        raise typer.BadParameter(problem)
