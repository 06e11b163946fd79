"""Scalars of a YAML file: their text, and where each of their characters is in the file."""

from __future__ import annotations

import re
from typing import Any

import yaml

from service.rules.yaml.document import SourceNode

NULLS = frozenset({"", "~", "null"})
"""Texts that, without quotes, mean that there is no value."""


def scalar_text(event: Any) -> str | None:
    """The text of a scalar; None for no value, "" for an alias, which is refused elsewhere."""
    if type(event) is not yaml.ScalarEvent:
        return ""
    text: str = event.value
    return None if text in NULLS and not event.style else text


def source_offsets(text: str, node: SourceNode, start: int, end: int) -> tuple[int, int]:
    """Start and end offsets in the file `text` of the code points `start` to `end` of a scalar.

    A scalar's value differs from its text in the file by quotes, escapes, indentation and folded
    lines only, so one walk over both finds each character.
    """
    at = node.start
    if node.style in ("|", ">"):
        at = text.find("\n", at) + 1
    elif node.style:
        at += 1
    starts: list[int] = []
    ends: list[int] = []
    for char in node.text or "":
        at, after = _find_character(text, at, node, char)
        starts.append(min(at, max(node.end - 1, 0)))
        ends.append(max(min(after, node.end), starts[-1] + 1))
        at = after
        if char == " " and text[starts[-1]] == "\n":  # skip the indentation of a folded line
            while at < node.end and text[at].isspace():
                at += 1
    if not starts:
        return node.start, node.start + 1
    first = starts[min(start, len(starts) - 1)]
    last = ends[min(max(end - 1, start), len(starts) - 1)]
    if "\n" in text[first:last]:
        last = text.find("\n", first)
    return first, max(last, first + 1)


_ESCAPE = re.compile(
    r"\\(?: (?P<nothing> (?:\r\n?|\n)[\ \t]* ) | x.{2} | u.{4} | U.{8} | . )",
    re.VERBOSE | re.DOTALL,
)


def _find_character(text: str, at: int, node: SourceNode, char: str) -> tuple[int, int]:
    """Start and end offsets in the file of a character of a scalar, searched from `at` on."""
    while at < node.end:
        escape = _ESCAPE.match(text, at) if node.style == '"' else None
        if escape and escape["nothing"] is None:
            return escape.span()
        if escape is None and (text[at] == char or (char.isspace() and text[at].isspace())):
            break
        at = escape.end() if escape else at + 1
    return at, at + 1
