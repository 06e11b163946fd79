"""When a subscriber is notified: quiet hours and the times of digests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

UNIVERSAL = ZoneInfo("UTC")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours in which a subscriber is not notified, by its own clock; they may include midnight."""

    begin: time
    end: time
    zone: ZoneInfo
    except_severities: frozenset[str]
    """Severities that are sent nevertheless."""


@dataclass(frozen=True, slots=True)
class DigestTimes:
    """When a digest is sent: every so often, or at times of the day."""

    every: timedelta | None = None
    at: tuple[time, ...] = ()
    """Used if `every` is None."""
    zone: ZoneInfo = UNIVERSAL


def end_of_quiet_hours(quiet: QuietHours | None, at: datetime) -> datetime | None:
    """When the quiet hours end that `at` is in; None if it is in none."""
    if quiet is None:
        return None
    day = at.astimezone(quiet.zone).date()
    for days in (-1, 0):
        begin = datetime.combine(day + timedelta(days), quiet.begin)
        end = datetime.combine(day + timedelta(days), quiet.end)
        if quiet.end <= quiet.begin:
            end += timedelta(1)
        first, last = _to_utc(begin, quiet.zone), _to_utc(end, quiet.zone)
        if first <= at < last:
            return last
    return None


def wait_until(quiet: QuietHours | None, severity: str, at: datetime) -> datetime | None:
    """When an event of this severity may be sent; None: at once, at `at`."""
    if quiet is None or severity in quiet.except_severities:
        return None
    return end_of_quiet_hours(quiet, at)


def next_digest(times: DigestTimes, at: datetime) -> datetime:
    """The time of the first digest after `at`; every process computes the same.

    Digests that are sent every so often are sent at multiples of that since 1970. A time of day
    that a change of the clocks leaves out comes when they have changed; one that comes twice, the
    first time.
    """
    if times.every:
        return _EPOCH + ((at - _EPOCH) // times.every + 1) * times.every
    today = at.astimezone(times.zone).date()
    candidates = (
        _to_utc(datetime.combine(today + timedelta(days), each), times.zone)
        for days in (0, 1)
        for each in times.at
    )
    return min(candidate for candidate in candidates if candidate > at)


def _to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time in UTC; in a gap of the clocks, by the offset before the gap."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
