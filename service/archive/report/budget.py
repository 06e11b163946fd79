"""How many alerts a watchlist may make, and which make more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from service.archive.report.tally import Tally, busiest

SPANS = {"day": 1, "week": 7}
"""Days of a span, by its name."""
_BUDGET = re.compile(r"([0-9]{1,7})/(day|week)")


@dataclass(frozen=True, slots=True)
class Budget:
    """At most so many alerts a watchlist in a span."""

    most: int
    span: str
    """`day` or `week`: any seven days."""


@dataclass(frozen=True, slots=True)
class Excess:
    """A watchlist that makes more, and when it makes the most."""

    watchlist: str
    alerts: int
    first_day: date
    """Of the span with the most alerts."""


def parse_budget(text: str) -> Budget:
    """`50/day` as a budget. Raises ValueError, whose message says what to write instead."""
    found = _BUDGET.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a budget; use 50/day or 200/week")
    return Budget(int(found[1]), found[2])


def excesses(tally: Tally, budget: Budget) -> list[Excess]:
    """The watchlists that pass the budget, the largest first."""
    found = []
    for id_, of_watchlist in tally.watchlists.items():
        worst = busiest(_sums(of_watchlist.days, SPANS[budget.span]).items())
        if worst and worst[1] > budget.most:
            found.append(Excess(id_, worst[1], worst[0]))
    return sorted(found, key=lambda each: (-each.alerts, each.watchlist))


def _sums(days: Mapping[date, int], length: int) -> dict[date, int]:
    """The alerts of each span of so many days that begins with one that has some."""
    return {
        first: sum(days.get(first + timedelta(days=each), 0) for each in range(length))
        for first in days
    }
