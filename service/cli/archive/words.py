"""What every form of the report says in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.archive.report.views import ArchiveView, Report
from service.cli.output.terminal import counted, one_line

LONGEST_NAMES = 200
"""Characters of the names of streams or files."""

FATES = {
    "alerts": "sent or recorded",
    "held": "held by throttles for summaries",
    "told": "copies of a story that had alerted",
    "below": "below the threshold",
    "updated": "corrections",
    "retracted": "retractions",
    "repeated": "read again unchanged",
}
DELIVERIES = {
    "at_once": "at once",
    "quiet_hours": "after quiet hours",
    "digest": "in digests",
    "filtered": "kept back by filters",
    "silenced": "by silences",
}


def coverage(archive: ArchiveView) -> list[str]:
    """What was read, and what a count of it cannot say."""
    names = one_line(", ".join(archive.names), LONGEST_NAMES)
    if not archive.articles:
        return [f"No articles in {names}; publish some, or name files that have some."]
    first, last = (at[:16].replace("T", " ") for at in (archive.first, archive.last))
    lines = [f"{counted(archive.articles, 'article')}, {first} to {last} UTC, of {names}"]
    if archive.letters:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in archive.letters.items())
        lines.append(f"{sum(archive.letters.values()):,} entries are no articles: {kinds}")
    return lines


def fates_line(fates: Mapping[str, int]) -> str:
    """What became of the matches."""
    said = [f"{fates[name]:,} {words}" for name, words in FATES.items() if fates[name]]
    return ", ".join(said) or "no matches"


def deliveries_line(deliveries: Mapping[str, int]) -> str:
    """What became of alerts and subscribers; "" where nobody is to be told."""
    said = [
        f"{deliveries[name]:,} {words}" for name, words in DELIVERIES.items() if deliveries[name]
    ]
    return f"messages: {', '.join(said)}" if said else ""


def budget_lines(report: Report) -> list[str]:
    """Which watchlists pass the budget, or that none does; none where there is no budget."""
    budget = report.budget
    if budget is None:
        return []
    if not budget.excesses:
        return [f"No watchlist makes more than {budget.most:,} alerts a {budget.span}."]
    return [
        f"{each.watchlist}: {each.alerts:,} alerts in the {budget.span} of {each.first_day}, "
        f"and the budget is {budget.most:,}"
        for each in budget.excesses
    ]


def per_day(alerts: int, days: Sequence[str]) -> str:
    """Alerts a day, on average."""
    return f"{alerts / max(1, len(days)):.1f}"


def signed(count: int) -> str:
    """A change: `+3`, `−3`, or `0`."""
    return f"+{count:,}" if count > 0 else f"−{-count:,}" if count else "0"
