"""Time in slots of five minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SLOT = timedelta(minutes=5)
"""Arrivals within one slot count once: a fetcher brings several articles at a time."""
SLOTS_AN_HOUR = timedelta(hours=1) // SLOT
SLOTS_A_DAY = timedelta(days=1) // SLOT
SLOTS_A_WEEK = 7 * SLOTS_A_DAY
HOURS_A_WEEK = 168


def slot_of(milliseconds: float) -> int:
    """The number of the slot that a time is in, as Redis keeps time."""
    return int(milliseconds // (1000 * SLOT.total_seconds()))


def slot_start(slot: int) -> datetime:
    """When a slot begins."""
    return datetime.fromtimestamp(slot * SLOT.total_seconds(), UTC)


def hour_of_week(slot: int) -> int:
    """The hour of the week (UTC) that a slot is in; hour 0 is that in which time began."""
    return slot // SLOTS_AN_HOUR % HOURS_A_WEEK
