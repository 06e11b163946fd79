"""A YAML file as a text with places, and faults that point at them."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import yaml

from service.errors import Fault

# What a line that is shown must not give away: signing secrets, passwords and paths of addresses,
# Slack's tokens; and whatever stands after a key that is for secrets.
_SECRET = re.compile(
    r"""(?: (?<=whsec_) | (?<=whsk_) | (?<=://) | (?<=\bxox\w-) | (?<=\bxox\w\.) )[^\s"',\]}]+
    | (?i: (?<![\w-]) (?: relay | headers | authorization | cookie | [\w-]+[-_]key
                       | (?: [\w-]+[-_] )? (?: secret | token | password ) ) )
        ["']? \s* : (?= [\s"'] ) \s*
        (?P<value> \[ [^\]]* | \{ (?: \$\{\w+\} | [^}] )* | "[^"]*" | '[^']*'
                 | (?: \$\{\w+\} | ,(?!\s) | [^,\]}] )* )""",
    re.VERBOSE,
)
# Of such a value what may be seen: the names of secrets and of headers, and what shows its form.
_SEEN = re.compile(r"""\$\{\w+\}|(?:(?<=\{)|(?<=,\s))[\w-]+(?=:\s)|[\s\[\]{}"',:]|(?P<hidden>.)""")

_BREAK = re.compile("\r\n?|\n")

Value = str | None | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def events(text: str) -> Callable[[], Any]:
    """The events of a text, one a call; raises what yaml raises."""
    return _Loader(text).get_event


@dataclass(frozen=True, slots=True)
class Node:
    """Where a value stands: offsets, in code points, into the file's text."""

    start: int
    end: int
    width: int
    """How much of its first line it takes."""
    style: str = ""
    """A scalar's quoting: `'`, `"`, `|`, `>` or nothing."""
    text: str | None = None
    """A scalar's value; None for a list or a block."""


def node(event: Any, shift: int = 0) -> Node:
    """The place of an event of a text that begins `shift` code points into the file."""
    start, end = event.start_mark, event.end_mark
    if not isinstance(event, yaml.ScalarEvent):
        return Node(start.index + shift, end.index + shift, 1)
    width = end.column - start.column if end.line == start.line else 1
    style = str(event.style or "")
    return Node(start.index + shift, end.index + shift, max(1, width), style, str(event.value))


@dataclass
class Document:
    """One file: its text, what is wrong with it, and where its sections stand."""

    file: str
    text: str
    value: Value = None
    """Its top level: each section's name with an empty list or block, or its text."""
    faults: list[Fault] = field(default_factory=list)
    nodes: dict[Path, Node] = field(default_factory=dict)
    """Of the top level: the sections' values; the parts' own nodes are the parts'."""
    keys: dict[Path, Node] = field(default_factory=dict)

    @cached_property
    def _starts(self) -> Sequence[int]:
        """The offset at which each line begins."""
        return array("q", [0, *(found.end() for found in _BREAK.finditer(self.text))])

    def line(self, number: int) -> str:
        """The line `number`, counted from 0, as it stands in the file but for secrets."""
        starts = self._starts
        if not 0 <= number < len(starts):
            return ""
        end = starts[number + 1] - 1 if number + 1 < len(starts) else len(self.text)
        text = self.text[starts[number] : end].rstrip()
        return _SECRET.sub(_hidden, text)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column, counted from 0, of an offset."""
        line = bisect_right(self._starts, offset) - 1
        return line, offset - self._starts[line]

    def fault_at(self, found: Node | None, message: str, hint: str = "") -> Fault:
        """A fault at a node; at the file's beginning where there is none."""
        if found is None:
            return Fault(self.file, 1, 1, message, hint, self.line(0))
        line, column = self.place(found.start)
        source = self.line(line)
        return Fault(self.file, line + 1, column + 1, message, hint, source, found.width)

    def fault(self, path: Path, message: str, hint: str = "") -> Fault:
        """A fault at the document itself or at a section's value."""
        return self.fault_at(self.nodes.get(path) or self.keys.get(path), message, hint)

    def key_fault(self, path: Path, message: str, hint: str = "") -> Fault:
        """A fault at a section's key."""
        return self.fault_at(self.keys.get(path) or self.nodes.get(path), message, hint)


def veiled(fault: Fault) -> Fault:
    """The same fault with what it points at hidden, but for the names of secrets."""
    begin, end = fault.column - 1, fault.column - 1 + fault.width
    hidden = _veil(fault.source[begin:end])
    return replace(fault, source=fault.source[:begin] + hidden + fault.source[end:])


def _hidden(found: re.Match[str]) -> str:
    value = found["value"]
    if value is None:
        return "*" * len(found[0])
    return found[0].removesuffix(value) + _veil(value)


def _veil(value: str) -> str:
    return _SEEN.sub(lambda one: "*" if one["hidden"] else one[0], value)
