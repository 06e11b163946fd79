"""The report of a back-test as text, 80 columns wide and up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.archive.report.views import Example, Report, SetView, WatchlistView
from service.cli.archive.words import (
    budget_lines,
    coverage,
    deliveries_line,
    fates_line,
    per_day,
    signed,
)
from service.cli.output.terminal import console, counted, one_line, quoted

BARS = "▁▂▃▄▅▆▇█"
MAX_DAYS = 21
"""Days of a chart; the last ones."""
LONGEST = 300
"""Characters of a title or a reason."""


def print_report(report: Report) -> None:
    """Print it."""
    out = console()
    for line in coverage(report.archive):
        out.print(Text(line, overflow="fold"))
    out.print()
    for view in (report.rules, report.against):
        if view is not None:
            out.print(_set(view, report.days))
    out.print(_watchlists(report))
    for watchlist in report.watchlists:
        shown = [*_examples(watchlist)]
        if shown:
            out.print()
            out.print(Group(*shown))
    if report.budget:
        out.print()
        for line in budget_lines(report):
            out.print(Text(line, "red" if report.budget.excesses else "green"), soft_wrap=True)


def _set(view: SetView, days: Sequence[str]) -> RenderableType:
    lines = [
        Text.assemble(
            (view.name, "bold"),
            f": {counted(view.watchlists, 'watchlist')}, {counted(view.alerts, 'alert')}",
        ),
        Text(f"  {fates_line(view.fates)}"),
    ]
    if sent := deliveries_line(view.deliveries):
        lines.append(Text(f"  {sent}"))
    if len(days) > 1:
        chart = bars(view.by_day[-MAX_DAYS:])
        lines.append(Text(f"  {chart} alerts a day, {days[-MAX_DAYS:][0]} to {days[-1]}"))
    return Group(*lines, Text(""))


def _watchlists(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    compared = report.against is not None
    table.add_column("WATCHLIST", overflow="fold", ratio=1)
    names = ["ALERTS", "A DAY", "MOST"] + (
        ["WAS", "NEW", "GONE"] if compared else ["STORY", "HELD"]
    )
    for name in names:
        table.add_column(name, justify="right")
    table.add_column("", no_wrap=True)
    for each in report.watchlists:
        row = [each.id, f"{each.alerts:,}", per_day(each.alerts, report.days)]
        row.append(f"{each.most_in_a_day:,}")
        if each.change:
            row += [f"{each.change.before:,}", signed(each.change.new), signed(-each.change.gone)]
        else:
            row += [f"{each.fates['told']:,}", f"{each.fates['held']:,}"]
        changed = each.change is not None and bool(each.change.new or each.change.gone)
        style = "" if each.alerts or changed else "dim"
        table.add_row(*row, bars(each.by_day[-MAX_DAYS:]), style=style)
    return table


def bars(counts: Sequence[int]) -> str:
    """A chart of one line: a character a day."""
    top = max(counts, default=0)
    scale = len(BARS) - 1
    return "".join(BARS[-(-count * scale // top)] if count else " " for count in counts)


def _examples(watchlist: WatchlistView) -> Iterator[RenderableType]:
    change = watchlist.change
    if change is None:
        kinds: Mapping[str, Sequence[Example]] = {"": watchlist.examples}
    else:
        kinds = {
            f"new ({change.new:,})": change.new_examples,
            f"gone ({change.gone:,})": change.gone_examples,
        }
    for kind, examples in kinds.items():
        if examples:
            yield Text.assemble((watchlist.id, "bold"), f" {kind}" if kind else "")
            yield from (Padding(_example(each), (0, 0, 0, 2)) for each in examples)


def _example(one: Example) -> RenderableType:
    head = Text.assemble((f"{one.score:g}  ", "bold green"), one_line(one.title, LONGEST), style="")
    where = " · ".join(filter(None, (one.source, one.at[:16].replace("T", " "), one.url)))
    lines: list[RenderableType] = [head, Text(where, "dim")]
    lines += [Padding(quoted(each), (0, 0, 0, 2)) for each in one.quotes]
    if one.held:
        lines.append(Text("  held by the throttle, for a summary", "dim"))
    if one.otherwise:
        said = Text(f"by the other rules: {one_line(one.otherwise, LONGEST)}", "yellow")
        lines.append(Padding(said, (0, 0, 0, 2)))
    return Group(*lines)
