"""Searches of Google Alerts: words are asked for in any of their forms, OR binds before AND."""

from __future__ import annotations

import re

from lark import Token, Transformer, v_args

from service.rules.imports import metadata
from service.rules.imports.search import (
    All,
    AnyOf,
    Near,
    Search,
    Spelling,
    Term,
    Unknown,
    Within,
    Without,
)
from service.rules.imports.systems import grammar

_PARSER = grammar.parser("google")
WORDS_OF_A_STAR = 3
"""Words at most that `*` within a phrase is here."""


def read(text: str) -> Search:
    """What a search of Google Alerts asks for. Raises Untranslatable."""
    return grammar.read(_PARSER, _Meaning(), text)


class _Meaning(Transformer[Token, Search]):
    def start(self, parts: list[Search]) -> Search:
        return parts[0]

    def all(self, parts: list[Token | Search]) -> Search:
        found = grammar.searches(parts)
        return found[0] if len(found) == 1 else All(found)

    def any(self, parts: list[Token | Search]) -> Search:
        found = grammar.searches(parts)
        return found[0] if len(found) == 1 else AnyOf(found)

    def near(self, parts: list[Token | Search]) -> Search:
        found: Search = parts[0]  # type: ignore[assignment]
        for sign, part in zip(parts[1::2], parts[2::2], strict=True):
            between = int(re.sub(r"\D", "", str(sign)))
            found = Near(found, part, between)  # type: ignore[arg-type]
        return found

    @v_args(inline=True)
    def word(self, token: Token) -> Search:
        return grammar.adjacent([Term(str(token), Spelling.FORMS)])

    @v_args(inline=True)
    def quoted(self, token: Token) -> Search:
        """A phrase; `*` in it is a word, or a few."""
        found: Search | None = None
        for text in re.split(r"\s\*\s", token[1:-1]):
            part = Term(text)
            found = part if found is None else Near(found, part, WORDS_OF_A_STAR, ordered=True)
        return found or Term(token[1:-1])

    @v_args(inline=True)
    def without(self, _minus: Token, part: Search) -> Search:
        return Without(part)

    @v_args(inline=True)
    def required(self, _plus: Token, part: Search) -> Search:
        return part

    @v_args(inline=True)
    def rest(self, token: Token) -> Search:
        name, _, said = token.partition(":")
        words = tuple(Term(word, Spelling.FORMS) for word in said.split())
        part: Search = words[0] if len(words) == 1 else All(words)
        return _within(name.lower().removeprefix("all"), part, token)

    @v_args(inline=True)
    def field(self, token: Token, part: Search) -> Search:
        return _within(token.rstrip()[:-1].lower(), part, token.rstrip())


def _within(name: str, part: Search, written: str) -> Search:
    match name:
        case "intitle":
            return Within("title", part)
        case "intext":
            return part
        case "inurl":
            if isinstance(part, All):
                return All(tuple(metadata.values("url", each, "*{}*") for each in part.parts))
            return metadata.values("url", part, "*{}*")
        case "site":
            return metadata.site(part)
        case "source":
            return metadata.values("source", part)
        case "location":
            return Unknown("the place of a publication")
        case _:
            return Unknown(f"Google's field “{written}”")
