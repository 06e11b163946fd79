"""YAML text → plain values, part by part, so that a large file is never held as a whole.

Every scalar stays the text that stands in the file (`NO` is Norway, not false); what it means is
for the model that reads it. So no mistake is hidden by a conversion, and each can be pointed at.
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
from service.rules.yaml.document import Document, Path, Value, events, node
from service.rules.yaml.part import NOTHING, Part, Span, scalar
from service.rules.yaml.syntax_errors import character_fault, syntax_fault

MAX_NESTING = 50
"""Deepest nesting of lists and blocks; no rules file comes near it."""

_PART_DEPTH = 2
"""A part stands in a section, which stands in the file."""


def parts(document: Document) -> Iterator[Part]:
    """The parts of a file in their order; its sections are in `document.value` afterwards.

    What is wrong with its form is in the document's faults afterwards, never raised: only at the
    end is it known whether the parts may be used. `document.value` is None if not.
    """
    try:
        yield from _Reader(document).parts()
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


class _Reader:
    """The values of one file out of its events.

    Events, because libyaml's own composer recurses in C without a bound and crashes the process
    on a file of opening brackets.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._next = events(document.text)

    def parts(self) -> Iterator[Part]:
        """The parts; fills in the document's sections and faults on the way."""
        self._next()  # the start of the stream
        begin = self._next()
        if isinstance(begin, StreamEndEvent):
            return
        if begin.tags:
            self._fault(begin, "directives (%TAG) are not used in rules files", "Remove the line.")
        try:
            yield from self._sections(self._next())
        except _TooDeep:
            message = f"nested more than {MAX_NESTING} deep"
            self._document.faults.append(Fault(self._document.file, 1, 1, message))
            return
        self._next()  # the end of the document
        after = self._next()
        if isinstance(after, DocumentStartEvent):
            hint = "Remove the line “---”, or split the file in two."
            self._fault(after, "a second document begins here", hint, width=3)

    def _sections(self, event: Any) -> Iterator[Part]:
        document = self._document
        document.nodes[()] = node(event)
        if not isinstance(event, MappingStartEvent) or event.anchor is not None:
            document.value = self._value(event, 0)
            return
        document.value = {}
        seen: dict[str, Any] = {}
        while type(key := self._next()) is not MappingEndEvent:
            name = self._name(key, 1, seen)
            document.keys[name,] = node(key)
            event = self._next()
            document.nodes[name,] = node(event)
            if event.anchor is not None:
                document.value[name] = self._value(event, 1)
            elif isinstance(event, SequenceStartEvent):
                document.value[name] = []
                yield from self._items(name)
            elif isinstance(event, MappingStartEvent):
                document.value[name] = {}
                yield from self._entries(name)
            else:
                document.value[name] = self._value(event, 1)

    def _items(self, section: str) -> Iterator[Part]:
        number = 0
        while type(event := self._next()) is not SequenceEndEvent:
            yield self._part(event, (section, number))
            number += 1

    def _entries(self, section: str) -> Iterator[Part]:
        seen: dict[str, Any] = {}
        while type(key := self._next()) is not MappingEndEvent:
            name = self._name(key, _PART_DEPTH, seen)
            part = self._part(self._next(), (section, name))
            part.key = node(key)
            yield part

    def _part(self, event: Any, path: Path) -> Part:
        begin, end = event.start_mark, event.end_mark
        lines: dict[str, list[int]] = {}
        if type(event) is MappingStartEvent and event.anchor is None:
            value: Value = self._mapping(_PART_DEPTH + 1, lines)
            end = self._end
        else:
            value = self._value(event, _PART_DEPTH)
            if isinstance(event, SequenceStartEvent | MappingStartEvent):
                end = self._end
        span = Span(begin.index, end.index, begin.line, begin.column)
        return Part(self._document, path, span, value, lines)

    def _value(self, event: Any, depth: int) -> Value:
        """The value that begins with this event; its parts stand `depth` deep."""
        if event.anchor is not None:
            message = "anchors and aliases (&name, *name) are not used in rules files"
            hint = "Use `lists:` to write a thing once; a text that begins with * or & is quoted."
            self._fault(event, message, hint)
        kind = type(event)
        if kind is SequenceStartEvent:
            return self._sequence(depth + 1)
        if kind is MappingStartEvent:
            return self._mapping(depth + 1)
        return scalar(event)

    def _sequence(self, depth: int, lines: list[int] | None = None) -> list[Value]:
        _check(depth)
        out: list[Value] = []
        while type(event := self._next()) is not SequenceEndEvent:
            if lines is not None:
                lines.append(event.start_mark.line + 1)
            out.append(self._value(event, depth))
        self._end = event.end_mark
        return out

    def _mapping(self, depth: int, lines: dict[str, list[int]] | None = None) -> dict[str, Value]:
        _check(depth)
        out: dict[str, Value] = {}
        seen: dict[str, Any] = {}
        take = self._next
        while type(key := take()) is not MappingEndEvent:
            name = self._name(key, depth, seen)
            event = take()
            kind = type(event)
            if kind is ScalarEvent and event.anchor is None:  # nearly all are
                out[name] = scalar(event)
            elif lines is not None and kind is SequenceStartEvent and event.anchor is None:
                lines[name] = []
                out[name] = self._sequence(depth + 1, lines[name])
            else:
                out[name] = self._value(event, depth)
        self._end = key.end_mark
        return out

    def _name(self, key: Any, depth: int, seen: dict[str, Any]) -> str:
        """What a key says; `seen` are the keys before it in the same block."""
        name: Value = key.value if type(key) is ScalarEvent and key.anchor is None else None
        if name is None or (not key.style and name in NOTHING):
            name = self._value(key, depth)
        if not isinstance(name, str):
            hint = "Write `key: value`; a text that begins with [ or { goes into quotes."
            self._fault(key, "this cannot be a key", hint)
            name = "?"
        if name in seen:
            first = self._document.place(seen[name].start_mark.index)[0] + 1
            message = f"`{name}` stands here twice; the first is on line {first}"
            self._fault(key, message, "Keep one of them.")
        seen[name] = key
        return name

    def _fault(self, event: Any, message: str, hint: str, width: int = 0) -> None:
        place = node(event)
        place = replace(place, width=width or place.width)
        self._document.faults.append(self._document.fault_at(place, message, hint))


def _check(depth: int) -> None:
    if depth > MAX_NESTING:
        raise _TooDeep
