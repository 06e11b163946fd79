"""The rules that a command is about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from service.cli.input.context import Context
from service.delivery.channels.registry import CHANNELS
from service.errors import ConfigError, Fault, QueryError
from service.matching.syntax.parser import parse
from service.rules.live.folder import DecodedTexts, read_files
from service.rules.rules import Rules, load
from service.rules.subscribers.subscriber import SubscriberReader
from service.rules.subscribers.substitution import Lookup

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH]…", help="Rules files or folders; default: TOCSIN_RULES."),
]


def load_rules(here: Context, paths: list[Path] | None, lookup: Lookup | None) -> Rules:
    """The rules of these files and folders, or where the settings say; `lookup` finds secrets."""
    return load(rules_texts(here, paths), SubscriberReader(CHANNELS, lookup, here.environment.get))


def rules_texts(here: Context, paths: list[Path] | None) -> dict[str, str]:
    """The texts of these files and folders, or of those that the settings name."""
    found: dict[str, str] = {}
    for path in paths or [here.settings.match.rules]:
        found |= DecodedTexts(read_files(path))
    return found


ALONE = "expression"
"""The id of a watchlist that is given on the command line."""


def rules_of(expression: str, language: str) -> Rules:
    """Rules with one watchlist. Raises ConfigError for a mistake in the expression."""
    try:
        parse(expression)
    except QueryError as error:
        width, column = error.end - error.start, error.start + 1
        place = "--match", 1, column, error.message, error.hint, expression, width
        raise ConfigError(str(Fault(*place, code=error.code))) from error
    watchlist = {"id": ALONE, "match": expression, "language": language}
    reader = SubscriberReader(CHANNELS, None)
    found = load({"--match": json.dumps({"watchlists": [watchlist]})}, reader)
    if found.faults:
        raise ConfigError(f"--language {language}: {found.faults[0].hint}")
    return found
