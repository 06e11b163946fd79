"""When a delivery that failed is tried again (DESIGN.md §7)."""

from __future__ import annotations

from collections.abc import Sequence

from service.delivery.outcome import GiveUp, Retry

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

SCHEDULE: tuple[float, ...] = (
    5,  # a restart
    5 * MINUTE,  # a deployment that went wrong
    30 * MINUTE,
    2 * HOUR,  # somebody was called
    5 * HOUR,
    10 * HOUR,  # the next working day, in any time zone
    10 * HOUR,
)
"""Seconds from each failed attempt to the next: eight attempts over 27 hours and 35 minutes."""

SPREAD = 0.2
"""Share of a delay that it may be shorter or longer, so that what failed together returns apart."""

LONGEST_WAIT = DAY
"""However long a receiver asks to be left alone, it is tried again after a day."""
LONGEST_REST = HOUR
"""However long a receiver asks to be left alone, its other deliveries wait for an hour at most."""

LONGEST_QUIET = 25 * HOUR
"""Quiet hours from one minute to the same of the next day, when the clocks are set back."""


def longest_delay(schedule: Sequence[float], spread: float) -> float:
    """Seconds from now to the latest moment for which any delivery can be due."""
    return max((LONGEST_WAIT, *(delay * (1 + spread) for delay in schedule))) + LONGEST_QUIET


def next_delay(
    attempt: int,
    outcome: Retry | GiveUp,
    *,
    schedule: Sequence[float],
    jitter: float,
    spread: float = SPREAD,
) -> float | None:
    """Seconds from the failure of this attempt (counted from 1) to the next; None: there is none.

    `jitter` in [0, 1) chooses the place within the spread, a share of the delay. What the receiver
    asked for is a least delay: it is never tried earlier, nor for its sake earlier than the
    schedule says.
    """
    if isinstance(outcome, GiveUp) or attempt > len(schedule):
        return None
    delay = schedule[attempt - 1] * (1 - spread + 2 * spread * jitter)
    return max(delay, min(outcome.after or 0.0, LONGEST_WAIT))
