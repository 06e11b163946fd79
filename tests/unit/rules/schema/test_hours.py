"""The times of digests, by clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.schema.hours import DigestTimes, next_digest

HOUR = timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")
KOLKATA = ZoneInfo("Asia/Kolkata")
TWICE = DigestTimes(at=(time(8), time(17)), zone=LONDON)
MOMENTS = st.integers(1_700_000_000, 1_830_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


def moment(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text + "+00:00")


@pytest.mark.parametrize(
    ("times", "at", "due"),
    [
        (DigestTimes(every=HOUR), "2026-11-23T09:00:00", "2026-11-23T10:00:00"),
        (DigestTimes(every=HOUR), "2026-11-23T09:59:59.9", "2026-11-23T10:00:00"),
        (DigestTimes(at=(time(8),), zone=LONDON), "2026-11-23T07:59:59", "2026-11-23T08:00:00"),
        (DigestTimes(at=(time(8),), zone=LONDON), "2026-11-23T08:00:00", "2026-11-24T08:00:00"),
        (DigestTimes(at=(time(8),), zone=LONDON), "2026-07-01T06:59:00", "2026-07-01T07:00:00"),
        (DigestTimes(at=(time(8),), zone=KOLKATA), "2026-11-23T02:00:00", "2026-11-23T02:30:00"),
        (
            DigestTimes(at=(time(8), time(17)), zone=LONDON),
            "2026-11-23T12:00",
            "2026-11-23T17:00:00",
        ),
        # 01:30 does not exist on the day in March, and comes twice on the day in October.
        (DigestTimes(at=(time(1, 30),), zone=LONDON), "2026-03-29T00:45", "2026-03-29T01:30:00"),
        (DigestTimes(at=(time(1, 30),), zone=LONDON), "2026-10-25T00:00", "2026-10-25T00:30:00"),
        (DigestTimes(at=(time(1, 30),), zone=LONDON), "2026-10-25T00:31", "2026-10-26T01:30:00"),
    ],
)
def test_the_next_digest(times: DigestTimes, at: str, due: str) -> None:
    """At multiples of its period, or at times of the subscriber's clock."""
    assert next_digest(times, moment(at)) == moment(due)


@given(MOMENTS, st.sampled_from([LONDON, KOLKATA, ZoneInfo("America/New_York")]))
def test_a_daily_digest_comes_once_a_day(at: datetime, zone: ZoneInfo) -> None:
    """Whatever the clocks do: later than now, by 25 hours at most, and not twice in a day."""
    times = DigestTimes(at=(time(2, 30),), zone=zone)
    first = next_digest(times, at)
    assert timedelta(0) < first - at <= timedelta(hours=25)
    second = next_digest(times, first)
    assert timedelta(hours=22) < second - first <= timedelta(hours=26)
