"""Times as Redis keeps them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(milliseconds: float) -> datetime:
    """A time as Redis keeps it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
