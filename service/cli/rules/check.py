"""`tocsin check`: every error in the rules, and what may not mean what its author thinks."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from service.cli.input.context import context
from service.cli.input.rules import Paths, load_rules, rules_texts
from service.cli.output.terminal import console, print_json
from service.rules.lint.advice import advise
from service.rules.lint.quotes import find_lost_quotes
from service.rules.rules import Rules
from service.views.rules.finding import findings

app = typer.Typer(add_completion=False)


class Format(Enum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


NoSecrets = Annotated[
    bool,
    typer.Option("--no-secrets", help="Do not look up ${NAME}, on a machine without the secrets."),
]


@app.command(epilog="Example: tocsin check rules --format github")
def check(
    paths: Paths = None,
    format: Annotated[Format, typer.Option(help="How findings are written.")] = Format.TEXT,  # noqa: A002 - the option's own name
    no_secrets: NoSecrets = False,
) -> None:
    """Check rules files. Lists every error with file, line and a suggested fix."""
    here = context(quiet=True)
    rules = load_rules(here, paths, None if no_secrets else here.rule_variables.get)
    advice = sorted([*advise(rules), *find_lost_quotes(rules_texts(here, paths))])
    out = console()
    if format is Format.JSON:
        print_json(findings(rules.faults, advice))
    elif format is Format.GITHUB:
        for fault in rules.faults:
            place = f"file={_in_a_place(fault.file)},line={fault.line},col={fault.column}"
            said = _in_one_line(f"{fault.message}. {fault.hint}")
            out.print(f"::error {place}::{said}", soft_wrap=True)
        for one in advice:
            place = f"file={_in_a_place(one.file)},line={one.line}"
            out.print(f"::notice {place}::{_in_one_line(one.message)}", soft_wrap=True)
    else:
        for fault in rules.faults:
            out.print(str(fault), soft_wrap=True)
        for one in advice:
            out.print(str(one), style="dim", soft_wrap=True)
        _sum_up(rules)
    if rules.faults:
        raise typer.Exit(1)


def _in_one_line(text: str) -> str:
    """As GitHub reads it in a workflow command: a line of its own would be another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_a_place(text: str) -> str:
    """The same for a file's name: a comma or a colon would end it."""
    return _in_one_line(text).replace(":", "%3A").replace(",", "%2C")


def _sum_up(rules: Rules) -> None:
    watchlists, subscribers = len(rules.watchlists), len(rules.subscribers)
    faults = len(rules.faults)
    state = "no errors" if not faults else f"{faults} error{'s' if faults > 1 else ''}"
    console().print(
        f"{_count(watchlists, 'watchlist')} and {_count(subscribers, 'subscriber')} good; {state}",
        style="red" if faults else "green",
    )


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
