"""How a score compares with earlier ones."""

from __future__ import annotations

import pytest

from service.views.alerts.score_rank import ScoreRank, score_rank


@pytest.mark.parametrize(
    ("score", "recent", "expected", "percentile"),
    [
        (50, [50.0], ScoreRank(0, 1), 0),
        (50, [49.9, 50.0, 50.1], ScoreRank(1, 3), 33),
        (99.9, [1.0] * 200, ScoreRank(200, 200), 100),
    ],
)
def test_equal_scores_are_not_lower(
    score: float, recent: list[float], expected: ScoreRank, percentile: int
) -> None:
    """Whatever their order."""
    found = score_rank(score, recent)
    assert found == expected
    assert found is not None
    assert found.percentile == percentile


def test_without_alerts_there_is_no_rank() -> None:
    """Zero per cent of nothing would say that the score is low."""
    assert score_rank(50, []) is None
