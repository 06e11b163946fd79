"""The report of a back-test as one page of HTML that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources

from service.archive.report.views import Example, Report, SetView, WatchlistView
from service.cli.archive.words import (
    budget_lines,
    coverage,
    deliveries_line,
    fates_line,
    per_day,
    signed,
)
from service.cli.output.terminal import counted
from service.delivery.message.message import Marked
from service.telemetry.log import visible

_SPACE = re.compile(r"\s+")
WIDTH, HEIGHT = 720, 160
"""Of the chart of all alerts, in its own units: it takes the width that there is."""


def page(report: Report) -> str:
    """The page."""
    style = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Back-test of {_text(report.rules.name)}</title><style>{style}</style></head>",
        "<body><main><h1>Back-test</h1>",
        *(f"<p>{_text(line)}</p>" for line in coverage(report.archive)),
        *_budget(report),
        *_sets(report),
        *_table(report),
        *(part for each in report.watchlists for part in _details(each)),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _budget(report: Report) -> Iterator[str]:
    if report.budget:
        kind = "over" if report.budget.excesses else "within"
        for line in budget_lines(report):
            yield f'<p class="{kind}">{_text(line)}</p>'


def _sets(report: Report) -> Iterator[str]:
    for kind, view in (("now", report.rules), ("before", report.against)):
        if view is not None:
            yield f'<section class="set {kind}">{_set(view, report.days)}</section>'
    if len(report.days) > 1:
        yield _chart(report)


def _set(view: SetView, days: Sequence[str]) -> str:
    said = [fates_line(view.fates), deliveries_line(view.deliveries)]
    lines = "".join(f"<p>{_text(line)}</p>" for line in said if line)
    return (
        f"<h2>{_text(view.name)}</h2><p class=sum><b>{view.alerts:,}</b> alerts, "
        f"{per_day(view.alerts, days)} a day, of {counted(view.watchlists, 'watchlist')}</p>{lines}"
    )


def _chart(report: Report) -> str:
    """Alerts a day: a bar for the rules, and one beside it for the others."""
    series = [("now", report.rules.by_day)]
    if report.against:
        series.insert(0, ("before", report.against.by_day))
    top = max((count for _, counts in series for count in counts), default=0) or 1
    step = WIDTH / len(report.days)
    bar = step * 0.8 / len(series)
    shapes = []
    for place, (kind, counts) in enumerate(series):
        for day, count in enumerate(counts):
            high = HEIGHT * count / top
            left = day * step + step * 0.1 + place * bar
            said = f"{report.days[day]}: {count:,}"
            shapes.append(
                f'<rect class="{kind}" x="{left:.1f}" y="{HEIGHT - high:.1f}" width="{bar:.1f}" '
                f'height="{high:.1f}"><title>{said}</title></rect>'
            )
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="alerts a day">{"".join(shapes)}</svg>'
        f"<figcaption><span>{report.days[0]}</span><span>alerts a day, at most {top:,}</span>"
        f"<span>{report.days[-1]}</span></figcaption></figure>"
    )


def _table(report: Report) -> Iterator[str]:
    compared = report.against is not None
    names = [
        "alerts",
        "a day",
        "most",
        *(("was", "new", "gone") if compared else ("story", "held")),
    ]
    heads = "".join(f"<th>{name}</th>" for name in names)
    yield f'<div class="wide"><table><tr><th>watchlist</th>{heads}<th></th></tr>'
    for each in report.watchlists:
        cells = [f"{each.alerts:,}", per_day(each.alerts, report.days), f"{each.most_in_a_day:,}"]
        if each.change:
            cells.append(f"{each.change.before:,}")
            cells += [signed(each.change.new), signed(-each.change.gone)]
        else:
            cells += [f"{each.fates['told']:,}", f"{each.fates['held']:,}"]
        shown = "".join(f"<td>{cell}</td>" for cell in cells)
        name = _text(each.id)
        linked = f'<a href="#{name}">{name}</a>' if _kinds(each) else name
        yield f"<tr><th>{linked}</th>{shown}<td>{_spark(each.by_day)}</td></tr>"
    yield "</table></div>"


def _spark(counts: Sequence[int]) -> str:
    top = max(counts, default=0)
    if not top or len(counts) < 2:
        return ""
    high = [10 * count / top for count in counts]
    bars = "".join(
        f'<rect x="{day}" y="{10 - each:.1f}" width=".8" height="{each:.1f}"/>'
        for day, each in enumerate(high)
        if each
    )
    return (
        f'<svg class="spark" viewBox="0 0 {len(counts)} 10" preserveAspectRatio="none">{bars}</svg>'
    )


def _kinds(watchlist: WatchlistView) -> dict[str, Sequence[Example]]:
    change = watchlist.change
    if change is None:
        kinds: dict[str, Sequence[Example]] = {"": watchlist.examples}
    else:
        kinds = {"new": change.new_examples, "gone": change.gone_examples}
    return {kind: examples for kind, examples in kinds.items() if examples}


def _details(watchlist: WatchlistView) -> Iterator[str]:
    kinds = _kinds(watchlist)
    if kinds:
        yield f'<section id="{_text(watchlist.id)}"><h2>{_text(watchlist.id)}</h2>'
        for kind, examples in kinds.items():
            if kind:
                yield f'<h3 class="{kind}">{kind}</h3>'
            yield from map(_example, examples)
        yield "</section>"


def _example(one: Example) -> str:
    title = _text(one.title)
    if one.url.startswith(("https://", "http://")):
        title = f'<a href="{_text(one.url)}" rel="noreferrer">{title}</a>'
    where = " · ".join(filter(None, (_text(one.source), one.at[:16].replace("T", " "))))
    quotes = "".join(
        f"<blockquote><span>{quote.zone}</span> {_marked(quote.sentence)}</blockquote>"
        for quote in one.quotes
    )
    notes = ["held by the throttle, for a summary"] if one.held else []
    notes += [f"by the other rules: {_text(one.otherwise)}"] if one.otherwise else []
    said = "".join(f"<p class=note>{note}</p>" for note in notes)
    return (
        f"<article><p><b>{one.score:g}</b> {title}</p><p class=where>{where}</p>{quotes}{said}"
        "</article>"
    )


def _marked(stretches: Marked) -> str:
    return "".join(
        f"<mark>{_text(each.text)}</mark>" if each.marked else _text(each.text)
        for each in stretches
    )


def _text(text: str) -> str:
    return escape(visible(_SPACE.sub(" ", text)))
