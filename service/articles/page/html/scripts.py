"""Scripts, styles and comments: most of a large page, and nothing of its text."""

from __future__ import annotations

import re

_OPENING = re.compile(rb"<(?:(?P<name>script|style)\b|!--)", re.IGNORECASE)
_LONGEST_TAG = 4_000
"""Bytes of a tag; a longer one is none."""
_CLOSING = {
    b"script": re.compile(rb"</script[^>]{0,20}>", re.IGNORECASE),
    b"style": re.compile(rb"</style[^>]{0,20}>", re.IGNORECASE),
    b"": re.compile(rb"-->"),
}
# In JSON a slash may be escaped; in HTML such a tag is a string of the script, which goes on.
_CLOSING_IN_JSON = _CLOSING | {
    b"script": re.compile(rb"<\\?/script[^>]{0,20}>", re.IGNORECASE),
    b"style": re.compile(rb"<\\?/style[^>]{0,20}>", re.IGNORECASE),
}
_METADATA = b"ld+json"
"""Scripts with this in their tag say what the page is, and stay."""
_QUOTE = re.compile(rb"(?<!\\)\"")


def without_scripts(raw: bytes, *, in_json: bool = False) -> bytes:
    """The HTML without them; what is not closed stays. In JSON, nothing goes beyond its string."""
    kept: list[bytes] = []
    done = at = 0
    tag_end = 0
    never_closed: set[bytes] = set()
    closings = _CLOSING_IN_JSON if in_json else _CLOSING
    while opening := _OPENING.search(raw, at):
        at = opening.end()
        name = (opening["name"] or b"").lower()
        if name:
            if tag_end <= at:  # many tags may end at one place: it is searched for once
                tag_end = raw.find(b">", at) + 1 or len(raw) + _LONGEST_TAG + 1
            if tag_end - at > _LONGEST_TAG:
                continue
            at = tag_end
        tag = raw[opening.start() : at]
        closing = None if name in never_closed else closings[name].search(raw, at)
        if closing is None:
            never_closed.add(name)
            continue
        at = closing.end()
        said = raw[opening.start() : at]
        if _METADATA in tag.lower() or (in_json and _QUOTE.search(said)):
            continue
        kept.append(raw[done : opening.start()])
        done = at
    return b"".join([*kept, raw[done:]])
