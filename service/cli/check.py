"""`tocsin check`: every mistake in the rules, and what may be meant otherwise than it reads."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated

import typer

from service.cli.input.context import context
from service.cli.input.rules import Paths, load_rules
from service.cli.output.terminal import console
from service.errors import Fault
from service.rules.lint import advise
from service.rules.rules import Rules

app = typer.Typer(add_completion=False)


class Format(Enum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


NoSecrets = Annotated[
    bool,
    typer.Option("--no-secrets", help="Do not look up ${NAME}: for a machine without the secrets."),
]


@app.command(epilog="Example: tocsin check rules --format github")
def check(
    paths: Paths = None,
    format: Annotated[Format, typer.Option(help="How findings are written.")] = Format.TEXT,  # noqa: A002 - the option's own name
    no_secrets: NoSecrets = False,
) -> None:
    """Find the mistakes in rules files, all at once, each with its place and a way out."""
    here = context(quiet=True)
    rules = load_rules(here, paths, None if no_secrets else here.environment.get)
    advice = advise(rules)
    out = console()
    if format is Format.JSON:
        found = [_as_json(fault) for fault in rules.faults]
        tips = [{"file": a.file, "line": a.line, "message": a.message} for a in advice]
        both = {"faults": found, "advice": tips}
        out.print(json.dumps(both, ensure_ascii=False, indent=2), soft_wrap=True)
    elif format is Format.GITHUB:
        for fault in rules.faults:
            said = f"{fault.message}. {fault.hint}".replace("%", "%25").replace("\n", "%0A")
            place = f"file={fault.file},line={fault.line},col={fault.column}"
            out.print(f"::error {place}::{said}", soft_wrap=True)
        for one in advice:
            out.print(f"::notice file={one.file},line={one.line}::{one.message}", soft_wrap=True)
    else:
        for fault in rules.faults:
            out.print(str(fault), soft_wrap=True)
        for one in advice:
            out.print(str(one), style="dim", soft_wrap=True)
        _sum_up(rules)
    if rules.faults:
        raise typer.Exit(1)


def _sum_up(rules: Rules) -> None:
    watchlists, subscribers = len(rules.watchlists), len(rules.subscribers)
    faults = len(rules.faults)
    state = "no mistakes" if not faults else f"{faults} mistake{'s' if faults > 1 else ''}"
    console().print(
        f"{_count(watchlists, 'watchlist')} and {_count(subscribers, 'subscriber')} good; {state}",
        style="red" if faults else "green",
    )


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _as_json(fault: Fault) -> dict[str, object]:
    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "message": fault.message,
        "hint": fault.hint,
    }
