"""Events that are too long for a body, made to fit: the proof first, the names of things last.

Every key stays, with a value of the same kind. What was shortened is told: `data.shortened` holds
the keys whose values are not whole.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

MAX_BODY_BYTES = 19_500
"""Bytes of a body: 20 kB, which Standard Webhooks recommends as the most, and within them room for
the envelope of CloudEvents."""

_WHOLE = sys.maxsize
_SHORTEST_URL = 500
"""Bytes. Half a URL leads nowhere, so one is left out instead, and no earlier than this."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may stand in an event; texts in bytes of JSON."""

    pieces: int = _WHOLE
    """Pieces of evidence."""
    sentence: int = _WHOLE
    """Of each of them."""
    summary: int = _WHOLE
    items: int = _WHOLE
    """Of any other list: terms, clauses, sources, tags, the alerts of a digest."""
    text: int = _WHOLE
    """Any other text. The ids that Tocsin makes, and those of rules, have no more than 100."""


_LADDER: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("pieces", (20, 10, 5, 3, 2, 1)),
    ("sentence", (1000, 500, 250)),
    ("summary", (1000, 500, 200)),
    ("items", (50, 20, 10, 5, 3, 2, 1)),
    ("text", (2000, 1000, 500, 250, 120)),
)
"""What is shortened, in this order, and how far; each step keeps what the ones before it took."""


def encode(said: Mapping[str, Any]) -> bytes:
    """An event as compact JSON in UTF-8."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def shorten(said: Mapping[str, Any]) -> bytes:
    """An event that has more than MAX_BODY_BYTES bytes, within them."""
    body, before = b"", None
    for limits in _steps():
        cut = _Cut(limits)
        data = {**cut.block(said["data"], ""), "shortened": list(cut.names)}
        if data == before:  # the step took nothing
            continue
        body, before = encode({**said, "data": data}), data
        if len(body) <= MAX_BODY_BYTES:
            break
    return body


def _steps() -> Iterator[Limits]:
    limits = Limits()
    for name, ladder in _LADDER:
        for most in ladder:
            limits = replace(limits, **{name: most})
            yield limits


class _Cut:
    """Walks through an event's data under some limits, and notes the names of what it shortened."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.names: dict[str, None] = {}

    def block(self, block: Mapping[str, Any], inside: str) -> dict[str, Any]:
        """The block with each value within its limits; `inside` of what it stands."""
        out = {key: self._value(value, key, inside) for key, value in block.items()}
        if inside == "evidence" and isinstance(block.get("sentence"), str):
            out["sentence"] = self._sentence(block["sentence"], str(block.get("text", "")))
        return out

    def _value(self, value: Any, key: str, inside: str) -> Any:
        if key == "shortened":  # of an alert within a digest
            return value
        inside = inside if inside in ("evidence", "changes") else key
        if isinstance(value, Mapping):
            return self.block(value, inside)
        if isinstance(value, list | tuple):
            return self._list(value, key, inside)
        return self._text(value, key, inside) if isinstance(value, str) else value

    def _list(self, items: Sequence[Any], key: str, inside: str) -> list[Any]:
        most = self._limits.items
        if key == "evidence" or (inside == "changes" and key in ("from", "to")):
            most = min(most, self._limits.pieces)
        if len(items) > most:
            self.names[inside] = None
        return [self._value(one, key, inside) for one in items[:most]]

    def _text(self, text: str, key: str, inside: str) -> str:
        limits = self._limits
        if key == "sentence" and inside == "evidence":  # its block knows around which words to cut
            return text
        if key == "url":
            most = max(limits.text, _SHORTEST_URL)
            return text if self._fits(text, most, inside) else ""
        most = limits.text
        if key == "summary":
            most = min(most, limits.summary)
        if inside == "changes":
            most = min(most, limits.sentence)
        return text if self._fits(text, most, inside) else _beginning(text, most)

    def _sentence(self, sentence: str, text: str) -> str:
        """The sentence around the words that prove the match."""
        most = min(self._limits.sentence, self._limits.text)
        if self._fits(sentence, most, "evidence"):
            return sentence
        begin = max(0, sentence.find(text) - most // 4)
        return ("…" if begin else "") + _beginning(sentence[begin:], most - _size("…"))

    def _fits(self, text: str, most: int, name: str) -> bool:
        fits = _is_within(text, most)
        if not fits:
            self.names[name] = None
        return fits


def _is_within(text: str, most: int) -> bool:
    # A character has one to six bytes: where that decides, nothing has to be counted.
    return 6 * len(text) <= most or (len(text) <= most and _size(text) <= most)


def _size(text: str) -> int:
    """Bytes of a text in JSON, without its quotes."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def _beginning(text: str, most: int) -> str:
    """The beginning of a text, at most so many bytes with the ellipsis, at the end of a word."""
    if _is_within(text, most):
        return text
    room = most - _size("…")
    kept = text[: bisect_right(range(1, room + 1), room, key=lambda end: _size(text[:end]))]
    return (kept.rsplit(" ", 1)[0] or kept) + "…"
