"""An expression's text → its symbols, each with its place."""

from __future__ import annotations

import re
import unicodedata

import regex

from service.articles.combining_marks import cap_marks
from service.errors import QueryError
from service.matching.syntax.foreign_syntax import ABSENT, FIELDS, VALUES, refuse
from service.matching.syntax.proximity import is_joint, joint
from service.matching.syntax.symbols import (
    CLOSE,
    COMMA,
    COUNT,
    END,
    FIELD,
    FUNCTION,
    FUNCTIONS,
    LIST,
    META,
    META_FIELDS,
    NEAR,
    OPEN,
    OPERATORS,
    QUOTED,
    TEXT_FIELDS,
    WORD,
    Symbol,
    shown,
)

MAX_COUNT = 1000
"""Most mentions that `atleast`, and most parts that `any` may ask for."""

LIST_NAME = r"[\w-]+"
_FIELDS = (*TEXT_FIELDS, *META_FIELDS)
_FIELD = "|".join(_FIELDS)
# A run of other characters ends before a comma, but not before a comma inside a number.
_SYMBOL = re.compile(
    rf"""\s*(?:
        (?P<plain>[A-Za-z0-9]+(?=[\s)]|,(?!\d)|\Z))
      | (?P<open>\() | (?P<close>\)) | (?P<comma>,)
      | (?P<quoted>["“][^"”“]*["”“] | ”[^”"]*[”"] | „[^“”"]*[“”"] | «[^»]*» | »[^»«]*[»«])
      | (?P<unclosed>["“”„«»])
      | (?P<list>\${LIST_NAME})
      | (?P<function>[A-Za-z_]+[0-9]*\()
      | (?P<field>(?i:{_FIELD}):)
      | (?P<unknown>[A-Za-z_]+(?::(?=\S)|(?:\.[A-Za-z_]+)+:(?=[^\s/\d])))
      | (?P<word>[^\s"“”„«»(),]+(?:(?<=\d),(?=\d)[^\s"“”„«»(),]+)*))
    """,
    re.VERBOSE,
)
# A bare value of metadata ends at white space, a parenthesis or a comma; an address holds commas.
_VALUE = re.compile(r'\s*([^\s"“”„«»(),]+)')
_ADDRESS = re.compile(r'\s*((?:[^\s"“”„«»(),]|,(?![\s)]|\Z))+)')
_RESERVED = {*OPERATORS, "NEAR", "ONEAR"}
_CLOSING = {'"': '"', "“": "”", "”": "”", "„": "“", "«": "»", "»": "«"}
_LETTER = regex.compile(r"[\p{L}\p{N}*?]")
_COUNT = re.compile(r"(atleast|any)([0-9]*)", re.IGNORECASE)
EXAMPLES = {"atleast": "atleast3(missile OR rocket)", "any": "any2(missile, rocket, launch)"}
"""How each counting function is written, for messages."""


def symbols(text: str) -> list[Symbol]:
    """The symbols of `text`, closed by one of kind END.

    Raises QueryError for a symbol that no expression can contain.
    """
    found: list[Symbol] = []
    at = 0
    values: re.Pattern[str] | None = None  # the form of a value, inside a group of values
    depth = 0
    while match := _SYMBOL.match(text, at):
        kind = match.lastgroup or ""
        said = match[kind]
        start, at = match.span(kind)
        if values and kind in ("plain", "word", "field", "unknown"):
            value = values.match(text, start)
            if value and not is_operator(value[1]):
                at = value.end()
                found.append(Symbol(WORD, value[1], start, at))
                continue
        if kind == "plain":  # most symbols are plain words
            operator = OPERATORS.get(said)
            if operator is not None or (said not in _RESERVED and not said[-1].isdigit()):
                found.append(Symbol(operator or WORD, said, start, at))
                continue
        symbol = _symbol(kind, said, start, found)
        found.append(symbol)
        at = symbol.end
        if symbol.kind is META:
            pattern = _ADDRESS if symbol.text == "url" else _VALUE
            value = pattern.match(text, at)
            if value and value[1] not in OPERATORS:
                at = value.end()
                found.append(Symbol(WORD, value[1], value.start(1), at))
            elif text[at : at + 1] == "(":
                values, depth = pattern, 0
        if values:
            depth += (symbol.kind in (OPEN, FUNCTION, COUNT)) - (symbol.kind is CLOSE)
            values = values if depth or symbol.kind is META else None
    found.append(Symbol(END, "", len(text), len(text)))
    return found


def _symbol(kind: str, said: str, start: int, before: list[Symbol]) -> Symbol:
    end = start + len(said)
    match kind:
        case "open":
            _check_space(before, end)
            return Symbol(OPEN, said, start, end)
        case "close":
            return Symbol(CLOSE, said, start, end)
        case "comma":
            return Symbol(COMMA, said, start, end)
        case "quoted":
            return Symbol(QUOTED, said[1:-1], start, end)
        case "unclosed":
            hint = f"Add a closing {_CLOSING[said]} after the last word of the phrase."
            raise QueryError("this quotation mark is never closed", start, end, hint, code="T306")
        case "list":
            return Symbol(LIST, said[1:], start, end)
        case "function":
            return _function(said[:-1], start, end)
        case "field":
            return _field(said[:-1].lower(), start, end)
        case "unknown":
            raise _unknown_field(said, start, end)
        case _:
            return _word(said, start, end, before)


