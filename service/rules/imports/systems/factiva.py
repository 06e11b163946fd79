"""Searches of Factiva: adjN and nearN count from word to word, so that adj1 is side by side."""

from __future__ import annotations

import re

from lark import Token, Transformer, v_args

from service.rules.imports import metadata
from service.rules.imports.search import (
    All,
    AnyOf,
    AtLeast,
    Near,
    Noted,
    Search,
    Term,
    Unknown,
    Untranslatable,
    Within,
    Without,
)
from service.rules.imports.systems import grammar

_PARSER = grammar.parser("factiva")
_TRUNCATED = re.compile(r"\$\d*$")


def read(text: str) -> Search:
    """What a search of Factiva asks for. Raises Untranslatable."""
    return grammar.read(_PARSER, _Meaning(), text)


class _Meaning(Transformer[Token, Search]):
    def start(self, parts: list[Search]) -> Search:
        return parts[0]

    def any(self, parts: list[Token | Search]) -> Search:
        found = grammar.searches(parts)
        return found[0] if len(found) == 1 else AnyOf(found)

    def all(self, parts: list[Token | Search]) -> Search:
        found = grammar.searches(parts)
        return found[0] if len(found) == 1 else All(found)

    def none(self, parts: list[Token | Search]) -> Search:
        found = list(grammar.searches(parts))
        first = Without(found[0]) if isinstance(parts[0], Token) else found[0]
        rest = [Without(each) for each in found[1:]]
        return All((first, *rest)) if rest else first

    def near(self, parts: list[Token | Search]) -> Search:
        if isinstance(parts[-1], Token):
            raise Untranslatable(f"“{parts[-1]}” counts from the beginning; write hlp= around it")
        found: Search = parts[0]  # type: ignore[assignment]
        for sign, part in zip(parts[1::2], parts[2::2], strict=True):
            between, ordered = _distance(str(sign).lower())
            found = Near(found, part, between, ordered)  # type: ignore[arg-type]
        return found

    def phrase(self, parts: list[Search]) -> Search:
        return grammar.phrase(parts)

    @v_args(inline=True)
    def word(self, token: Token) -> Search:
        text = str(token)
        if text == "%":
            raise Untranslatable("“%” asks for exactly one word there; write adj2")
        if not _TRUNCATED.search(text):
            return Term(text)
        part = Term(_TRUNCATED.sub("*", text))
        return part if text.endswith("$") else Noted(part, f"“{text}” finds longer words too here")

    @v_args(inline=True)
    def quoted(self, token: Token) -> Search:
        return Term(token[1:-1])

    @v_args(inline=True)
    def atleast(self, token: Token, part: Search) -> Search:
        return AtLeast(int(re.sub(r"\D", "", token)), part)

    @v_args(inline=True)
    def unsaid(self, token: Token) -> Search:
        what = "the number of words" if token.type == "WORD_COUNT" else "a date"
        return Unknown(f"{what}, “{token}”")

    @v_args(inline=True)
    def field(self, token: Token, part: Search) -> Search:
        name = token.rstrip().removesuffix("=").lower()
        match name:
            case "hd" | "hl":
                return Within("title", part)
            case "hlp":
                return Within("headline", part)
            case "lp":
                return Within("lead", part)
            case "td":
                return Within("body", part)
            case "by":
                return metadata.values("author", part, "*{}*")
            case "la":
                return metadata.values("language", part)
            case "sn":
                return metadata.values("source", part)
            case _:
                return Unknown(f"Factiva's code “{token.rstrip()}”")


def _distance(sign: str) -> tuple[int | str, bool]:
    """The words between, and whether the left one comes first."""
    if sign == "same":
        return "p", False
    number = int(re.sub(r"\D", "", sign) or 1)
    return max(number - 1, 0), sign.startswith(("adj", "w"))
