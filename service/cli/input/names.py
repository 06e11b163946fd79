"""Names that commands are given: those of the rules, else a usage error with a suggestion."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from service.archive.moments import ENTRY_ID
from service.articles.identity import is_url
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


def is_alert(said: str) -> bool:
    """Whether it is the id of an alert, or of a delivery of one."""
    return said.startswith(("alr_", "dlv_"))


def is_on_stream(said: str) -> bool:
    """Whether a command's argument names an article of the streams, and no file."""
    named = is_alert(said) or is_url(said) or ENTRY_ID.fullmatch(said) is not None
    return named and not Path(said).is_file()