def _check_space(before: list[Symbol], end: int) -> None:
    """Raises QueryError where the parenthesis that ends here belongs to `atleast 3 (`."""
    if len(before) > 1 and before[-1].text.isdecimal() and before[-2].text.lower() in EXAMPLES:
        name = before[-2].text.lower() + before[-1].text
        message, hint = f"there is a space within {name}(", f"Write {name}(…) without a space."
        raise QueryError(message, before[-2].start, end, hint, code="T311", fix=f"{name}(")


def _word(said: str, start: int, end: int, before: list[Symbol]) -> Symbol:
    if not said.isascii():
        narrow = unicodedata.normalize("NFKC", cap_marks(said))
        said = narrow if is_operator(narrow) else said  # ＡＮＤ is typed between Chinese words
    if said in OPERATORS:
        return Symbol(OPERATORS[said], said, start, end)
    if is_joint(said):
        joint(said, start)
        return Symbol(NEAR, said, start, end)
    last = before[-1] if before else None
    if said[0] == ":" and len(said) > 1:
        raise _colon(said, start, last)
    if said[-1] == ":" and said[:-1].lower() in FIELDS:
        raise _unknown_field(said, start, end)
    refuse(said, start, last.text if last and last.kind is QUOTED and last.end == start else "")
    if not _LETTER.search(said):
        hint = "Remove it: only letters and digits are matched."
        raise QueryError(
            f"“{shown(said)}” has no letter and no digit", start, end, hint, code="T317"
        )
    return Symbol(WORD, said, start, end)


def is_operator(said: str) -> bool:
    """Whether a run of characters is an operator between two operands."""
    return said in OPERATORS or is_joint(said)


def _colon(said: str, start: int, last: Symbol | None) -> QueryError:
    hint = "Leave the colon out, or write a field right before it: title:missile."
    if last and last.kind is WORD and (name := last.text.lower()) in _FIELDS:
        hint = f"Write {name}{shown(said)} without a space."
    return QueryError("“:” before a word means nothing here", start, start + 1, hint, code="T311")


def _field(name: str, start: int, end: int) -> Symbol:
    return Symbol(META if name in META_FIELDS else FIELD, name, start, end)


def _unknown_field(said: str, start: int, end: int) -> QueryError:
    known = ", ".join(f"{field}:" for field in (*TEXT_FIELDS, *sorted(META_FIELDS)))
    hint = f"The fields are {known}. If the colon belongs to the text, put that in quotes."
    fix = None
    name = said[:-1].lower().partition(".")[0]
    if name in ABSENT:
        hint = f"{ABSENT[name]} If the colon belongs to the text, put that in quotes."
    elif (instead := FIELDS.get(name, "")).endswith(":"):
        also = ", or url: and a part of its address" if name == "site" else ""
        hint = f"Write {instead}{VALUES.get(instead, 'missile')}{also}."
        fix = None if also or instead == "url:" else instead
    return QueryError(f"“{shown(said)}” is not a field", start, end, hint, code="T310", fix=fix)


def _function(name: str, start: int, end: int) -> Symbol:
    if name in OPERATORS:  # AND(…) is the operator before a group
        return Symbol(OPERATORS[name], name, start, end - 1)
    if name in FUNCTIONS:
        return Symbol(FUNCTION, name, start, end)
    count = _COUNT.fullmatch(name)
    if name.lower() != name and (count or name.lower() in FUNCTIONS):
        written = f"{name.lower()}(…)" if not count or count[2] else EXAMPLES[count[1].lower()]
        hint = f"Write {written} instead."
        fix = f"{name.lower()}(" if not count or count[2] else None
        message = f"“{name}(”: functions are written in lower case"
        raise QueryError(message, start, end, hint, code="T312", fix=fix)
    if count:
        _check_count(count[1], count[2], start, end)
        return Symbol(COUNT, name, start, end)
    if name == "AROUND":  # Google's
        hint = "Write NEAR/5, with the number of words between: Turkey NEAR/5 Pakistan."
        raise QueryError("“AROUND(” is not an operator here", start, end, hint, code="T309")
    elsewhere = name.lower().rstrip("0123456789")
    if elsewhere in ABSENT:
        raise QueryError(
            f"“{shown(name)}(” is not a function", start, end, ABSENT[elsewhere], code="T312"
        )
    if instead := FIELDS.get(name.lower()):
        example = "cs(US)" if instead == "cs" else f"{instead}{VALUES.get(instead, 'missile')}"
        raise QueryError(
            f"“{shown(name)}(” is not a function", start, end, f"Write {example}.", code="T312"
        )
    if counts := re.fullmatch(r"least([0-9]*)|counts?", name, re.IGNORECASE):
        hint = f"Write atleast{counts[1] or 3}(…), in one word."
        raise QueryError(f"“{shown(name)}(” is not a function", start, end, hint, code="T312")
    hint = (
        f"Put a space and AND or OR between “{shown(name)}” and “(”; "
        "the functions are cs(…), caps(…), atleast3(…), any2(…)."
    )
    raise QueryError(f"“{shown(name)}(” is not a function", start, end, hint, code="T312")


def _check_count(name: str, digits: str, start: int, end: int) -> None:
    if not digits:
        hint = f"Write {EXAMPLES[name]}."
        raise QueryError(f"{name}(…) needs a number", start, end, hint, code="T313")
    number = digits.lstrip("0")
    if len(number) > 4 or not 1 <= int(number or 0) <= MAX_COUNT:  # int refuses very long numbers
        hint = f"Write a number from 1 to {MAX_COUNT}: {EXAMPLES[name]}."
        raise QueryError(f"{name} cannot count to {shown(digits)}", start, end, hint, code="T313")
