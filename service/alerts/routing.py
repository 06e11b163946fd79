"""How a subscriber receives an event: at once, after quiet hours, or in a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.rules.schema.hours import (
    DigestTimes,
    QuietHours,
    end_of_quiet_hours,
    next_digest,
    wait_until,
)


@dataclass(frozen=True, slots=True)
class Route:
    """How one subscriber receives one event."""

    not_before: datetime | None = None
    """None: at once."""
    digest_due: datetime | None = None
    """When the digest is due that the event goes into; None: it gets a delivery of its own."""


AT_ONCE = Route()


def route(
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
        return Route(digest_due=end_of_quiet_hours(quiet, due) or due)
    end = wait_until(quiet, severity, at)
    return Route(not_before=end) if end else AT_ONCE
