"""Searches of Lexis and Nexis: or binds first, w/n and pre/n count from word to word."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from lark import Token, Transformer, v_args

from service.rules.imports import metadata
from service.rules.imports.search import (
    All,
    AnyOf,
    AtLeast,
    Near,
    Search,
    Spelling,
    Term,
    Unknown,
    Untranslatable,
    Within,
    Without,
)
from service.rules.imports.systems import grammar

MAX_NEAR = 100
"""Parts that are near each other without parentheses."""
_PARSER = grammar.parser("lexis")
_UNITS = {"s": "s", "sent": "s", "p": "p", "para": "p"}
_SEGMENTS = {
    **dict.fromkeys(("headline", "title", "head"), "title"),
    **dict.fromkeys(("hlead", "h-lead"), "headline"),
    **dict.fromkeys(("lead", "lead-para", "summary"), "lead"),
    **dict.fromkeys(("body", "text"), "body"),
}
_METADATA = {
    **dict.fromkeys(("byline", "author"), "author"),
    **dict.fromkeys(("publication", "source", "pub"), "source"),
    "language": "language",
}


def read(text: str) -> Search:
    """What a search of Lexis asks for. Raises Untranslatable."""
    return grammar.read(_PARSER, _Meaning(), text)


class _Meaning(Transformer[Token, Search]):
    def start(self, parts: list[Search]) -> Search:
        return parts[0]

    def excluded(self, parts: list[Token | Search]) -> Search:
        first, *rest = grammar.searches(parts)
        return All((first, *map(Without, rest))) if rest else first

    def all(self, parts: list[Token | Search]) -> Search:
        found = grammar.searches(parts)
        return found[0] if len(found) == 1 else All(found)

    def any(self, parts: list[Token | Search]) -> Search:
        found = grammar.searches(parts)
        return found[0] if len(found) == 1 else AnyOf(found)

    def near(self, parts: list[Token | Search]) -> Search:
        """The smallest distance is joined first, and of equal ones the leftmost."""
        operands = list(grammar.searches(parts))
        signs = [str(part).lower() for part in parts if isinstance(part, Token)]
        if len(signs) > MAX_NEAR:
            raise Untranslatable("it asks for nearness of too many parts; divide it")
        while signs:
            first = min(range(len(signs)), key=lambda at: _rank(signs[at]))
            joined = _near(operands[first], operands[first + 1], signs.pop(first))
            operands[first : first + 2] = [joined]
        return operands[0]

    def phrase(self, parts: list[Search]) -> Search:
        return grammar.phrase(parts)

    @v_args(inline=True)
    def word(self, token: Token) -> Search:
        text = re.sub(r"!$", "*", token)
        return Term(text, Spelling.EXACT if "*" in text or "?" in text else Spelling.FORMS)

    @v_args(inline=True)
    def quoted(self, token: Token) -> Search:
        return Term(token[1:-1])

    @v_args(inline=True)
    def filter(self, token: Token) -> Search:
        return Unknown(f"a date or a length, “{token}”")

    @v_args(inline=True)
    def call(self, token: Token, part: Search) -> Search:
        name = token[:-1].strip().lower()
        if count := re.fullmatch(r"atl(?:east)?(\d+)", name):
            return AtLeast(int(count[1]), part)
        match name:
            case "allcaps":
                return _spelled(part, Spelling.CASED, str.upper)
            case "nocaps":
                return _spelled(part, Spelling.CASED, str.lower)
            case "caps":
                return _spelled(part, Spelling.CAPITAL)
            case "singular" | "plural":
                return _spelled(part, Spelling.EXACT)
            case _ if name in _SEGMENTS:
                return Within(_SEGMENTS[name], part)
            case _ if name in _METADATA:
                return metadata.values(_METADATA[name], part)
            case _:
                return Unknown(f"the segment “{name}” of Lexis")


def _rank(sign: str) -> tuple[int, int]:
    unit = re.sub(r"^.*[/+]", "", sign)
    return (0, int(unit)) if unit.isdigit() else (1 + (_UNITS.get(unit) != "s"), 0)


def _near(left: Search, right: Search, sign: str) -> Search:
    unit = re.sub(r"^.*[/+]", "", sign)
    if sign.startswith("not"):
        raise Untranslatable(f"“{sign}” asks for a mention that is not near another")
    if unit == "seg":
        return All((left, right))
    ordered = sign.startswith(("pre", "onear", "+"))
    between = max(int(unit) - 1, 0) if unit.isdigit() else _UNITS[unit]
    return Near(left, right, between, ordered)


def _spelled(part: Search, spelling: Spelling, case: Callable[[str], str] = str) -> Search:
    match part:
        case Term(text):
            return replace(part, text=case(text), spelling=spelling)
        case AnyOf(parts):
            return AnyOf(tuple(_spelled(each, spelling, case) for each in parts))
        case _:
            raise Untranslatable("caps, allcaps, nocaps, singular and plural stand around words")
