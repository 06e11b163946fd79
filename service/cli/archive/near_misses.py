"""`tocsin near-misses`: the articles that one clause of a watchlist kept out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from service.archive.clauses.near_misses import KeptOut, NearMisses
from service.cli.archive.kept_articles import kept_articles, progress_bar, since_ms
from service.cli.input.context import Context, context, wait_for
from service.cli.input.files import named
from service.cli.input.rules import load_rules
from service.cli.input.times import past_option
from service.cli.output.terminal import console, one_line, print_json
from service.concurrency.processes import usable_cores
from service.matching.query import Query
from service.matching.syntax.notation import unparse
from service.views.rules.names import unknown_name

LONGEST = 300
"""Characters of a line."""

app = typer.Typer(add_completion=False)


@app.command("near-misses", epilog="Example: tocsin near-misses port-strikes --since 7d")
def near_misses(
    watchlist: Annotated[str, typer.Argument(metavar="WATCHLIST", help="Its id.")],
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]…",
            help="Files as `publish` takes them; default: the articles kept in the streams.",
        ),
    ] = None,
    *,
    rules: Annotated[
        Path | None, typer.Option(help="Rules file or folder; default: TOCSIN_RULES.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only articles since then: 7d, or a time.")
    ] = None,
    examples: Annotated[
        int, typer.Option(min=0, max=1000, help="Articles that each clause shows.")
    ] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Show which past articles one clause of a watchlist kept out, and what each clause costs."""
    here = context(quiet=True)
    start = since_ms(past_option(since) if since else None)
    names = [named(name) for name in files or ()]
    found = load_rules(here, [rules] if rules else None, None)
    if watchlist not in found.watchlists:
        raise typer.BadParameter(unknown_name("watchlist", watchlist, found.watchlists))
    query = found.watchlists[watchlist].query
    near = NearMisses(query, since=start, examples=examples)
    wait_for(_read(here, near, names))
    if as_json:
        print_json(_facts(watchlist, query, near))
    else:
        _show(watchlist, query, near)


async def _read(here: Context, near: NearMisses, files: Sequence[str]) -> None:
    streams = here.settings.stream.streams
    with progress_bar() as progress, ThreadPoolExecutor(usable_cores()) as threads:
        async with kept_articles(here.settings, files, streams, progress) as found:
            for each in found:
                near.read(each.segments, threads)


def _facts(watchlist: str, query: Query, near: NearMisses) -> dict[str, Any]:
    return {
        "watchlist": watchlist,
        "expression": unparse(query.node),
        "articles": near.articles,
        "matches": near.matches,
        "clauses": near.ranked(),
    }


def _show(watchlist: str, query: Query, near: NearMisses) -> None:
    out = console()
    out.print(Text(watchlist, "bold"))
    out.print(Text(f"  {unparse(query.node)}", "dim"))
    out.print(f"  {near.articles:,} articles, {near.matches:,} match", soft_wrap=True)
    if not near.kept_out:
        out.print("  It has one clause only: without it, it would match everything.")
    for each in near.ranked():
        out.print()
        _show_clause(each)


def _show_clause(each: KeptOut) -> None:
    out = console()
    instead = f"  →  {one_line(each.change, LONGEST)}" if each.change else ""
    out.print(Text.assemble((f"+{each.articles:,}  ", "bold green"), ("without ", "dim"),
        one_line(each.clause, LONGEST), instead))  # fmt: skip
    for miss in each.examples[::-1]:
        out.print(Text(f"    {one_line(miss.title, LONGEST)}"))
        where = " · ".join(filter(None, (miss.source, miss.at[:16].replace("T", " "), miss.url)))
        out.print(Text(f"      {one_line(where, LONGEST)}", "dim"))
        out.print(Text(f"      {one_line(miss.instead, LONGEST)}", "yellow"))
