"""One part of a YAML file, such as a watchlist: its value, and the places of what it holds.

Places cost more than values, so they are computed only when a part has a fault: the text of the
part is then parsed once more, alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import yaml

from service.errors import Fault, Fix
from service.rules.yaml.document import (
    Document,
    KeyPath,
    SourceNode,
    Value,
    open_events,
    source_node,
)
from service.rules.yaml.scalar import scalar_text, source_offsets


class SourceRange(NamedTuple):
    """The place of a part: offsets into the file's text, and the position of its start."""

    start: int
    end: int
    line: int
    """From 0."""
    column: int
    """From 0."""


class PartLocation(NamedTuple):
    """All that is needed to read a part again from its file."""

    file: str
    number: int
    """Its number in its section."""
    range: SourceRange


@dataclass
class Part:
    """A value directly below a section: an item of its list, or an entry of its block."""

    document: Document
    path: KeyPath
    """The section's name, and the item's number or the entry's key."""
    range: SourceRange
    value: Value = None
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The lines, from 1, of the items of each list that is an entry of this part."""
    key: SourceNode | None = None
    """The place of its key, if it is an entry."""

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.document.file

    @property
    def faults(self) -> list[Fault]:
        """The faults of its file; those of this part are added to them."""
        return self.document.faults

    @cached_property
    def _source(self) -> _PartSource:
        return _PartSource(self)

    def reread(self) -> Value:
        """Its value, read from its own text."""
        return self._source.value

    def has(self, path: KeyPath) -> bool:
        """Whether it has a value under `path`, which begins with the part's own."""
        return path in self._source.nodes

    def rest_of_line(self, path: KeyPath) -> str:
        """What the line has from the beginning of the value under `path` on; empty: no value."""
        node = self._source.nodes.get(path)
        return self.document.text[node.start :].partition("\n")[0] if node else ""

    def fault(
        self,
        path: KeyPath,
        message: str,
        hint: str = "",
        *,
        code: str,
        at: tuple[int, int] | None = None,
        fix: Fix | None = None,
    ) -> Fault:
        """A fault at the value under `path`, or at code points `at` within that value's text.

        If nothing has this path, the fault points at the nearest value or key around it.
        """
        nodes, keys = self._source.nodes, self._source.keys
        found = nodes.get(path) or keys.get(path)
        while found is None and len(path) > len(self.path):
            path = path[:-1]
            found = keys.get(path) or nodes.get(path)
        if at is not None and found is not None and found.text is not None:
            start, end = source_offsets(self.document.text, found, *at)
            found = SourceNode(start, end, end - start)
        return self.document.fault_at(found, message, hint, code=code, fix=fix)

    def key_fault(self, path: KeyPath, message: str, hint: str = "", *, code: str) -> Fault:
        """A fault at the key that leads to `path`."""
        found = self._source.keys.get(path)
        if found is None:
            return self.fault(path, message, hint, code=code)
        return self.document.fault_at(found, message, hint, code=code)


class _PartSource:
    """The value of one part and the places within it, read from its own text."""

    def __init__(self, part: Part) -> None:
        source = part.range
        self.nodes: dict[KeyPath, SourceNode] = {}
        self.keys: dict[KeyPath, SourceNode] = {} if part.key is None else {part.path: part.key}
        self.value: Value = None
        if source.start == source.end:  # the part is empty
            self.nodes[part.path] = SourceNode(source.start, source.end, 1, text="")
            return
        # Spaces before it keep the columns: YAML groups lines by their indentation.
        text = " " * source.column + part.document.text[source.start : source.end]
        self._shift = source.start - source.column
        self._next = open_events(text)
        self._next()  # the start of the stream
        self._next()  # the start of the document
        self.value = self._read_value(self._next(), part.path)

    def _read_value(self, event: Any, path: KeyPath) -> Value:
        self.nodes[path] = source_node(event, self._shift)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not isinstance(event := self._next(), yaml.SequenceEndEvent):
                items.append(self._read_value(event, (*path, len(items))))
            return items
        if isinstance(event, yaml.MappingStartEvent):
            return self._read_mapping(path)
        return scalar_text(event)

    def _read_mapping(self, path: KeyPath) -> dict[str, Value]:
        out: dict[str, Value] = {}
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            name = self._read_value(key, (*path, "?"))
            here = (*path, name if isinstance(name, str) else "?")
            self.keys[here] = source_node(key, self._shift)
            out[str(here[-1])] = self._read_value(self._next(), here)
        return out
