"""The tombstones of a feed (RFC 6721): elements that say which of its entries were deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape

TOMBSTONE = "deleted-entry"
"""The name of such an element, without its prefix."""
_OPENING = re.compile(rf"<(?:[\w.-]{{1,60}}:)?{TOMBSTONE}(?=[\s/>])[^<>]*>", re.IGNORECASE)
_CLOSING = re.compile(rf"</(?:[\w.-]{{1,60}}:)?{TOMBSTONE}\s*>\s*\Z", re.IGNORECASE)
_REF = re.compile(r"\sref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_ID = re.compile(r"<(?:[\w.-]{1,60}:)?(?:id|guid)\b[^<>]*>([^<]*)</", re.IGNORECASE)


def deleted_id(item: str) -> str:
    """The id of the entry that an element of a feed says was deleted; "" where it says none."""
    opening = _OPENING.match(item)
    found = _REF.search(opening[0]) if opening else None
    return unescape(found[1] or found[2] or "").strip() if found else ""


def is_tombstone(item: str) -> bool:
    """Whether an element of a feed is a tombstone, with an id or without."""
    return _OPENING.match(item) is not None


def as_entry(item: str) -> str:
    """An entry with the id of the deleted one, and all else that the tombstone says."""
    inner = _CLOSING.sub("", _OPENING.sub("", item, count=1))
    return f"<entry><id>{escape(deleted_id(item))}</id>{inner}</entry>"


def effective(items: Iterable[str]) -> list[str]:
    """The elements of a feed without tombstones that say nothing new.

    An entry that stands in the feed counts, whatever a tombstone says: it may have come back.
    """
    kept = [*items]
    if not any(map(is_tombstone, kept)):
        return kept
    entries = (each for each in kept if not is_tombstone(each))
    known = {unescape(found[1]).strip() for each in entries for found in _ID.finditer(each)}
    chosen: list[str] = []
    for each in kept:
        id_ = deleted_id(each)
        if not id_ or id_ not in known:
            chosen.append(each)
        known |= {id_} - {""}
    return chosen
