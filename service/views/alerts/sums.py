"""How many alerts there were, by day, watchlist, source or severity: for reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.views.alerts.alert_list import AlertLine

GROUPS: Mapping[str, Callable[[AlertLine], str]] = {
    "day": lambda one: one.at[:10],
    "watchlist": lambda one: one.watchlist,
    "severity": lambda one: one.severity,
    "source": lambda one: one.source,
    "stream": lambda one: one.stream,
}
"""What alerts can be counted by; days are those of UTC."""


@dataclass(frozen=True, slots=True)
class AlertSum:
    """The alerts of one group."""

    group: Mapping[str, str]
    """What they have in common, by the names that they are counted by."""
    alerts: int
    retracted: int
    highest: float
    """The highest of their scores."""
    mean: float
    """Of their scores."""
    useful: int
    """Those whose last verdict says so."""
    noise: int


class AlertSums:
    """Counts alerts one by one, by these of `GROUPS`."""

    def __init__(self, by: Sequence[str]) -> None:
        self._by = by
        self._tallies: dict[tuple[str, ...], _Tally] = {}

    def add(self, line: AlertLine) -> None:
        """Count one more."""
        group = tuple(GROUPS[name](line) for name in self._by)
        tally = self._tallies.setdefault(group, _Tally())
        tally.alerts += 1
        tally.retracted += line.retracted
        tally.highest = max(tally.highest, line.score)
        tally.scores += line.score
        tally.useful += line.verdict is not None and line.verdict.verdict == "useful"
        tally.noise += line.verdict is not None and line.verdict.verdict == "noise"

    def sums(self) -> list[AlertSum]:
        """In the order of their groups."""
        return [
            AlertSum(
                dict(zip(self._by, group, strict=True)),
                tally.alerts,
                tally.retracted,
                tally.highest,
                round(tally.scores / tally.alerts, 1),
                tally.useful,
                tally.noise,
            )
            for group, tally in sorted(self._tallies.items(), key=lambda pair: pair[0])
        ]


@dataclass(slots=True)
class _Tally:
    alerts: int = 0
    retracted: int = 0
    highest: float = 0.0
    scores: float = 0.0
    useful: int = 0
    noise: int = 0
