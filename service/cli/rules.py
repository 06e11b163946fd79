"""The rules that a command is about."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.cli.context import Context
from service.filling import Lookup
from service.rulesfolder import Texts, read
from service.watchlist import Rules, load

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH]…", help="Rules files or folders; default: TOCSIN_RULES."),
]


def load_rules(here: Context, paths: list[Path] | None, lookup: Lookup | None) -> Rules:
    """The rules of these files and folders, or where the settings say; `lookup` finds secrets."""
    found: dict[str, str] = {}
    for path in paths or [here.settings.match.rules]:
        found |= Texts(read(path))
    return load(found, lookup)
