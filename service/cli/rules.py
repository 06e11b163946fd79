"""`tocsin check`, `tocsin test`, `tocsin explain`: what an analyst works with."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from service.article import Article
from service.cli.context import Context, context, source
from service.errors import Fault
from service.lint import advise
from service.matching.evaluate import Reading
from service.matching.judgement import Judgement, Verdict, judge
from service.matching.score import evidence
from service.rulesfolder import Texts, read
from service.subscriber import Lookup
from service.terminal import article_view, console, reasons, verdict_view
from service.trial import articles_in, run_checks
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
    app.command(epilog="Example: tocsin explain article.txt --watchlist pak-turk-fighter-jets")(
        explain
    )


def check(
    paths: Paths = None,
    format: Annotated[Format, typer.Option(help="How findings are written.")] = Format.TEXT,  # noqa: A002 - the option's own name
    no_secrets: NoSecrets = False,
) -> None:
    """Find the mistakes in rules files, all at once, each with its place and a way out."""
    here = context(quiet=True)
    rules = _rules(here, paths, None if no_secrets else here.environment.get)
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
    rules = _rules(here, paths, None)
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
            return reasons(judgement.finding)
        case Verdict.EXCEPTED:
            return [f"the exception {name} holds" for name in judgement.exceptions]
        case Verdict.BELOW | Verdict.MATCHED:
            score = judgement.score.value if judgement.score else 0
            return [f"it holds and scores {score:g}, threshold {judgement.query.threshold:g}"]


def explain(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="A file as `publish` takes it; - reads stdin.")
    ],
    watchlist: Annotated[
        str | None, typer.Option(help="Only this watchlist, also when it does not match.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="Rules file or folder; default: TOCSIN_RULES.")
    ] = None,
) -> None:
    """Show what an article says, what matches and why, and what failed where nothing does."""
    here = context(quiet=True)
    found = _rules(here, [rules] if rules else None, None)
    if watchlist is not None and watchlist not in found.watchlists:
        raise typer.BadParameter(f"there is no watchlist {watchlist}; `tocsin check` lists faults")
    for each in articles_in(source(article), max_bytes=here.settings.stream.max_article_bytes):
        _explain(each, found, watchlist, here.settings.match.max_evidence)


def _explain(article: Article, rules: Rules, only: str | None, limit: int) -> None:
    out = console()
    reading = Reading(article)
    chosen = [rules.watchlists[only]] if only else list(rules.watchlists.values())
    judged = [(watchlist, judge(watchlist.query, reading)) for watchlist in chosen]
    told = [(w, j) for w, j in judged if only or j.score is not None]
    proof = [
        one
        for _, judgement in told
        if judgement.score is not None
        for one in evidence(judgement.finding, reading, limit)
    ]
    out.print(article_view(article, proof))
    for watchlist, judgement in told:
        out.print()
        out.print(verdict_view(watchlist.id, judgement))
        out.print(f"  {watchlist.expression}", style="dim")
    missed = len(judged) - len(told)
    if missed:
        out.print()
        out.print(
            f"{missed} more watchlists do not match; --watchlist ID tells why one does not",
            style="dim",
        )


def _rules(here: Context, paths: list[Path] | None, lookup: Lookup | None) -> Rules:
    found: dict[str, str] = {}
    for path in paths or [here.settings.match.rules]:
        found |= Texts(read(path))
    return load(found, lookup)
