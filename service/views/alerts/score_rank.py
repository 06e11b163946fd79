"""How a score compares with those of a watchlist's newest alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest

from service.store.outbox import Outbox
from service.views.alerts.alert_list import AlertFilter, AlertLine, alert_lines

RECENT_ALERTS = 200
"""Newest alerts of a watchlist that a score is compared with."""


@dataclass(frozen=True, slots=True)
class ScoreRank:
    """How many of a watchlist's newest alerts have a lower score."""

    lower: int
    alerts: int

    @property
    def percentile(self) -> int:
        """The share of those with a lower score, in per cent."""
        return 100 * self.lower // self.alerts


def score_rank(score: float, recent: Sequence[float]) -> ScoreRank | None:
    """The rank of a score among the scores of recent alerts; None where there are none."""
    return ScoreRank(sum(one < score for one in recent), len(recent)) if recent else None


async def recent_scores(outboxes: Iterable[Outbox], watchlist: str) -> list[float]:
    """The scores of its newest alerts in all streams. Raises what the store raises."""
    found: list[AlertLine] = []
    for outbox in outboxes:
        number = 0
        async for line in alert_lines(outbox, AlertFilter(watchlist=watchlist), None):
            found.append(line)
            number += 1
            if number == RECENT_ALERTS:
                break
    newest = nlargest(RECENT_ALERTS, found, key=lambda line: line.at)
    return [line.score for line in newest]
