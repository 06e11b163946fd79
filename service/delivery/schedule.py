"""When a failed delivery is sent again (DESIGN.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from service.delivery.outcome import GiveUp, Partly, Retry

RETRY_DELAYS: tuple[timedelta, ...] = (
    timedelta(seconds=5),  # the receiver restarts
    timedelta(minutes=5),  # a deployment of the receiver fails
    timedelta(minutes=30),
    timedelta(hours=2),  # the receiver's operator is on the way
    timedelta(hours=5),
    timedelta(hours=10),  # the next working day, in any time zone
    timedelta(hours=10),
)
"""From each failed attempt to the next: eight attempts over 27 hours and 35 minutes."""

JITTER = 0.2
"""By what share a delay may be shorter or longer, so that a batch that failed does not return
as a batch."""

MAX_RETRY_AFTER = timedelta(days=1)
"""How far a receiver's Retry-After may put off the delivery that it answered."""

MAX_QUIET_HOURS = timedelta(hours=25)
"""Quiet hours from one minute to the same of the next day, when the clocks are set back."""


def max_delay(delays: Sequence[timedelta], jitter: float) -> timedelta:
    """How far in the future a delivery can be due at most."""
    return max((MAX_RETRY_AFTER, *(delay * (1 + jitter) for delay in delays))) + MAX_QUIET_HOURS


def next_delay(
    attempt: int,
    outcome: Retry | Partly | GiveUp,
    *,
    delays: Sequence[timedelta],
    draw: float,
    jitter: float = JITTER,
) -> timedelta | None:
    """From the failure of this attempt (counted from 1) to the next attempt; None: there is none.

    `draw` in [0, 1) chooses the place within the jitter, a share of the delay. The receiver's
    Retry-After is a least delay: it puts the attempt off, and never brings it forward.
    """
    if isinstance(outcome, GiveUp) or attempt > len(delays):
        return None
    delay = delays[attempt - 1] * (1 - jitter + 2 * jitter * draw)
    asked = outcome.after if isinstance(outcome, Retry) else None
    return max(delay, min(asked or timedelta(0), MAX_RETRY_AFTER))
