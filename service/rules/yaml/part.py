"""One part of a YAML file, a watchlist for one: its value, and where the things in it stand.

Places cost more than values, so they are worked out only when a fault is found in a part: its text
is then parsed once more, by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import yaml

from service.errors import Fault
from service.rules.yaml.document import Document, Node, Path, Value, events, node


class Span(NamedTuple):
    """Where a part stands: offsets into the file's text, and the place of its first character."""

    start: int
    end: int
    line: int
    """From 0."""
    column: int
    """From 0."""


class Place(NamedTuple):
    """Where to find a part again: the file, the number in its section, the span."""

    file: str
    number: int
    span: Span


@dataclass
class Part:
    """A value right below a section: an item of its list, or an entry of its block."""

    document: Document
    path: Path
    """The section's name, and the item's number or the entry's key."""
    span: Span
    value: Value = None
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The lines, from 1, of the items of each list that is an entry of this part."""
    key: Node | None = None
    """Where its key stands, if it is an entry."""

    @property
    def file(self) -> str:
        """The file that it stands in."""
        return self.document.file

    @property
    def faults(self) -> list[Fault]:
        """The faults of its file, this part's among them."""
        return self.document.faults

    def comes_before(self, other: Part) -> bool:
        """Whether it stands before another; files are read in the order of their names."""
        return (self.file, self.span.start) < (other.file, other.span.start)

    @cached_property
    def _places(self) -> _Places:
        return _Places(self)

    def reread(self) -> Value:
        """Its value, from its own text."""
        return self._places.value

    def has(self, path: Path) -> bool:
        """Whether something stands under `path`, which begins with the part's own."""
        return path in self._places.nodes

    def fault(
        self, path: Path, message: str, hint: str = "", *, at: tuple[int, int] | None = None
    ) -> Fault:
        """A fault at the value under `path`, or at code points `at` within that value's text.

        Where the path itself is absent, the nearest thing around it is pointed at.
        """
        nodes, keys = self._places.nodes, self._places.keys
        found = nodes.get(path) or keys.get(path)
        while found is None and len(path) > len(self.path):
            path = path[:-1]
            found = keys.get(path) or nodes.get(path)
        if at is not None and found is not None and found.text is not None:
            start, end = _span(self.document.text, found, *at)
            found = Node(start, end, end - start)
        return self.document.fault_at(found, message, hint)

    def key_fault(self, path: Path, message: str, hint: str = "") -> Fault:
        """A fault at the key that leads to `path`."""
        found = self._places.keys.get(path)
        if found is None:
            return self.fault(path, message, hint)
        return self.document.fault_at(found, message, hint)


class _Places:
    """Value and places of one part, out of its own text."""

    def __init__(self, part: Part) -> None:
        span = part.span
        self.nodes: dict[Path, Node] = {}
        self.keys: dict[Path, Node] = {} if part.key is None else {part.path: part.key}
        self.value: Value = None
        if span.start == span.end:  # nothing stands there
            self.nodes[part.path] = Node(span.start, span.end, 1, text="")
            return
        # Spaces before it keep the columns, by which YAML tells what belongs together.
        text = " " * span.column + part.document.text[span.start : span.end]
        self._shift = span.start - span.column
        self._next = events(text)
        self._next()  # the start of the stream
        self._next()  # the start of the document
        self.value = self._value(self._next(), part.path)

    def _value(self, event: Any, path: Path) -> Value:
        self.nodes[path] = node(event, self._shift)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not isinstance(event := self._next(), yaml.SequenceEndEvent):
                items.append(self._value(event, (*path, len(items))))
            return items
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return scalar(event)

    def _mapping(self, path: Path) -> dict[str, Value]:
        out: dict[str, Value] = {}
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            name = self._value(key, (*path, "?"))
            here = (*path, name if isinstance(name, str) else "?")
            self.keys[here] = node(key, self._shift)
            out[str(here[-1])] = self._value(self._next(), here)
        return out


NOTHING = frozenset({"", "~", "null"})
"""What stands for nothing, without quotes."""


def scalar(event: Any) -> str | None:
    """The text of a scalar, None where there is nothing; of an alias, which is refused, too."""
    if type(event) is not yaml.ScalarEvent:
        return ""
    text: str = event.value
    return None if text in NOTHING and not event.style else text


def _span(text: str, node: Node, start: int, end: int) -> tuple[int, int]:
    """Offsets within a scalar's value → offsets in the file.

    The value differs from what stands in the file by quotes, escapes, indentation and folded
    lines only, so walking both in step finds each character again.
    """
    at = node.start
    if node.style in ("|", ">"):
        at = text.find("\n", at) + 1
    elif node.style:
        at += 1
    places: list[int] = []
    ends: list[int] = []
    for char in node.text or "":
        at, after = _stands(text, at, node, char)
        places.append(min(at, max(node.end - 1, 0)))
        ends.append(max(min(after, node.end), places[-1] + 1))
        at = after
        if char == " " and text[places[-1]] == "\n":  # a folded line: its indentation goes too
            while at < node.end and text[at].isspace():
                at += 1
    if not places:
        return node.start, node.start + 1
    first = places[min(start, len(places) - 1)]
    last = ends[min(max(end - 1, start), len(places) - 1)]
    if "\n" in text[first:last]:
        last = text.find("\n", first)
    return first, max(last, first + 1)


_ESCAPE = re.compile(
    r"\\(?: (?P<nothing> (?:\r\n?|\n)[\ \t]* ) | x.{2} | u.{4} | U.{8} | . )",
    re.VERBOSE | re.DOTALL,
)


def _stands(text: str, at: int, node: Node, char: str) -> tuple[int, int]:
    """From where to where a character of a scalar's value stands, looked for from `at` on."""
    while at < node.end:
        escape = _ESCAPE.match(text, at) if node.style == '"' else None
        if escape and escape["nothing"] is None:
            return escape.span()
        if escape is None and (text[at] == char or (char.isspace() and text[at].isspace())):
            break
        at = escape.end() if escape else at + 1
    return at, at + 1
