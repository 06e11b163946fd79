"""When a subscriber wants to hear: quiet hours and the times of digests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

UNIVERSAL = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which a subscriber is left alone, by its own clock; they may go over midnight."""

    begin: time
    end: time
    zone: ZoneInfo
    through: frozenset[str]
    """The severities that break through."""


@dataclass(frozen=True, slots=True)
class Digest:
    """How often a digest goes out: every so many seconds, or at times of the day."""

    every: int = 0
    at: tuple[time, ...] = ()
    zone: ZoneInfo = UNIVERSAL


def quiet_end(quiet: Quiet | None, severity: str, at: datetime) -> datetime | None:
    """When the quiet hours end in which this severity waits at a moment; None: it need not."""
    return None if quiet is None or severity in quiet.through else _after(quiet, at)


def next_digest(digest: Digest, at: datetime) -> datetime:
    """The first moment after `at` at which a digest goes out; every process finds the same.

    Those that go out every so often do so at multiples of that since 1970. A time of day that a
    change of the clocks leaves out comes when they have changed; one that comes twice, the first
    time.
    """
    if digest.every:
        seconds = int(at.timestamp()) // digest.every * digest.every + digest.every
        return datetime.fromtimestamp(seconds, UTC)
    today = at.astimezone(digest.zone).date()
    moments = (
        _moment(datetime.combine(today + timedelta(days), each), digest.zone)
        for days in (0, 1)
        for each in digest.at
    )
    return min(moment for moment in moments if moment > at)


def _after(quiet: Quiet | None, at: datetime) -> datetime | None:
    """When the quiet hours end that `at` is in; None where it is in none."""
    if quiet is None:
        return None
    day = at.astimezone(quiet.zone).date()
    for days in (-1, 0):
        begin = datetime.combine(day + timedelta(days), quiet.begin)
        end = datetime.combine(day + timedelta(days), quiet.end)
        if quiet.end <= quiet.begin:
            end += timedelta(1)
        first, last = _moment(begin, quiet.zone), _moment(end, quiet.zone)
        if first <= at < last:
            return last
    return None


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a local time. In a gap of the clocks, zoneinfo reckons by those before it."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
