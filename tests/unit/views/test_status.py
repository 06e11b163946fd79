"""The figures of a status: none is negative, and a server counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.store.deliveries.waiting import WaitingDeliveries
from service.store.input_stream.backlog import StreamBacklog
from service.views.status import _store, _stream

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BACKLOG = StreamBacklog(NOON, True, 0, 0, None, 90, NOON, 0, 0)
WAITING = WaitingDeliveries(NOON, 0, 0, 0, None, {"open": 2, "closed": 0}, ())


@pytest.mark.parametrize(
    ("added", "ago", "rate"),
    [(30, MINUTE, 1.0), (90, MINUTE, 0.0), (150, MINUTE, 0.0), (30, 0 * MINUTE, None)],
)
def test_a_stream_has_a_rate_once_time_has_passed(
    added: int, ago: timedelta, rate: float | None
) -> None:
    """One that was deleted and begun anew has none below 0."""
    earlier = replace(BACKLOG, at=NOON - ago, added=added)
    assert _stream("articles", BACKLOG, earlier, WAITING).added_per_second == rate
    assert _stream("articles", BACKLOG, None, WAITING).added_per_second is None


@pytest.mark.parametrize(
    ("since", "seconds"), [(None, 0), (NOON - MINUTE, 60), (NOON, 0), (NOON + MINUTE, 0)]
)
def test_what_is_due_later_waits_for_no_time(since: datetime | None, seconds: float) -> None:
    """Lanes without a delivery are not shown."""
    shown = _stream("articles", BACKLOG, None, replace(WAITING, oldest_due=since))
    assert (shown.oldest_due_seconds, shown.lanes) == (seconds, {"open": 2})


def test_a_server_of_several_streams_counts_once() -> None:
    """And the figures are those of the one that holds most."""
    large = {"run_id": "b", "used_memory": 9, "redis_version": "7.2.4", "aof_enabled": 1}
    servers = [{"run_id": "a", "used_memory": 5}, large, large]
    shown = _store(servers, 0.0, ())
    assert (shown.servers, shown.memory_bytes) == (2, 9)
    assert (shown.version, shown.append_only) == ("Redis 7.2.4", True)
