"""The errors that a user acts on.

TocsinError           its text is printed; exit code 1
├── ConfigError       a setting, or what a setting points to, is wrong
├── QueryError        a fault at a place in one expression; becomes a `Fault` of its file
├── BadEntry          a stream entry that cannot become an article: a dead letter
└── StoreError        a Redis key does not hold what Tocsin stores in it
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal, NamedTuple


class TocsinError(Exception):
    """An error whose text says where, what is wrong, and what to do instead."""


class ConfigError(TocsinError):
    """A setting is missing, malformed, or points to something that cannot be used."""


BadEntryKind = Literal[
    "format", "encoding", "no_text", "wall", "size", "limits", "partial", "undecided"
]
"""What is wrong with an entry: its fields, their bytes, that no text is left, a wall in its place,
its size, what reading it needs, that it is a part of what was alerted, or that its readers ended.
"""


class BadEntry(TocsinError):
    """A stream entry cannot become an article; the text becomes the dead letter's reason."""

    def __init__(self, reason: str, kind: BadEntryKind = "format") -> None:
        super().__init__(reason)
        self.kind = kind


class StoreError(TocsinError):
    """A Redis key does not hold what Tocsin stores in it."""


class QueryError(TocsinError):
    """An error in one expression.

    `start` and `end` are code-point offsets into the expression, `hint` says what to write instead.
    `code` names the kind of mistake (`rules.findings.codes`), `fix` is the text to put from `start`
    to `end`; None: only a person can say.
    """

    def __init__(
        self,
        message: str,
        start: int,
        end: int,
        hint: str = "",
        *,
        code: str,
        fix: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)
        self.hint = hint
        self.code = code
        self.fix = fix


class Fix(NamedTuple):
    """An edit that corrects a finding: what stands at its place, and what to write instead."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake in a rules file; `line` and `column` count from 1, and are 0 for a whole file."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    source: str = ""
    """The line of the file, for the caret."""
    width: int = 1
    """How many characters are underlined."""
    _: KW_ONLY
    code: str
    """The kind of mistake, such as `T305` (`rules.findings.codes`)."""
    fix: Fix | None = field(default=None, compare=False)
    """What corrects it without a doubt; None: only a person can say."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        text = f"{where}: {self.message} ({self.code})"
        if self.source:
            text += "".join(f"\n    {line}" for line in self._pointed())
        if self.hint:
            text += f"\n    → {self.hint}"
        return text

    def _pointed(self) -> tuple[str, str]:
        """The line, and the caret below it; of a long line only the part around the caret."""
        from rich.cells import cell_len  # noqa: PLC0415  most processes never show a fault

        at = self.column - 1
        begin, end = _part_around(self.source, at, cell_len)
        before, after = "…" * (begin > 0), "…" * (end < len(self.source))
        shown = "".join(map(_shown, self.source[begin:end]))
        # A tab moves the caret as far as it moves the text above it.
        left = shown[: at - begin].split("\t")
        pad = " " * len(before) + "\t".join(" " * cell_len(part) for part in left)
        width = cell_len(shown[at - begin : at - begin + self.width])
        return f"{before}{shown}{after}", f"{pad}{'^' * max(1, width)}"


def _part_around(line: str, at: int, columns: Callable[[str], int]) -> tuple[int, int]:
    """Begin and end of what is shown of a line around a character; it may be very long."""
    begin, end, left = at, at, COLUMNS_BEFORE_CARET
    while begin > 0 and (width := columns(line[begin - 1])) <= left:
        begin, left = begin - 1, left - width
    left += MAX_COLUMNS - COLUMNS_BEFORE_CARET
    while end < len(line) and (width := columns(line[end])) <= left:
        end, left = end + 1, left - width
    while begin > 0 and (width := columns(line[begin - 1])) <= left:
        begin, left = begin - 1, left - width
    return begin, end


MAX_COLUMNS = 74
"""Of a rules file's line that a fault shows: as much as a terminal of 80 columns has room for."""
COLUMNS_BEFORE_CARET = 40
"""Of a longer line."""


def _shown(char: str) -> str:
    # Control characters of a damaged file must not reach the terminal.
    return char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}"


_COMMAND = re.compile(r"Command # \d+ \(.*\) of pipeline caused error: ", re.DOTALL)
_QUOTED = re.compile(r"\((['\"])(.*)\1,\)", re.DOTALL)
_ADVICE = {
    "read only replica": "this server is a replica: give TOCSIN_REDIS_URL its primary",
    "Hash slot not served": "no server of this cluster has this slot: see `redis-cli cluster info`",
}
"""What to do about an error in which Redis says this, and no more."""
_SCRIPT = re.compile(r"\.? script: (?:[0-9a-f]{40}, )?on @user_script:\d+\.?$")


def refusal(error: BaseException) -> str:
    """What an error of Redis says, and what to do about it.

    It is without the commands and scripts that redis-py and Redis add to it.
    """
    if type(error).__name__ == "MovedError":  # its text is the slot and the address
        return "this server is one of a cluster: give TOCSIN_REDIS_URL as redis+cluster://…"
    said = str(error)
    if command := _COMMAND.match(said):
        said = _QUOTED.sub(r"\2", said[command.end() :])
    said = _SCRIPT.sub("", said) or type(error).__name__
    advice = next((todo for words, todo in _ADVICE.items() if words in said), "")
    return f"{said.rstrip('.')}; {advice}" if advice else said
