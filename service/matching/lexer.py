"""An expression's text → its symbols, each with its place."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum

import regex

from service.errors import QueryError


class Kind(Enum):
    """What a symbol is to the parser; the value is how an error message calls it."""

    WORD = "a word"
    QUOTED = "a quoted phrase"
    LIST = "a list"
    FIELD = "a field"
    FUNCTION = "a function"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    OPEN = "an opening parenthesis"
    CLOSE = "a closing parenthesis"
    END = "the end of the expression"


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol; `start` and `end` are code-point offsets into the expression."""

    kind: Kind
    text: str
    """What it says: without quotes, without the `:` of a field, the `$` of a list, the `(`."""
    start: int
    end: int


TEXT_FIELDS: dict[str, frozenset[str]] = {
    "title": frozenset({"title"}),
    "lead": frozenset({"lead"}),
    "body": frozenset({"body"}),
    "headline": frozenset({"title", "lead"}),
}
META_FIELDS = frozenset({"source", "author", "language", "country", "tag", "url"})
FUNCTIONS = frozenset({"cs", "caps"})

_OPERATORS = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}
_SYMBOL = regex.compile(
    r"""(?P<space>\s+)
      | (?P<open>\() | (?P<close>\))
      | (?P<quote>["“”„«»])
      | \$(?P<list>[\w-]+)
      | (?P<field>[A-Za-z_]+):
      | (?P<function>[A-Za-z_]+\d*)\(
      | (?P<word>(?:(?!["“”„«»()])\S)+)
    """,
    regex.VERBOSE,
)
_CLOSING = {'"': '"”“', "“": '”"“', "”": '”"', "„": '“”"', "«": "»", "»": "«»"}
_META_VALUE = regex.compile(r'\s*\K(?:(?!["“”„«»()])\S)+')

# What other search systems write, and what it is called here.
_FOREIGN = {
    "&": "AND",
    "&&": "AND",
    "+": "AND",
    "|": "OR",
    "||": "OR",
    ",": "OR",
    ";": "OR",
    "!": "NOT",
    "-": "NOT",
}


def symbols(text: str) -> list[Symbol]:
    """The symbols of `text`, closed by one of kind END.

    Raises QueryError for what no expression can hold.
    """
    found: list[Symbol] = []
    at = 0
    while at < len(text):
        match = _SYMBOL.match(text, at)
        if match is None:
            raise QueryError(f"{text[at]!r} means nothing here", at, at + 1, "Remove it.")
        symbol = _symbol(text, match)
        if symbol is not None:
            found.append(symbol)
            if symbol.kind is Kind.FIELD and symbol.text in META_FIELDS:
                value = _META_VALUE.match(text, symbol.end)
                if value:  # a bare value ends at white space: `url:https://example.com/a*`
                    found.append(Symbol(Kind.WORD, value.group(), value.start(), value.end()))
        at = found[-1].end if found and found[-1].end > match.start() else match.end()
    found.append(Symbol(Kind.END, "", len(text), len(text)))
    return found


def _symbol(text: str, match: regex.Match[str]) -> Symbol | None:
    start, end = match.span()
    kind = match.lastgroup
    if kind == "space":
        return None
    if kind == "quote":
        return _quoted(text, start)
    if kind == "open":
        return Symbol(Kind.OPEN, "(", start, end)
    if kind == "close":
        return Symbol(Kind.CLOSE, ")", start, end)
    said = match.group(kind or 0)
    if kind == "list":
        return Symbol(Kind.LIST, said, start, end)
    if kind == "field":
        return _field(text, said, start, end)
    if kind == "function":
        if said in _OPERATORS:  # AND(…) is the operator before a group
            return Symbol(_OPERATORS[said], said, start, end - 1)
        if said in FUNCTIONS:
            return Symbol(Kind.FUNCTION, said, start, end)
        raise QueryError(
            f"“{said}(” is not a function",
            start,
            end,
            f"Put a space and AND or OR between “{said}” and “(”; "
            "the functions are cs(…), caps(…).",
        )
    return _word(said, start, end)


def _field(text: str, said: str, start: int, end: int) -> Symbol:
    name = said.lower()
    if name in TEXT_FIELDS or name in META_FIELDS:
        return Symbol(Kind.FIELD, name, start, end)
    if end == len(text) or text[end].isspace():  # a colon as in running text
        return _word(said, start, end)
    known = ", ".join(f"{field}:" for field in (*TEXT_FIELDS, *sorted(META_FIELDS)))
    raise QueryError(
        f"“{said}:” is not a field",
        start,
        end,
        f"The fields are {known}. If the colon belongs to the text, leave it out.",
    )


_NEAR = regex.compile(r"O?NEAR(/\w*)?$")


def _word(said: str, start: int, end: int) -> Symbol:
    if said in _OPERATORS:
        return Symbol(_OPERATORS[said], said, start, end)
    if _NEAR.match(said):
        hint = "Write AND; the score is higher the closer the words stand."
        raise QueryError(f"“{said}” is not an operator here", start, end, hint)
    if said[-1] in ",;" and len(said) > 1:
        hint = "Write OR between alternatives, or put a phrase that holds it in quotes."
        raise QueryError(f"“{said[-1]}” means nothing here", end - 1, end, hint)
    if said in _FOREIGN:
        raise QueryError(
            f"“{said}” is not an operator here",
            start,
            end,
            f"Write {_FOREIGN[said]} instead.",
        )
    if said.startswith(("-", "!")) and len(said) > 1:
        hint = f"To leave articles out, write AND NOT {said[1:]}."
        raise QueryError(f"“{said[0]}” before a word means nothing here", start, end, hint)
    if "*" in said or "?" in said:
        hint = "Write the word itself: its inflected forms match; or list the words with OR."
        raise QueryError(f"“{said}”: a word cannot hold * or ?", start, end, hint)
    if not any(unicodedata.category(char)[0] in "LN" for char in said):
        hint = "Remove it: only letters and digits are matched."
        raise QueryError(f"“{said}” holds no letter and no digit", start, end, hint)
    return Symbol(Kind.WORD, said, start, end)


def _quoted(text: str, start: int) -> Symbol:
    closing = _CLOSING[text[start]]
    ends = [at for at in (text.find(mark, start + 1) for mark in closing) if at >= 0]
    if not ends:
        hint = f"Add a closing {closing[0]} after the last word of the phrase."
        raise QueryError("this quotation mark is never closed", start, start + 1, hint)
    end = min(ends)
    said = text[start + 1 : end]
    return Symbol(Kind.QUOTED, said, start, end + 1)
