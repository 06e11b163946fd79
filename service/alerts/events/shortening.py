"""Shortens events that are too long for a body: the evidence first, names last.

Every key stays, with a value of the same type. `data.shortened` lists the keys whose values were
shortened.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

MAX_BODY_BYTES = 19_500
"""Standard Webhooks recommends at most 20 kB; this leaves room for the envelope of CloudEvents."""
MAX_DIGEST_BYTES = 249_500
"""Of a digest, which has an entry for each alert that it counts."""

_NO_LIMIT = sys.maxsize
_MIN_URL_BYTES = 500
"""A longer URL may be left out, since half a URL leads nowhere; a shorter one always stays."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the parts of an event may be; texts in bytes of JSON."""

    pieces: int = _NO_LIMIT
    """Pieces of evidence."""
    sentence: int = _NO_LIMIT
    """The sentence of each piece."""
    summary: int = _NO_LIMIT
    items: int = _NO_LIMIT
    """Items of any other list: terms, clauses, sources, tags, the alerts of a digest."""
    text: int = _NO_LIMIT
    """Any other text. The ids that Tocsin makes, and those of rules, are never longer than 100."""


_LADDER: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("pieces", (20, 10, 5, 3, 2, 1)),
    ("sentence", (1000, 500, 250)),
    ("summary", (1000, 500, 200)),
    ("items", (50, 20, 10, 5, 3, 2, 1)),
    ("text", (2000, 1000, 500, 250, 120)),
)
"""What is shortened, in this order, and how far; each step keeps the limits before it."""


def encode(said: Mapping[str, Any]) -> bytes:
    """An event as compact JSON in UTF-8."""
    return orjson.dumps(said)


def max_body_bytes(said: Mapping[str, Any]) -> int:
    """How long the body of an event may be."""
    return MAX_DIGEST_BYTES if said["type"] == "digest.created" else MAX_BODY_BYTES


def shorten(said: Mapping[str, Any]) -> bytes:
    """The body of an event that is too long: at most `max_body_bytes`."""
    body, before, most = b"", None, max_body_bytes(said)
    for limits in _steps():
        cut = _Cut(limits)
        data = {**cut.block(said["data"], ""), "shortened": list(cut.names)}
        if data == before:  # the step shortened nothing
            continue
        body, before = encode({**said, "data": data}), data
        if len(body) <= most:
            break
    return body


def _steps() -> Iterator[Limits]:
    limits = Limits()
    for name, ladder in _LADDER:
        for most in ladder:
            limits = replace(limits, **{name: most})
            yield limits


class _Cut:
    """Shortens an event's data to some limits, and notes the keys of what it shortened."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.names: dict[str, None] = {}

    def block(self, block: Mapping[str, Any], inside: str) -> dict[str, Any]:
        """The block with each value within its limits; `inside` is the key that holds the block."""
        out = {key: self._value(value, key, inside) for key, value in block.items()}
        if inside == "evidence" and isinstance(block.get("sentence"), str):
            out["sentence"] = self._sentence(block["sentence"], str(block.get("text", "")))
        return out

    def _value(self, value: Any, key: str, inside: str) -> Any:
        if key == "shortened":  # an alert within a digest has one of its own
            return value
        inside = inside if inside in ("evidence", "changes") else key
        if isinstance(value, Mapping):
            return self.block(value, inside)
        if isinstance(value, list | tuple):
            return self._list(value, key, inside)
        return self._text(value, key, inside) if isinstance(value, str) else value

    def _list(self, items: Sequence[Any], key: str, inside: str) -> list[Any]:
        most = self._limits.items
        if key == "others":  # a digest names all that it counts
            most = len(items)
        if key == "evidence" or (inside == "changes" and key in ("from", "to")):
            most = min(most, self._limits.pieces)
        if len(items) > most:
            self.names[inside] = None
        return [self._value(one, key, inside) for one in items[:most]]

    def _text(self, text: str, key: str, inside: str) -> str:
        limits = self._limits
        if key == "sentence" and inside == "evidence":  # block() cuts it around its words
            return text
        if key == "url":
            most = max(limits.text, _MIN_URL_BYTES)
            return text if self._fits(text, most, inside) else ""
        most = limits.text
        if key == "summary":
            most = min(most, limits.summary)
        if inside == "changes":
            most = min(most, limits.sentence)
        return text if self._fits(text, most, inside) else _beginning(text, most)

    def _sentence(self, sentence: str, text: str) -> str:
        """The part of the sentence around the words of the evidence."""
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
    # A character has one to six bytes: often its number decides, and nothing must be encoded.
    return 6 * len(text) <= most or (len(text) <= most and _size(text) <= most)


def _size(text: str) -> int:
    """Bytes of the text in JSON, without its quotes."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def _beginning(text: str, most: int) -> str:
    """The beginning of the text, cut after a word: with `…` at most `most` bytes."""
    if _is_within(text, most):
        return text
    room = most - _size("…")
    kept = text[: bisect_right(range(1, room + 1), room, key=lambda end: _size(text[:end]))]
    return (kept.rsplit(" ", 1)[0] or kept) + "…"
