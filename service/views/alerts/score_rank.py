"""How a score compares with those of a watchlist's newest alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
