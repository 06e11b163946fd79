"""Two sets of rules on the same articles: the alerts that are new, gone and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from service.archive.report.tally import AlertRow, Match


@dataclass(slots=True)
class Difference:
    """The alerts of one watchlist, each by its article."""

    new: list[AlertRow] = field(default_factory=list)
    gone: list[AlertRow] = field(default_factory=list)
    kept: list[AlertRow] = field(default_factory=list)


def difference(rows: Iterable[AlertRow], before: Iterable[AlertRow]) -> dict[str, Difference]:
    """What changes from the alerts `before`, by watchlist."""
    found: dict[str, Difference] = {}
    earlier = {Match(row.watchlist, row.article): row for row in before}
    for row in rows:
        of_watchlist = found.setdefault(row.watchlist, Difference())
        known = earlier.pop(Match(row.watchlist, row.article), None)
        (of_watchlist.new if known is None else of_watchlist.kept).append(row)
    for row in earlier.values():
        found.setdefault(row.watchlist, Difference()).gone.append(row)
    return found


def spread(rows: Sequence[AlertRow], count: int) -> list[AlertRow]:
    """So many of the rows, from the highest score to the lowest.

    A mistake shows where the scores are low, the use of a watchlist where they are high.
    """
    ordered = sorted(rows, key=lambda row: (-row.score, row.entry_id))
    if len(ordered) <= count:
        return ordered
    if count < 2:
        return ordered[:count]
    step = (len(ordered) - 1) / (count - 1)
    return [ordered[round(step * number)] for number in range(count)]
