"""What a process does."""

from __future__ import annotations

from enum import Enum


class Role(Enum):
    """What a process does; by default all of it."""

    MATCH = "match"
    DELIVER = "deliver"
    WEB = "web"
