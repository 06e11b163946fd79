"""`tocsin check` and `tocsin test`: what an analyst works with."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from service.cli.context import Context, context
from service.errors import Fault
from service.explanation import reasons
from service.filling import Lookup
from service.lint import advise
from service.matching.judgement import Judgement, Verdict
from service.rulesfolder import Texts, read
from service.terminal import console
from service.trial import run_checks
from service.watchlist import Rules, load


class Format(Enum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH]…", help="Rules files or folders; default: TOCSIN_RULES."),
]
NoSecrets = Annotated[
    bool,
    typer.Option("--no-secrets", help="Do not look up ${NAME}: for a machine without the secrets."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: tocsin check rules --format github")(check)
    app.command("test", epilog="Example: tocsin test rules/defence.yaml")(run_tests)


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


def run_tests(paths: Paths = None) -> None:
    """Run the watchlists' own tests."""
    here = context(quiet=True)
    rules = load_rules(here, paths, None)
    out = console()
    for fault in rules.faults:
        out.print(str(fault), soft_wrap=True)
    passed = failed = 0
    for tried in run_checks(rules, max_bytes=here.settings.stream.max_article_bytes):
        if tried.passed:
            passed += 1
            continue
        failed += 1
        where = f"{tried.watchlist.file}:{tried.check.line}"
        wanted = "match" if tried.check.matches else "not match"
        out.print(f"{where}: {tried.watchlist.id} should {wanted}", style="red", soft_wrap=True)
        for line in [tried.error] if tried.judgement is None else _why(tried.judgement):
            out.print(f"    {line}", soft_wrap=True)
    out.print(f"{passed} passed, {failed} failed", style="red" if failed else "green")
    if failed or rules.faults:
        raise typer.Exit(1)


def _why(judgement: Judgement) -> list[str]:
    match judgement.verdict:
        case Verdict.MISSED:
            return reasons(judgement)
        case Verdict.EXCEPTED:
            return [f"the exception {name} holds" for name in judgement.exceptions]
        case Verdict.BELOW | Verdict.MATCHED:
            score = judgement.score.value if judgement.score else 0
            return [f"it holds and scores {score:g}, threshold {judgement.query.threshold:g}"]


def load_rules(here: Context, paths: list[Path] | None, lookup: Lookup | None) -> Rules:
    """The rules of these files and folders, or where the settings say; `lookup` finds secrets."""
    found: dict[str, str] = {}
    for path in paths or [here.settings.match.rules]:
        found |= Texts(read(path))
    return load(found, lookup)
