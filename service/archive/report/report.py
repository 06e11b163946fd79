"""The sums of a replay, or of two, as a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from service.archive.report.budget import Budget, excesses
from service.archive.report.difference import Difference, difference, spread
from service.archive.report.tally import (
    DELIVERIES,
    KINDS,
    AlertRow,
    Match,
    Tally,
    WatchlistTally,
    busiest,
    by_day,
    total,
)
from service.archive.report.views import (
    ArchiveView,
    BudgetView,
    Change,
    Example,
    ExcessView,
    Report,
    SetView,
    WatchlistView,
)

ExampleOf = Callable[[AlertRow, bool], Example]
"""Looks up an article; the flag says whether its alert is one of the other rules, which is gone."""


@dataclass(frozen=True, slots=True)
class Counts:
    """A set of rules and what it did."""

    name: str
    watchlists: Sequence[str]
    """The ids of all of them."""
    tally: Tally

    def view(self, days: Sequence[date]) -> SetView:
        """Its sums."""
        sums, alerts = total(self.tally), by_day(self.tally)
        return SetView(
            self.name,
            len(self.watchlists),
            alerts.total(),
            tuple(alerts[day] for day in days),
            _chosen(sums, KINDS),
            _chosen(sums, DELIVERIES),
            dict(sorted(self.tally.subscribers.items())),
            dict(self.tally.refused),
        )


def make_report(
    archive: ArchiveView,
    days: Sequence[date],
    now: Counts,
    before: Counts | None,
    example: ExampleOf,
    *,
    examples: int,
    budget: Budget | None,
    only: Iterable[str] = (),
) -> Report:
    """The report; `examples`: how many articles of a kind a watchlist shows.

    `only`: the watchlists that are shown one by one; none: all.
    """
    changes = difference(now.tally.alerts, before.tally.alerts) if before else None
    rows: dict[str, list[AlertRow]] = {}
    for row in now.tally.alerts:
        rows.setdefault(row.watchlist, []).append(row)
    names = [*only] or [*dict.fromkeys((*now.watchlists, *(before.watchlists if before else ())))]
    views = []
    for name in names:
        change, shown = None, rows.get(name, [])
        if changes is not None and before is not None:
            change = _change(changes.get(name, Difference()), example, examples)
            shown = []
        tally = now.tally.watchlists.get(name, WatchlistTally())
        few = tuple(example(row, False) for row in spread(shown, examples))
        views.append(_watchlist(name, tally, days, few, change))
    over = None
    if budget:
        passed = tuple(
            ExcessView(each.watchlist, each.alerts, each.first_day.isoformat())
            for each in excesses(now.tally, budget)
        )
        over = BudgetView(budget.most, budget.span, passed)
    return Report(
        archive,
        tuple(day.isoformat() for day in days),
        now.view(days),
        before.view(days) if before else None,
        tuple(sorted(views, key=_weight)),
        over,
    )


def _change(found: Difference, example: ExampleOf, count: int) -> Change:
    return Change(
        len(found.gone) + len(found.kept),
        len(found.new),
        len(found.gone),
        len(found.kept),
        tuple(example(row, False) for row in spread(found.new, count)),
        tuple(example(row, True) for row in spread(found.gone, count)),
    )


def _watchlist(
    id_: str,
    tally: WatchlistTally,
    days: Sequence[date],
    examples: tuple[Example, ...],
    change: Change | None,
) -> WatchlistView:
    worst = busiest(tally.days.items())
    return WatchlistView(
        id_,
        tally.days.total(),
        worst[0].isoformat() if worst else "",
        worst[1] if worst else 0,
        _chosen(tally.kinds, KINDS),
        _chosen(tally.deliveries, DELIVERIES),
        tuple(tally.days[day] for day in days),
        examples,
        change,
    )


def _weight(view: WatchlistView) -> tuple[int, int, str]:
    changed = view.change.new + view.change.gone if view.change else 0
    return -changed, -view.alerts, view.id


def _chosen(sums: Counter[str], names: Sequence[str]) -> dict[str, int]:
    return {name: sums[name] for name in names}


def fate(tally: Tally, row: AlertRow) -> str:
    """What became of an alert's article by other rules: of KINDS; "" where it does not match."""
    return tally.others.get(Match(row.watchlist, row.article), "")
