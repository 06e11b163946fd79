"""Lengths of time as people write them: `90s`, `20m`, `6h`, `2d`."""

from __future__ import annotations

import re

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
"""Seconds."""


def seconds(text: str) -> int | None:
    """`20m` as seconds, from 1; None where the text is no length of time."""
    found = re.fullmatch(r"([1-9][0-9]{0,6}) ?([smhd])", text)
    return int(found[1]) * UNITS[found[2]] if found else None
