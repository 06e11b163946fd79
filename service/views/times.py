"""Times as people write and read them: `2h` ago, a day, RFC 3339; a length of time as `5m`.

Every function that reads a text raises ValueError, whose message says what to write instead.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.rules.schema import durations

MAX_DURATION = timedelta(days=366)
_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "m"))


def parse_time(text: str) -> datetime:
    """RFC 3339, or a day, which is its first moment; UTC where the text has no zone."""
    found = _time(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time; use 2026-11-23 or 2026-11-23T09:00:00Z")
    return found


def parse_past(text: str, now: datetime) -> datetime:
    """A time as `parse_time` reads it, or a duration such as `2h`: that long before `now`."""
    ago = durations.parse_duration(text.strip())
    try:
        found = _time(text) if ago is None else now - ago
    except OverflowError:  # before the year 1
        found = None
    if found is None:
        raise ValueError(
            f"{text!r} is not a time; use 2h or 3d (ago), 2026-11-23 or 2026-11-23T09:00:00Z"
        )
    return found


def parse_duration(text: str) -> timedelta:
    """A duration such as `2h`, a year at most."""
    found = durations.parse_duration(text.strip())
    if found is None or found > MAX_DURATION:
        raise ValueError(f"{text!r} is not a duration; use 90s, 20m, 2h or 3d, at most 366d")
    return found


def short_duration(duration: timedelta) -> str:
    """A length of time in its largest unit: `12s`, `5m`, `3h`, `41d`; a negative one is `0s`."""
    for unit, letter in _UNITS:
        if duration >= unit:
            return f"{duration // unit}{letter}"
    return f"{max(0.0, duration.total_seconds()):.0f}s"


def exact_duration(duration: timedelta) -> str:
    """A duration of whole seconds in its largest whole unit, as rules write it: `90m`, `1h`."""
    for unit, letter in _UNITS:
        if not duration % unit:
            return f"{duration // unit}{letter}"
    return durations.format_duration(duration)


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
