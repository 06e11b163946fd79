"""How a subscriber receives an event: at once, after quiet hours, or in a digest."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from service.rules.hours import DigestTimes, QuietHours, end_of_quiet_hours, next_digest, wait_until


class Route(NamedTuple):
    """How one subscriber receives one event; times are milliseconds since 1970."""

    not_before: int = 0
    """The earliest time of its delivery; 0: at once."""
    digest: str = ""
    """The digest that it goes into, instead of a delivery of its own; empty: none."""
    digest_due: int = 0
    """When that digest is due."""


AT_ONCE = Route()


def route(
    subscriber: str,
    severity: str,
    at: datetime,
    *,
    quiet: QuietHours | None = None,
    digest: DigestTimes | None = None,
) -> Route:
    """How a subscriber receives an event of this severity that was made at this time.

    A digest that is due in quiet hours comes at their end, whatever its severities.
    """
    if digest is not None:
        due = next_digest(digest, at)
        return Route(0, f"d/{subscriber}", _milliseconds(end_of_quiet_hours(quiet, due) or due))
    end = wait_until(quiet, severity, at)
    return Route(_milliseconds(end)) if end else AT_ONCE


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
