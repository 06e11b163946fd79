"""A YAML file as a text with places, and faults that point at them."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import yaml

from service.errors import Fault, Fix

# What a shown line must hide: signing secrets, passwords and paths in addresses, Slack's tokens,
# and every value whose key is for secrets.
_SECRET = re.compile(
    r"""(?: (?<=whsec_) | (?<=whsk_) | (?<=://) | (?<=\bxox\w-) | (?<=\bxox\w\.) )[^\s"',\]}]+
    | (?i: (?<![\w-]) (?: relay | headers | authorization | cookie | [\w-]+[-_]key
                       | (?: [\w-]+[-_] )? (?: secret | token | password ) ) )
        ["']? \s* : (?= [\s"'] ) \s*
        (?P<value> \[ [^\]]* | \{ (?: \$\{\w+\} | [^}] )* | "[^"]*" | '[^']*'
                 | (?: \$\{\w+\} | ,(?!\s) | [^,\]}] )* )""",
    re.VERBOSE,
)
# What stays visible of such a value: names of secrets and headers, and punctuation, which shows its
# form.
_VISIBLE = re.compile(
    r"""\$\{\w+\}|(?:(?<=\{)|(?<=,\s))[\w-]+(?=:\s)|[\s\[\]{}"',:]|(?P<hidden>.)"""
)

_BREAK = re.compile("\r\n?|\n")

Value = str | None | list["Value"] | dict[str, "Value"]
KeyPath = tuple[str | int, ...]
"""The keys and item numbers that lead to a value, such as `("watchlists", 0, "match")`."""

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def open_events(text: str) -> Callable[[], Any]:
    """A function that returns the next YAML event of the text; it raises what yaml raises."""
    return _Loader(text).get_event


class Position(NamedTuple):
    """A place in a text; both numbers count from 0."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class SourceNode:
    """The place of a value: offsets, in code points, into the file's text."""

    start: int
    end: int
    width: int
    """Code points of its first line that it takes."""
    style: str = ""
    """A scalar's quoting: `'`, `"`, `|`, `>` or nothing."""
    text: str | None = None
    """A scalar's value; None for a list or a block."""


def source_node(event: Any, shift: int = 0) -> SourceNode:
    """The place of an event of a text that begins `shift` code points into the file."""
    start, end = event.start_mark, event.end_mark
    if not isinstance(event, yaml.ScalarEvent):
        return SourceNode(start.index + shift, end.index + shift, 1)
    width = end.column - start.column if end.line == start.line else 1
    style = str(event.style or "")
    return SourceNode(
        start.index + shift, end.index + shift, max(1, width), style, str(event.value)
    )


@dataclass
class Document:
    """One file: its text, its faults, and the places of its sections."""

    file: str
    text: str
    value: Value = None
    """Its top level: each section's name with an empty list or block, or its text."""
    faults: list[Fault] = field(default_factory=list)
    nodes: dict[KeyPath, SourceNode] = field(default_factory=dict)
    """The places of the sections' values. Each `Part` has the places within it."""
    keys: dict[KeyPath, SourceNode] = field(default_factory=dict)

    @cached_property
    def _starts(self) -> Sequence[int]:
        """The offset at which each line begins."""
        return array("q", [0, *(found.end() for found in _BREAK.finditer(self.text))])

    def line(self, number: int) -> str:
        """The line `number`, counted from 0, with its secrets masked; "" beyond the end."""
        starts = self._starts
        if not 0 <= number < len(starts):
            return ""
        end = starts[number + 1] - 1 if number + 1 < len(starts) else len(self.text)
        text = self.text[starts[number] : end].rstrip()
        return _SECRET.sub(_mask_match, text)

    def position(self, offset: int) -> Position:
        """The line and the column of an offset."""
        line = bisect_right(self._starts, offset) - 1
        return Position(line, offset - self._starts[line])

    def fault_at(
        self,
        found: SourceNode | None,
        message: str,
        hint: str = "",
        *,
        code: str,
        fix: Fix | None = None,
    ) -> Fault:
        """A fault at a node; at the start of the file if there is none."""
        if found is None:
            return Fault(self.file, 1, 1, message, hint, self.line(0), code=code)
        at = self.position(found.start)
        source = self.line(at.line)
        return Fault(
            self.file,
            at.line + 1,
            at.column + 1,
            message,
            hint,
            source,
            found.width,
            code=code,
            fix=fix,
        )

    def fault(self, path: KeyPath, message: str, hint: str = "", *, code: str) -> Fault:
        """A fault at the document itself or at a section's value."""
        return self.fault_at(self.nodes.get(path) or self.keys.get(path), message, hint, code=code)

    def key_fault(self, path: KeyPath, message: str, hint: str = "", *, code: str) -> Fault:
        """A fault at a section's key."""
        return self.fault_at(self.keys.get(path) or self.nodes.get(path), message, hint, code=code)


def mask_fault(fault: Fault) -> Fault:
    """The same fault with the text that it points at masked, except names of secrets."""
    begin, end = fault.column - 1, fault.column - 1 + fault.width
    masked = _mask_text(fault.source[begin:end])
    return replace(fault, source=fault.source[:begin] + masked + fault.source[end:])


def _mask_match(found: re.Match[str]) -> str:
    value = found["value"]
    if value is None:
        return "*" * len(found[0])
    return found[0].removesuffix(value) + _mask_text(value)


def _mask_text(value: str) -> str:
    return _VISIBLE.sub(lambda one: "*" if one["hidden"] else one[0], value)
