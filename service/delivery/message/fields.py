"""What stands in an event, taken out so that nothing which is missing or odd breaks a message.

Words come out as one line that steers nobody's terminal, mail header or reading direction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

LONGEST_URL = 2000
"""Code points. A longer address is shown by no channel as a link that works everywhere."""

# Controls, lone surrogates, and what overrides the direction of all the text after it; the marks
# that Arabic and Hebrew need (LRM, RLM, ALM) stay.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def block(value: object, *path: str) -> Mapping[str, Any]:
    """The block under this path; an empty one where there is none."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def blocks(value: object) -> Sequence[Mapping[str, Any]]:
    """The blocks of a list; none where it is no list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def words(value: object, longest: int = 500) -> str:
    """A text or a number as one line of at most so many code points; "" for anything else."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        return ""
    # Cut before it is looked through: what is sent on is short, however long a field is.
    line = " ".join(_UNWANTED.sub(" ", value[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def apart(text: str) -> str:
    """The text so that it reads in its own direction among others: a name in Arabic in a list that
    goes from left to right would take the comma and the number behind it along.
    """
    turns = any(unicodedata.bidirectional(one) in ("R", "AL") for one in text)
    return f"\u2068{text}\u2069" if turns else text


def number(value: object) -> float:
    """A number; 0 for anything else."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
    return float(value) if good and isinstance(value, int | float) else 0.0


def web_address(value: object) -> str:
    """An http or https address that can stand in any message; "" for anything else."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_URL:
        return ""
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return ""
    # What would end a link early in some form of message, or is not to be seen.
    odd = _UNWANTED.search(value) or re.search(r"[\s<>\"'`|\\]", value)
    return value if parts.scheme in ("http", "https") and host and not odd else ""


def moment(value: object) -> str:
    """RFC 3339 in UTC as people read it: `2026-11-23 09:00 UTC`; other words as they are."""
    text = words(value, 40)
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z", text)
    return f"{found[1]} {found[2]} UTC" if found else text
