"""What a process says of its work: rates of the last minute, and how long work takes."""

from __future__ import annotations

import pytest

from service.app.jobs.heartbeat import Pace
from service.telemetry.work import WorkTotals, work_totals


def pace(*seen: tuple[float, float, float, float]) -> Pace:
    """That of a process that was seen at these seconds with these totals."""
    found = Pace()
    for at, articles, busy, deliveries in seen:
        found.add(at, WorkTotals(articles, busy, deliveries))
    return found


def test_rates_are_those_of_the_last_minute() -> None:
    """Also of a process that has just started; what came before the minute does not count."""
    assert pace((100, 0, 0, 0)).rates() == (0, 0)
    assert pace((100, 0, 0, 0), (110, 50, 1, 20)).rates() == (5, 2)
    assert pace((0, 0, 0, 0), (50, 5000, 1, 0), (80, 5000, 1, 0), (110, 5060, 2, 0)).rates()[0] == 1


def test_an_article_takes_the_time_that_was_spent_on_it() -> None:
    """And not the time in which there was none to read."""
    found = pace((0, 0, 0, 0), (10, 100, 0.5, 0), (50, 200, 1.0, 0)).seconds()
    assert found == {"match": pytest.approx(0.005)}


def test_what_was_not_measured_is_not_told() -> None:
    """What others measured before stays in force."""
    assert pace((0, 7, 1, 7), (10, 7, 1, 7)).seconds() == {}


def test_a_process_can_deliver_as_many_as_it_once_did() -> None:
    """An hour with one alert says nothing about how many it could have sent."""
    found = pace((0, 0, 0, 0), (5, 0, 0, 500), (10, 0, 0, 501)).seconds()
    assert found["deliver"] == pytest.approx(1 / 100, rel=0.02)


def test_totals_are_what_was_counted() -> None:
    """Whatever the outcome, and all stages together."""
    from service.telemetry import metrics

    before = work_totals()
    metrics.ARTICLES["matched"].inc(2)
    metrics.ARTICLES["dead_lettered"].inc()
    metrics.STAGES["read"].observe(0.25)
    metrics.STAGES["commit"].observe(0.5)
    metrics.SINCE_DUE.observe(7)
    after = work_totals()
    assert after.articles - before.articles == 3
    assert after.busy_seconds - before.busy_seconds == pytest.approx(0.75)
    assert after.deliveries - before.deliveries == 1
