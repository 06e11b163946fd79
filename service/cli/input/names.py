"""Names that commands are given: those of the rules, else a usage error with a suggestion."""

from __future__ import annotations

from collections.abc import Collection

import typer

from service.cli.input.context import Context
from service.rules.subscribers.substitution import Lookup
from service.views.rules.names import RuleNames, read_names, unknown_name


def names(here: Context, lookup: Lookup | None = None) -> RuleNames:
    """What TOCSIN_RULES names; `lookup` finds the subscribers' secrets. Raises ConfigError."""
    return read_names(here.settings.match.rules, lookup, here.environment.get)


def must_be_known(kind: str, name: str, known: Collection[str]) -> None:
    """Raises BadParameter, with what may have been meant, for a name that is not known."""
    problem = unknown_name(kind, name, known)
    if problem:
        raise typer.BadParameter(problem)
