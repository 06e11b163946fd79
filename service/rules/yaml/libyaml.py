"""YAML text → plain values, part by part, so that a large file is never held as a whole.

Every scalar stays the text of the file (`NO` is Norway, not false); the model that reads it decides
what it means. So no conversion hides a mistake, and each fault has its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import yaml
from yaml import (
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from service.errors import Fault
from service.rules.yaml.document import Document, KeyPath, Value, open_events, source_node
from service.rules.yaml.scalar import NULLS, scalar_text
from service.rules.yaml.syntax_errors import character_fault, syntax_fault
from service.rules.yaml.yaml_value import Part, SourceRange

MAX_NESTING = 50
"""Deepest nesting of lists and blocks, far beyond what any rules file needs."""

_PART_DEPTH = 2
"""Depth of a part: it is in a section, which is in the file."""


def read_parts(document: Document) -> Iterator[Part]:
    """The parts of a file in their order; its sections are in `document.value` afterwards.

    Faults of its form are added to the document, never raised. Only after the last part is it known
    whether the parts may be used; if not, `document.value` is None.
    """
    try:
        yield from _FileReader(document).read_parts()
    except yaml.MarkedYAMLError as error:
        document.faults.append(syntax_fault(document, error))
    except yaml.reader.ReaderError as error:
        before = document.text.encode()[: error.position]  # libyaml counts bytes
        document.faults.append(character_fault(document, len(before.decode(errors="ignore"))))
    except UnicodeEncodeError as error:
        document.faults.append(character_fault(document, error.start))
    if document.faults:
        document.value = None


class _TooDeep(Exception):
    """Nested deeper than MAX_NESTING."""


class _FileReader:
    """Reads the values of one file from its events.

    It reads events because libyaml's own composer recurses in C without a bound: a file of opening
    brackets would crash the process.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._next = open_events(document.text)

    def read_parts(self) -> Iterator[Part]:
        """The parts; adds sections and faults to the document."""
        self._next()  # the start of the stream
        begin = self._next()
        if isinstance(begin, StreamEndEvent):
            return
        if begin.tags:
            self._add_fault(
                begin, "directives (%TAG) are not allowed in rules files", "Remove the line."
            )
        try:
            yield from self._read_sections(self._next())
        except _TooDeep:
            message = f"lists and blocks are nested more than {MAX_NESTING} deep"
            self._document.faults.append(Fault(self._document.file, 1, 1, message, code="T004"))
            return
        self._next()  # the end of the document
        after = self._next()
        if isinstance(after, DocumentStartEvent):
            hint = "Remove the line “---”, or split the file into two files."
            self._add_fault(after, "a second YAML document begins here", hint, width=3)

    def _read_sections(self, event: Any) -> Iterator[Part]:
        document = self._document
        document.nodes[()] = source_node(event)
        if not isinstance(event, MappingStartEvent) or event.anchor is not None:
            document.value = self._read_value(event, 0)
            return
        document.value = {}
        seen: dict[str, Any] = {}
        while type(key := self._next()) is not MappingEndEvent:
            name = self._read_key(key, 1, seen)
            document.keys[name,] = source_node(key)
            event = self._next()
            document.nodes[name,] = source_node(event)
            if event.anchor is not None:
                document.value[name] = self._read_value(event, 1)
            elif isinstance(event, SequenceStartEvent):
                document.value[name] = []
                yield from self._read_items(name)
            elif isinstance(event, MappingStartEvent):
                document.value[name] = {}
                yield from self._read_entries(name)
            else:
                document.value[name] = self._read_value(event, 1)

    def _read_items(self, section: str) -> Iterator[Part]:
        number = 0
        while type(event := self._next()) is not SequenceEndEvent:
            yield self._read_part(event, (section, number))
            number += 1

    def _read_entries(self, section: str) -> Iterator[Part]:
        seen: dict[str, Any] = {}
        while type(key := self._next()) is not MappingEndEvent:
            name = self._read_key(key, _PART_DEPTH, seen)
            part = self._read_part(self._next(), (section, name))
            part.key = source_node(key)
            yield part

    def _read_part(self, event: Any, path: KeyPath) -> Part:
        begin, end = event.start_mark, event.end_mark
        lines: dict[str, list[int]] = {}
        if type(event) is MappingStartEvent and event.anchor is None:
            value: Value = self._read_mapping(_PART_DEPTH + 1, lines)
            end = self._end
        else:
            value = self._read_value(event, _PART_DEPTH)
            if isinstance(event, SequenceStartEvent | MappingStartEvent):
                end = self._end
        source = SourceRange(begin.index, end.index, begin.line, begin.column)
        return Part(self._document, path, source, value, lines)

    def _read_value(self, event: Any, depth: int) -> Value:
        """The value that begins with this event; `depth` is how deep it is nested."""
        if event.anchor is not None:
            message = "anchors and aliases (&name, *name) are not allowed in rules files"
            hint = "Use `lists:` to write terms once. Put a text that begins with * or & in quotes."
            self._add_fault(event, message, hint)
        kind = type(event)
        if kind is SequenceStartEvent:
            return self._read_sequence(depth + 1)
        if kind is MappingStartEvent:
            return self._read_mapping(depth + 1)
        return scalar_text(event)

    def _read_sequence(self, depth: int, lines: list[int] | None = None) -> list[Value]:
        _check_depth(depth)
        out: list[Value] = []
        while type(event := self._next()) is not SequenceEndEvent:
            if lines is not None:
                lines.append(event.start_mark.line + 1)
            out.append(self._read_value(event, depth))
        self._end = event.end_mark
        return out

    def _read_mapping(
        self, depth: int, lines: dict[str, list[int]] | None = None
    ) -> dict[str, Value]:
        _check_depth(depth)
        out: dict[str, Value] = {}
        seen: dict[str, Any] = {}
        take = self._next
        while type(key := take()) is not MappingEndEvent:
            name = self._read_key(key, depth, seen)
            event = take()
            kind = type(event)
            if kind is ScalarEvent and event.anchor is None:  # nearly all values are plain scalars
                out[name] = scalar_text(event)
            elif lines is not None and kind is SequenceStartEvent and event.anchor is None:
                lines[name] = []
                out[name] = self._read_sequence(depth + 1, lines[name])
            else:
                out[name] = self._read_value(event, depth)
        self._end = key.end_mark
        return out

    def _read_key(self, key: Any, depth: int, seen: dict[str, Any]) -> str:
        """The text of a key; `seen` are the keys before it in the same block."""
        name: Value = key.value if type(key) is ScalarEvent and key.anchor is None else None
        if name is None or (not key.style and name in NULLS):
            name = self._read_value(key, depth)
        if not isinstance(name, str):
            hint = "Write `key: value`. Put a text that begins with [ or { in quotes."
            self._add_fault(key, "this cannot be a key", hint)
            name = "?"
        if name in seen:
            first = self._document.position(seen[name].start_mark.index).line + 1
            message = f"`{name}` appears twice here; the first is on line {first}"
            self._add_fault(key, message, "Keep one of them.")
        seen[name] = key
        return name

    def _add_fault(self, event: Any, message: str, hint: str, width: int = 0) -> None:
        node = source_node(event)
        node = replace(node, width=width or node.width)
        self._document.faults.append(self._document.fault_at(node, message, hint, code="T003"))


def _check_depth(depth: int) -> None:
    if depth > MAX_NESTING:
        raise _TooDeep
