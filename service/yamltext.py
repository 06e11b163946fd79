"""YAML text → plain values, each with its place in the file.

Every scalar stays the text that stands in the file (`NO` is Norway, not false); what it means is
for the model that reads it. So no mistake is hidden by a conversion, and each can be pointed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import yaml

from service.errors import Fault

# What a line that is shown must not give away: signing secrets, passwords and paths of addresses.
_SECRET = re.compile(r"""(?<=whsec_)[^\s"',\]}]+ | (?<=://)[^\s"',\]}]+""", re.VERBOSE)

Value = str | None | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]

MAX_NESTING = 50
"""Deepest nesting of lists and blocks; no rules file comes near it."""

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# libyaml's words, and what a person who wrote the file can do about each.
_HINTS = {
    "mapping values are not allowed": (
        "A text that holds “: ” goes into quotes; or the line is indented too deep."
    ),
    "found character that cannot start any token": (
        "Indent with spaces, not tabs; a text that begins with @, ` or % goes into quotes."
    ),
    "did not find expected key": (
        "An expression that begins with a quotation mark goes into single quotes as a whole: "
        "match: '\"fighter jet\" AND Turkey'. Or the line's indentation differs from its "
        "neighbours'."
    ),
    "could not find expected ':'": "Each line here is `key: value`; a colon is missing.",
    "did not find expected ',' or ']'": "Close the list with “]” or put a comma between its items.",
    "did not find expected ',' or '}'": "Close the block with “}” or put a comma between its keys.",
    "found unexpected end of stream": "A quotation mark is opened and never closed.",
    "did not find expected '-' indicator": "Every item of this list begins with “- ”.",
    "did not find expected alphabetic": "A text that begins with * or & goes into quotes.",
    "found undefined alias": "A text that begins with * goes into quotes.",
}

_OPENED = frozenset(
    {
        "while scanning a quoted scalar",
        "while parsing a flow sequence",
        "while parsing a flow mapping",
    }
)


@dataclass(frozen=True, slots=True)
class Node:
    """Where a value stands: offsets into the file's text; line and column count from 0."""

    start: int
    end: int
    line: int
    column: int
    width: int
    """How much of its first line it takes."""
    style: str
    """A scalar's quoting: `'`, `"`, `|`, `>` or nothing."""
    text: str | None
    """A scalar's value; None for a list or a block."""


def _node(event: yaml.Event) -> Node:
    start, end = cast("yaml.Mark", event.start_mark), cast("yaml.Mark", event.end_mark)
    scalar = isinstance(event, yaml.ScalarEvent)
    width = end.column - start.column if scalar and end.line == start.line else 1
    style = str(event.style or "") if isinstance(event, yaml.ScalarEvent) else ""
    text = str(event.value) if isinstance(event, yaml.ScalarEvent) else None
    return Node(start.index, end.index, start.line, start.column, max(1, width), style, text)


@dataclass
class Document:
    """One parsed file: its values, where each stands, and what is wrong with its form."""

    file: str
    text: str
    value: Value = None
    faults: list[Fault] = field(default_factory=list)
    nodes: dict[Path, Node] = field(default_factory=dict)
    keys: dict[Path, Node] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def fault(
        self,
        path: Path,
        message: str,
        hint: str = "",
        *,
        at: tuple[int, int] | None = None,
    ) -> Fault:
        """A fault at the value under `path`, or at code points `at` within that value's text.

        Where the path itself is absent, the nearest thing around it is pointed at.
        """
        node = self.nodes.get(path) or self.keys.get(path)
        while node is None and path:
            path = path[:-1]
            node = self.keys.get(path) or self.nodes.get(path)
        if node is None:
            return Fault(self.file, 1, 1, message, hint, self.line(0))
        line, column, width = node.line, node.column, node.width
        if at is not None and node.text is not None:
            start, end = _span(self.text, node, *at)
            line = self.text.count("\n", 0, start)
            column = start - (self.text.rfind("\n", 0, start) + 1)
            width = end - start
        return Fault(self.file, line + 1, column + 1, message, hint, self.line(line), width)

    def key_fault(self, path: Path, message: str, hint: str = "") -> Fault:
        """A fault at the key that leads to `path`."""
        node = self.keys.get(path)
        if node is None:
            return self.fault(path, message, hint)
        source = self.line(node.line)
        return Fault(self.file, node.line + 1, node.column + 1, message, hint, source, node.width)

    def line_of(self, path: Path) -> int:
        """The line, from 1, of the value under `path`; 0 where there is none."""
        node = self.nodes.get(path)
        return node.line + 1 if node is not None else 0

    def line(self, number: int) -> str:
        """The line `number`, counted from 0, as it stands in the file."""
        text = self.lines[number].rstrip() if number < len(self.lines) else ""
        return _SECRET.sub(lambda found: "*" * len(found.group()), text)


