"""Moments of a replay: ms since 1970, as the ids of stream entries begin."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

ENTRY_ID = re.compile(r"\d{1,20}-\d{1,20}", re.ASCII)
"""The id of a stream entry."""


def from_ms(moment: int) -> datetime:
    """The moment, in UTC."""
    return _FIRST + moment * _MS


def to_ms(moment: datetime) -> int:
    """The same as ms."""
    return (moment - _FIRST) // _MS


def ms_of(entry_id: str) -> int:
    """When an entry was added to its stream."""
    return int(entry_id.partition("-")[0])
