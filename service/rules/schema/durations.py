"""Durations as people write them: `90s`, `20m`, `6h`, `2d`."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def parse_duration(text: str) -> timedelta | None:
    """`20m` as a duration, from one second on; None if the text is not a duration."""
    found = re.fullmatch(r"([1-9][0-9]{0,6}) ?([smhd])", text)
    return int(found[1]) * UNITS[found[2]] if found else None


def format_duration(duration: timedelta) -> str:
    """A duration of whole seconds, as `parse_duration` reads it: `1200s`."""
    return f"{duration // UNITS['s']}s"
