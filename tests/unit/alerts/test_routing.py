"""When a subscriber hears of something: digests and quiet hours, by clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.routing import AT_ONCE, route
from service.rules.hours import Digest, Quiet, next_digest

LONDON = ZoneInfo("Europe/London")
KOLKATA = ZoneInfo("Asia/Kolkata")
NIGHT = Quiet(time(22), time(7), LONDON, frozenset({"critical"}))
LUNCH = Quiet(time(12), time(13), LONDON, frozenset())
MOMENTS = st.integers(1_700_000_000, 1_830_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


def moment(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text + "+00:00")


@pytest.mark.parametrize(
    ("digest", "at", "due"),
    [
        (Digest(every=3600), "2026-11-23T09:00:00", "2026-11-23T10:00:00"),
        (Digest(every=3600), "2026-11-23T09:59:59.9", "2026-11-23T10:00:00"),
        (Digest(at=(time(8),), zone=LONDON), "2026-11-23T07:59:59", "2026-11-23T08:00:00"),
        (Digest(at=(time(8),), zone=LONDON), "2026-11-23T08:00:00", "2026-11-24T08:00:00"),
        (Digest(at=(time(8),), zone=LONDON), "2026-07-01T06:59:00", "2026-07-01T07:00:00"),
        (Digest(at=(time(8),), zone=KOLKATA), "2026-11-23T02:00:00", "2026-11-23T02:30:00"),
        (Digest(at=(time(8), time(17)), zone=LONDON), "2026-11-23T12:00", "2026-11-23T17:00:00"),
        # 01:30 does not exist on the day in March, and comes twice on the day in October.
        (Digest(at=(time(1, 30),), zone=LONDON), "2026-03-29T00:45", "2026-03-29T01:30:00"),
        (Digest(at=(time(1, 30),), zone=LONDON), "2026-10-25T00:00", "2026-10-25T00:30:00"),
        (Digest(at=(time(1, 30),), zone=LONDON), "2026-10-25T00:31", "2026-10-26T01:30:00"),
    ],
)
def test_the_next_digest(digest: Digest, at: str, due: str) -> None:
    """At multiples of its span, or when the subscriber's clock says so."""
    assert next_digest(digest, moment(at)) == moment(due)


@given(MOMENTS, st.sampled_from([LONDON, KOLKATA, ZoneInfo("America/New_York")]))
def test_a_daily_digest_comes_once_a_day(at: datetime, zone: ZoneInfo) -> None:
    """Whatever the clocks do: later than now, by 25 hours at most, and not twice in a day."""
    digest = Digest(at=(time(2, 30),), zone=zone)
    first = next_digest(digest, at)
    assert timedelta(0) < first - at <= timedelta(hours=25)
    second = next_digest(digest, first)
    assert timedelta(hours=22) < second - first <= timedelta(hours=26)


@pytest.mark.parametrize(
    ("quiet", "severity", "at", "heard"),
    [
        (NIGHT, "high", "2026-11-23T23:00:00", "2026-11-24T07:00:00"),
        (NIGHT, "high", "2026-11-24T06:59:59", "2026-11-24T07:00:00"),
        (NIGHT, "high", "2026-11-24T07:00:00", None),
        (NIGHT, "high", "2026-11-23T21:59:59", None),
        (NIGHT, "critical", "2026-11-23T23:00:00", None),
        (NIGHT, "high", "2026-07-01T21:30:00", "2026-07-02T06:00:00"),
        (LUNCH, "critical", "2026-11-23T12:30:00", "2026-11-23T13:00:00"),
        (None, "high", "2026-11-23T23:00:00", None),
    ],
)
def test_quiet_hours(quiet: Quiet | None, severity: str, at: str, heard: str | None) -> None:
    """What comes up in them is heard of at their end, unless it breaks through."""
    found = route("desk", severity, moment(at), quiet=quiet)
    if heard is None:
        assert found == AT_ONCE
    else:
        assert found.not_before == moment(heard).timestamp() * 1000


def test_a_digest_keeps_quiet_hours() -> None:
    """One that would come at night comes in the morning."""
    found = route(
        "desk", "critical", moment("2026-11-23T23:10"), quiet=NIGHT, digest=Digest(every=3600)
    )
    assert found.digest == "d/desk"
    assert found.digest_due == moment("2026-11-24T07:00").timestamp() * 1000


@given(MOMENTS)
def test_nobody_waits_longer_than_the_quiet_hours(at: datetime) -> None:
    """Nor does anything arrive within them."""
    waited = route("desk", "high", at, quiet=NIGHT).not_before
    if waited:
        heard = datetime.fromtimestamp(waited / 1000, UTC)
        assert timedelta(0) < heard - at <= timedelta(hours=10)
        assert heard.astimezone(LONDON).time() == time(7)
    else:
        assert time(7) <= at.astimezone(LONDON).time() < time(22)
