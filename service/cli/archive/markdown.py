"""The report of a back-test as Markdown, for the comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.archive.report.views import Example, Report, SetView, WatchlistView
from service.cli.archive.words import (
    budget_lines,
    coverage,
    deliveries_line,
    fates_line,
    per_day,
    signed,
)
from service.cli.output.terminal import counted, one_line
from service.delivery.message.message import Marked
from service.telemetry.log import visible

MOST = 60_000
"""Characters of the text: a comment on GitHub has 65,536 at most, and other text around it."""
MOST_ROWS = 200
"""Watchlists of the table."""
LONGEST = 300
"""Characters of a title, a sentence or a reason."""
_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~@&$-])")


def markdown(report: Report) -> str:
    """The text; where it would be too long, it says what was left out."""
    lines = ["### Back-test", "", *coverage(report.archive), ""]
    for view in filter(None, (report.rules, report.against)):
        lines += _set(view, report.days)
    if report.budget:
        lines += [*(f"- {_escaped(line)}" for line in budget_lines(report)), ""]
    lines += _table(report)
    text = "\n".join(lines)
    left = [*report.watchlists]
    while left and len(text) < MOST:
        part = "\n".join(_examples(left[0]))
        if len(text) + len(part) > MOST:
            break
        text += part
        left.pop(0)
    untold = sum(bool(_kinds(each)) for each in left)
    return text + (
        f"\n\nThe examples of {untold} more watchlists are left out.\n" if untold else "\n"
    )


def _set(view: SetView, days: Sequence[str]) -> list[str]:
    alerts = f"{counted(view.alerts, 'alert')}, {per_day(view.alerts, days)} a day"
    lines = [f"- **{_escaped(view.name)}**: {counted(view.watchlists, 'watchlist')}, {alerts}"]
    lines.append(f"  - {fates_line(view.fates)}")
    if sent := deliveries_line(view.deliveries):
        lines.append(f"  - {sent}")
    return [*lines, ""]


def _table(report: Report) -> list[str]:
    compared = report.against is not None
    more = "was | new | gone" if compared else "of a known story | held"
    shown = [each for each in report.watchlists if _is_shown(each)][:MOST_ROWS]
    lines = [
        f"| watchlist | alerts | a day | most | {more} |",
        "|---|" + "--:|" * (6 - (not compared)),
    ]
    for each in shown:
        row = [f"`{each.id}`", f"{each.alerts:,}", per_day(each.alerts, report.days)]
        row.append(f"{each.most_in_a_day:,}")
        if each.change:
            row += [f"{each.change.before:,}", signed(each.change.new), signed(-each.change.gone)]
        else:
            row += [f"{each.fates['told']:,}", f"{each.fates['held']:,}"]
        lines.append(f"| {' | '.join(row)} |")
    others = len(report.watchlists) - len(shown)
    if others:
        what = "without a change" if compared else "with fewer alerts, or none"
        lines += ["", f"{others:,} more watchlists {what}"]
    return [*lines, ""]


def _is_shown(each: WatchlistView) -> bool:
    return bool(each.change.new or each.change.gone) if each.change else each.alerts > 0


def _kinds(watchlist: WatchlistView) -> dict[str, Sequence[Example]]:
    change = watchlist.change
    if change is None:
        kinds: dict[str, Sequence[Example]] = {"alerts": watchlist.examples}
    else:
        kinds = {"new": change.new_examples, "gone": change.gone_examples}
    return {kind: examples for kind, examples in kinds.items() if examples}


def _examples(watchlist: WatchlistView) -> Iterator[str]:
    for kind, examples in _kinds(watchlist).items():
        total = _total(watchlist, kind)
        head = f"<code>{watchlist.id}</code>: {len(examples)} of {total:,} {kind}"
        yield f"\n<details><summary>{head}</summary>\n"
        for each in examples:
            yield from _example(each)
        yield "\n</details>"


def _total(watchlist: WatchlistView, kind: str) -> int:
    change = watchlist.change
    if change is None:
        return watchlist.alerts
    return change.new if kind == "new" else change.gone


def _example(one: Example) -> Iterator[str]:
    title = _escaped(one_line(one.title, LONGEST))
    # Angle brackets take any address but one with spaces or brackets of its own.
    link = f"[{title}](<{one.url}>)" if re.fullmatch(r"https?://[^\s<>]+", one.url) else title
    where = " · ".join(filter(None, (_escaped(one.source), one.at[:16].replace("T", " "))))
    yield f"- **{one.score:g}** {link} — {where}"
    for quote in one.quotes:
        yield f"  - {quote.zone}: “{_marked(quote.sentence)}”"
    if one.otherwise:
        yield f"  - by the other rules: {_escaped(one_line(one.otherwise, LONGEST))}"


def _marked(stretches: Marked) -> str:
    return "".join(
        f"**{_escaped(each.text)}**" if each.marked else _escaped(each.text) for each in stretches
    )


def _escaped(text: str) -> str:
    """A text in which nothing is markup, a mention or a reference."""
    return _MARKUP.sub(r"\\\1", visible(_SPACE.sub(" ", text)))
