"""`tocsin backtest`: what rules would have alerted in the kept articles, and what changes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from service.archive.backtest import Backtest
from service.archive.kept.match_processes import FEW
from service.archive.report.budget import Budget, parse_budget
from service.archive.report.views import Report
from service.archive.summary import summary
from service.cli.archive.kept_articles import KeptArticles, kept_articles, progress_bar, since_ms
from service.cli.archive.markdown import markdown
from service.cli.archive.page import page
from service.cli.archive.revision import rules_of_revision
from service.cli.archive.text import print_report
from service.cli.input.context import Context, context, wait_for
from service.cli.input.files import named
from service.cli.input.rules import load_rules
from service.cli.input.times import past_option
from service.cli.output.terminal import console, print_json
from service.concurrency.processes import freeze_loaded_objects, usable_cores
from service.rules.rules import Rules
from service.views.rules.names import unknown_name

OVER_BUDGET = 3
"""The exit code where a watchlist passes the budget."""

app = typer.Typer(add_completion=False)


class Format(StrEnum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE]…",
        help="Files as `publish` takes them; default: the articles kept in the streams.",
    ),
]
RulesPath = Annotated[
    Path | None, typer.Option("--rules", help="Rules file or folder; default: TOCSIN_RULES.")
]
Against = Annotated[
    str | None, typer.Option(help="Compare with other rules: a folder, a file, or a git revision.")
]
Since = Annotated[str | None, typer.Option(help="Only alerts since then: 7d, or a time.")]
StreamNames = Annotated[
    list[str] | None, typer.Option("--stream", help="Which of the input streams; default: all.")
]
WatchlistIds = Annotated[
    list[str] | None,
    typer.Option("--watchlist", help="Show these watchlists only; may be repeated."),
]
Examples = Annotated[int, typer.Option(min=0, max=1000, help="Articles that each watchlist shows.")]
MostAlerts = Annotated[
    str | None,
    typer.Option(
        "--budget", help="Exit with 3 if a watchlist makes more alerts: 50/day, 200/week."
    ),
]
WrittenAs = Annotated[Format, typer.Option("--format", help="How to write it.")]


@app.command(epilog="Example: tocsin backtest --against main --since 7d --budget 50/day")
def backtest(
    files: Files = None,
    *,
    rules: RulesPath = None,
    against: Against = None,
    since: Since = None,
    streams: StreamNames = None,
    watchlists: WatchlistIds = None,
    examples: Examples = 3,
    budget: MostAlerts = None,
    form: WrittenAs = Format.TEXT,
) -> None:
    """Show what rules would have alerted in past articles, and what a change of them changes."""
    here = context(quiet=True)
    most = _budget(budget)
    start = past_option(since) if since else None
    names = [named(name) for name in files or ()]
    chosen = streams or list(here.settings.stream.streams)
    known = here.settings.stream.streams
    for name in chosen:
        if name not in known:
            raise typer.BadParameter(
                unknown_name("stream", name, known, f"TOCSIN_STREAMS has {', '.join(known)}")
            )
    sets = _sets(here, rules, against)
    for name in watchlists or ():
        if not any(name in each.watchlists for _, each in sets):
            raise typer.BadParameter(unknown_name("watchlist", name, sets[0][1].watchlists))
    tests, sources = wait_for(_replayed(here, sets, names, chosen, start))
    report = summary(
        [name for name, _ in sets],
        [each.name for each in sources],
        tests,
        only=watchlists or (),
        examples=examples,
        budget=most,
    )
    _print(report, form)
    if report.budget and report.budget.excesses:
        raise typer.Exit(OVER_BUDGET)


def _print(report: Report, form: Format) -> None:
    match form:
        case Format.TEXT:
            print_report(report)
        case Format.JSON:
            print_json(report)
        case Format.MARKDOWN:
            console().print(markdown(report), soft_wrap=True, end="")
        case Format.HTML:
            console().print(page(report), soft_wrap=True, end="")


def _budget(text: str | None) -> Budget | None:
    try:
        return parse_budget(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


NamedRules = tuple[str, Rules]


def _sets(here: Context, path: Path | None, against: str | None) -> list[NamedRules]:
    """The rules, and those that they are compared with."""
    at = path or here.settings.match.rules
    sets = [(str(at), load_rules(here, [at], None))]
    with ExitStack() as opened_revision:
        if against is not None:
            other = Path(against)
            if not other.exists():
                other = opened_revision.enter_context(rules_of_revision(at, against))
            sets.append((against, load_rules(here, [other], None)))
    for name, each in sets:
        if each.faults:
            errors = f"{len(each.faults)} error{'s' * (len(each.faults) > 1)} in {name}"
            console(error=True).print(
                f"tocsin: {errors}; `tocsin check` lists them", style="yellow", soft_wrap=True
            )
    return sets


async def _replayed(
    here: Context,
    sets: Sequence[NamedRules],
    files: Sequence[str],
    streams: Sequence[str],
    since: datetime | None,
) -> tuple[list[Backtest], list[KeptArticles]]:
    settings = here.settings.match
    tests = []
    freeze_loaded_objects()  # a third of the time went to the collector, which found nothing
    with progress_bar() as progress:
        async with kept_articles(here.settings, files, streams, progress) as found:
            for each in found:
                test = Backtest(
                    [rules for _, rules in sets],
                    each.segments,
                    since=since_ms(since),
                    window=round(settings.story_window_hours * 3_600_000),
                    similarity=settings.story_similarity,
                    silences=each.silences,
                )
                total = sum(segment.count for segment in each.segments)
                task = progress.add_task("matching", total=total)
                for count in test.run(usable_cores() - 1 if total > FEW else 0):
                    progress.advance(task, count)
                progress.remove_task(task)
                tests.append(test)
            return tests, found
