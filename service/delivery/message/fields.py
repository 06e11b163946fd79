"""Reads parts of an event: a part that is missing or odd never breaks a message.

Texts are read as one line without characters that control a terminal, a mail header or the
reading direction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

MAX_URL_CHARS = 2000
"""Code points. A longer link does not work everywhere in any channel."""

# Controls, lone surrogates, and characters that override the direction of all text after them. The
# marks that Arabic and Hebrew need (LRM, RLM, ALM) stay.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def block(value: object, *path: str) -> Mapping[str, Any]:
    """The object under this path; an empty one where there is none."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def blocks(value: object) -> Sequence[Mapping[str, Any]]:
    """The objects in a list; none where the value is not a list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def words(value: object, max_chars: int = 500) -> str:
    """A text or a number as one line of at most `max_chars` code points; "" for anything else."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        return ""
    # Cut before it is cleaned: a field may be very long.
    line = " ".join(_UNWANTED.sub(" ", value[: 4 * max_chars]).split())
    return line if len(line) <= max_chars else line[: max_chars - 1].rstrip() + "…"


def apart(text: str) -> str:
    """The text with marks that isolate its direction from the text around it.

    Without them, an Arabic name in a list from left to right would pull the comma and the number
    after it to its other side.
    """
    turns = any(unicodedata.bidirectional(one) in ("R", "AL") for one in text)
    return f"\u2068{text}\u2069" if turns else text


def number(value: object) -> float:
    """A number; 0 for anything else."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
    return float(value) if good and isinstance(value, int | float) else 0.0


def web_address(value: object) -> str:
    """An http or https URL that any message can hold; "" for anything else."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_URL_CHARS:
        return ""
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return ""
    # Characters that would end a link early in some channel, or that are invisible.
    odd = _UNWANTED.search(value) or re.search(r"[\s<>\"'`|\\]", value)
    return value if parts.scheme in ("http", "https") and host and not odd else ""


def moment(value: object) -> str:
    """A time in RFC 3339 and UTC, for people: `2026-11-23 09:00 UTC`; another text unchanged."""
    text = words(value, 40)
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z", text)
    return f"{found[1]} {found[2]} UTC" if found else text
