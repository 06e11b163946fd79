"""How and when an event is sent to a subscriber: at once, after quiet hours, in a digest."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.routing import AT_ONCE, route
from service.rules.schema.hours import DigestTimes, QuietHours

LONDON = ZoneInfo("Europe/London")
NIGHT = QuietHours(time(22), time(7), LONDON, frozenset({"critical"}))
LUNCH = QuietHours(time(12), time(13), LONDON, frozenset())
MOMENTS = st.integers(1_700_000_000, 1_830_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


def moment(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text + "+00:00")


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
def test_quiet_hours(quiet: QuietHours | None, severity: str, at: str, heard: str | None) -> None:
    """What comes up in them is heard of at their end, unless it breaks through."""
    found = route(severity, moment(at), quiet=quiet)
    if heard is None:
        assert found == AT_ONCE
    else:
        assert found.not_before == moment(heard)


def test_a_digest_keeps_quiet_hours() -> None:
    """One that would come at night comes in the morning."""
    found = route(
        "critical",
        moment("2026-11-23T23:10"),
        quiet=NIGHT,
        digest=DigestTimes(every=timedelta(hours=1)),
    )
    assert found.digest_due == moment("2026-11-24T07:00")


@given(MOMENTS)
def test_nobody_waits_longer_than_the_quiet_hours(at: datetime) -> None:
    """Nor does anything arrive within them."""
    heard = route("high", at, quiet=NIGHT).not_before
    if heard:
        assert timedelta(0) < heard - at <= timedelta(hours=10)
        assert heard.astimezone(LONDON).time() == time(7)
    else:
        assert time(7) <= at.astimezone(LONDON).time() < time(22)
