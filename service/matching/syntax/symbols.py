"""The symbols that an expression is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a symbol is to the parser; the value is its name in error messages."""

    WORD = "a word"
    QUOTED = "a quoted phrase"
    LIST = "a list"
    FIELD = "a field"
    META = "a test of metadata"
    FUNCTION = "a function"
    COUNT = "a count"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"
    OPEN = "an opening parenthesis"
    CLOSE = "a closing parenthesis"
    COMMA = "a comma"
    END = "the end of the expression"


# The parser compares kinds by these names: Python 3.11 takes twelve times as long to look one up in
# its class.
WORD, QUOTED, LIST, FIELD, META, FUNCTION, COUNT, AND, OR, NOT, NEAR, OPEN, CLOSE, COMMA, END = Kind


@dataclass(slots=True)
class Symbol:
    """One symbol; `start` and `end` are code-point offsets into the expression."""

    kind: Kind
    text: str
    """Its text, without quotes, the `:` of a field, the `$` of a list and the `(`."""
    start: int
    end: int


def shown(said: str) -> str:
    """A part of an expression for a message: cut short if it is very long."""
    return said if len(said) <= _MAX_SHOWN_CHARS else f"{said[:_MAX_SHOWN_CHARS]}…"


_MAX_SHOWN_CHARS = 60

TEXT_FIELDS: dict[str, frozenset[str]] = {
    "title": frozenset({"title"}),
    "lead": frozenset({"lead"}),
    "body": frozenset({"body"}),
    "headline": frozenset({"title", "lead"}),
}
META_FIELDS = frozenset({"source", "author", "language", "country", "tag", "url"})
FUNCTIONS = frozenset({"cs", "caps"})
OPERATORS = {"AND": AND, "OR": OR, "NOT": NOT}
