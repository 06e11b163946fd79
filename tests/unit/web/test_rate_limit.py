"""How often something may be asked for, by a clock that the test turns."""

from __future__ import annotations

import pytest

from service.web import rate_limit
from service.web.rate_limit import RateLimit


def test_a_few_at_once_and_then_one_after_the_other() -> None:
    """Whoever waits as long as it is told is let through."""
    limit = RateLimit(burst=3, seconds=2.0)
    assert [limit.wait("a", 10.0) for _ in range(3)] == [0, 0, 0]
    assert limit.wait("a", 10.0) == 2.0
    assert limit.wait("a", 11.5) == 0.5
    assert limit.wait("a", 12.0) == 0
    assert limit.wait("a", 12.0) == 2.0
    assert [limit.wait("a", 1000.0) for _ in range(4)] == [0, 0, 0, 2.0]


def test_each_has_its_own() -> None:
    """One that asks too often takes nothing from another."""
    limit = RateLimit(burst=1, seconds=2.0)
    assert limit.wait("a", 0.0) == 0
    assert limit.wait("a", 0.0) > 0
    assert limit.wait("b", 0.0) == 0


def test_only_so_many_are_remembered() -> None:
    """However many names somebody makes up; a clock that goes back adds nothing."""
    limit = RateLimit(burst=1, seconds=2.0)
    for number in range(rate_limit.MOST_KEYS + 5):
        limit.wait(str(number), 100.0)
    assert len(limit._buckets) == rate_limit.MOST_KEYS
    assert limit.wait(str(rate_limit.MOST_KEYS), 50.0) > 0


def test_those_that_asked_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks again and again is not forgotten for names that are made up meanwhile."""
    monkeypatch.setattr(rate_limit, "MOST_KEYS", 2)
    limit = RateLimit(burst=1, seconds=2.0)
    asked = [limit.wait(key, 0.0) for key in ("a", "b", "a", "c", "a", "b")]
    assert [wait > 0 for wait in asked] == [False, False, True, False, True, False]