def read(file: str, text: str) -> Document:
    """Parse one file; what is wrong with it is in the document's faults, never raised."""
    document = Document(file, text, lines=text.split("\n"))
    try:
        _Builder(document, yaml.parse(text, Loader=_Loader)).build()
    except yaml.MarkedYAMLError as error:
        document.faults.append(_syntax_fault(document, error))
    except yaml.reader.ReaderError as error:
        document.faults.append(_character_fault(document, error.position))
    except UnicodeEncodeError as error:
        document.faults.append(_character_fault(document, error.start))
    if document.faults:
        document.value = None
    return document


class _TooDeep(Exception):
    """Nested deeper than MAX_NESTING."""


class _Builder:
    """The values of one document out of its events.

    Events, because libyaml's own composer recurses in C without a bound and crashes the process
    on a file of opening brackets.
    """

    def __init__(self, document: Document, events: Iterator[yaml.Event]) -> None:
        self._document = document
        self._events = events

    def build(self) -> None:
        """Fill in the document's value, places and faults."""
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return
        try:
            self._document.value = self._value(next(self._events), ())
        except _TooDeep:
            message = f"nested more than {MAX_NESTING} deep"
            self._document.faults.append(Fault(self._document.file, 1, 1, message))
            return
        next(self._events)
        after = next(self._events)
        if isinstance(after, yaml.DocumentStartEvent):
            line = _node(after).line
            self._document.faults.append(
                Fault(
                    self._document.file,
                    line + 1,
                    1,
                    "a second document begins here",
                    "Remove the line “---”, or split the file in two.",
                    self._document.line(line),
                    3,
                )
            )

    def _value(self, event: yaml.Event, path: Path) -> Value:
        if len(path) > MAX_NESTING:
            raise _TooDeep
        self._document.nodes[path] = _node(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            message = "anchors and aliases (&name, *name) are not used in rules files"
            hint = "Use `lists:` to write a thing once; a text that begins with * or & is quoted."
            self._document.faults.append(self._document.fault(path, message, hint))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return _scalar(event)

    def _sequence(self, path: Path) -> list[Value]:
        out: list[Value] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            out.append(self._value(event, (*path, len(out))))
        return out

    def _mapping(self, path: Path) -> dict[str, Value]:
        document = self._document
        out: dict[str, Value] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            name = self._value(key, (*path, "?"))
            if not isinstance(name, str):
                hint = "Write `key: value`; a text that begins with [ or { goes into quotes."
                document.faults.append(document.fault((*path, "?"), "this cannot be a key", hint))
                name = "?"
            here = (*path, name)
            if name in out:
                first = document.keys[here].line + 1
                document.keys[here] = _node(key)
                message = f"`{name}` stands here twice; the first is on line {first}"
                document.faults.append(document.key_fault(here, message, "Keep one of them."))
            document.keys[here] = _node(key)
            out[name] = self._value(next(self._events), here)
        return out


def _scalar(event: yaml.Event) -> str | None:
    text = str(getattr(event, "value", ""))
    bare = isinstance(event, yaml.ScalarEvent) and not event.style
    return None if bare and text in ("", "~", "null") else text


def _character_fault(document: Document, at: int) -> Fault:
    """A character that no YAML holds; a lone surrogate is a byte that was not UTF-8."""
    text, char = document.text, document.text[at]
    line = text.count("\n", 0, at)
    column = at - (text.rfind("\n", 0, at) + 1)
    message, hint = f"the character U+{ord(char):04X} cannot stand in YAML", "Remove it."
    if "\udc80" <= char <= "\udcff":
        message = f"the byte 0x{ord(char) - 0xDC00:02X} is not UTF-8 text"
        hint = "Save the file as UTF-8."
    source = document.line(line).encode("utf-8", "replace").decode().replace(char, "?")
    return Fault(document.file, line + 1, column + 1, message, hint, source)


def _syntax_fault(document: Document, error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark
    if error.context in _OPENED:  # where it was opened says more than where the file gave out
        mark = error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    problem = (error.problem or str(error)).strip()
    while line > 0 and not document.line(line):  # an end of file: show the last line with text
        line -= 1
        column = len(document.line(line))
    words = f"{error.context or ''} {problem}"
    hint = next((hint for key, hint in _HINTS.items() if key in words), "")
    if "\t" in document.line(line)[: column + 1]:
        hint = "Indent with spaces, not tabs."
    source = document.line(line)
    return Fault(
        document.file,
        line + 1,
        column + 1,
        f"this is not YAML: {problem}",
        hint,
        source,
    )


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
    for char in node.text or "":
        while at < node.end and text[at] != char and not (char.isspace() and text[at].isspace()):
            at += 1
        places.append(min(at, max(node.end - 1, 0)))
        at += 1
        if char == " " and text[places[-1]] == "\n":  # a folded line: its indentation goes too
            while at < node.end and text[at].isspace():
                at += 1
    if not places:
        return node.start, node.start + 1
    first = places[min(start, len(places) - 1)]
    last = places[min(max(end - 1, start), len(places) - 1)]
    if "\n" in text[first : last + 1]:
        last = text.find("\n", first) - 1
    return first, max(last, first) + 1
