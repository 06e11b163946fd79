"""When and how a subscriber hears of an event: at once, after quiet hours, or in a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Route(NamedTuple):
    """How one subscriber hears of one event; the times are milliseconds since 1970."""

    not_before: int = 0
    """0: at once."""
    digest: str = ""
    """The digest that it goes into, instead of a delivery of its own."""
    digest_due: int = 0


AT_ONCE = Route()
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


def route(
    subscriber: str,
    severity: str,
    at: datetime,
    *,
    quiet: Quiet | None = None,
    digest: Digest | None = None,
) -> Route:
    """How a subscriber hears of something of this severity that came up at a moment.

    A digest that would come in quiet hours comes at their end, whatever it holds.
    """
    if digest is not None:
        due = next_digest(digest, at)
        return Route(0, f"d/{subscriber}", _milliseconds(_after(quiet, due) or due))
    end = quiet_end(quiet, severity, at)
    return Route(_milliseconds(end)) if end else AT_ONCE


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


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
