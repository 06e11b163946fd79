"""Whether a delivery that is due goes out now: the table of quiet hours."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.delivery.quiet_hours import wait_for_quiet_end
from service.rules.schema.hours import QuietHours

LONDON = ZoneInfo("Europe/London")
NIGHT = QuietHours(time(22), time(7), LONDON, frozenset({"critical"}))
ALL_DAY = QuietHours(time(0), time(0), LONDON, frozenset())
HOUR = 3600


def said(kind: str, severity: str | None = None) -> bytes:
    """An event as a subscriber gets it."""
    watchlist = {} if severity is None else {"watchlist": {"id": "jets", "severity": severity}}
    return json.dumps({"type": kind, "data": {"id": "alr_1", **watchlist}}).encode()


@pytest.mark.parametrize(
    ("quiet", "body", "at", "seconds"),
    [
        (None, said("alert.created", "high"), "2026-11-23T23:00:00+00:00", 0),
        (NIGHT, said("alert.created", "high"), "2026-11-23T21:59:59+00:00", 0),
        (NIGHT, said("alert.created", "high"), "2026-11-23T22:00:00+00:00", 9 * HOUR),
        (NIGHT, said("alert.updated", "high"), "2026-11-24T06:59:59+00:00", 1),
        (NIGHT, said("alert.created", "high"), "2026-11-24T07:00:00+00:00", 0),
        (NIGHT, said("alert.created", "critical"), "2026-11-23T23:00:00+00:00", 0),
        (NIGHT, said("alert.retracted", "low"), "2026-11-23T23:00:00+00:00", 8 * HOUR),
        # Of a digest nobody can say how severe it is; a summary is about one watchlist.
        (NIGHT, said("digest.created"), "2026-11-23T23:00:00+00:00", 8 * HOUR),
        (NIGHT, said("digest.created", "critical"), "2026-11-23T23:00:00+00:00", 0),
        (NIGHT, said("digest.created", "high"), "2026-11-23T23:00:00+00:00", 8 * HOUR),
        (NIGHT, said("delivery.exhausted"), "2026-11-23T23:00:00+00:00", 0),
        (NIGHT, said("subscriber.disabled"), "2026-11-23T23:00:00+00:00", 0),
        # The night in which the clocks are set back is an hour longer.
        (NIGHT, said("alert.created", "high"), "2026-10-24T21:00:00+00:00", 10 * HOUR),
        (ALL_DAY, said("alert.created", "high"), "2026-11-23T00:00:00+00:00", 24 * HOUR),
        (NIGHT, b"somebody changed it", "2026-11-23T23:00:00+00:00", 0),
        (NIGHT, b"[]", "2026-11-23T23:00:00+00:00", 0),
    ],
)
def test_what_is_due_waits_for_the_end_of_quiet_hours(
    quiet: QuietHours | None, body: bytes, at: str, seconds: float
) -> None:
    """As at its first moment: by the subscriber's clock, unless its severity breaks through."""
    assert wait_for_quiet_end(quiet, body, datetime.fromisoformat(at)) == timedelta(seconds=seconds)
