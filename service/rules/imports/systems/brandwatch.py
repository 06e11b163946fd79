"""Searches of Brandwatch: NEAR/n counts the words between, NEAR/nf keeps the order, {} the case."""

from __future__ import annotations

import re

from babel.core import get_global
from lark import Token, Transformer, v_args

from service.rules.imports.search import (
    All,
    AnyOf,
    Near,
    Never,
    Search,
    Spelling,
    Term,
    Unknown,
    Untranslatable,
    Within,
)
from service.rules.imports.systems import grammar

_PARSER = grammar.parser("brandwatch")
_SOCIAL = {
    "at_mentions": "mentions of an account",
    "authorverified": "verified accounts",
    "authorfollowers": "followers",
    "engagingwith": "engagement with an account",
    "engagementtype": "kinds of engagement",
    "hashtags": "hashtags",
    "subreddit": "a subreddit",
    "channelid": "a channel",
}
"""Fields that no news article has, by their names in lower case."""


def read(text: str) -> Search:
    """What a search of Brandwatch asks for. Raises Untranslatable."""
    return grammar.read(_PARSER, _Meaning(), text)


class _Meaning(Transformer[Token, Search]):
    def start(self, parts: list[Search]) -> Search:
        return parts[0]

    def group(self, parts: list[Search]) -> Search:
        return parts[0]

    def joined(self, parts: list[Token | Search]) -> tuple[str, Search]:
        return grammar.joined(parts)

    def chain(self, parts: list[tuple[str, Search]]) -> Search:
        return grammar.chain(parts)

    def near(self, parts: list[Token | Search]) -> Search:
        found: Search = parts[0]  # type: ignore[assignment]
        for sign, part in zip(parts[1::2], parts[2::2], strict=True):
            distance = str(sign).removeprefix("NEAR/")
            between = int(distance.removesuffix("f"))
            found = Near(found, part, between, distance.endswith("f"))  # type: ignore[arg-type]
        return found

    def words(self, tokens: list[Token]) -> Search:
        found = [Never("hashtags") if each.startswith("#") else Term(str(each)) for each in tokens]
        return grammar.adjacent(found)

    @v_args(inline=True)
    def quoted(self, token: Token) -> Search:
        return Term(token[1:-1])

    @v_args(inline=True)
    def cased(self, token: Token) -> Search:
        return Term(token[1:-1].replace('"', ""), Spelling.CASED)

    @v_args(inline=True)
    def phrase_within(self, phrase: Token, tilde: Token) -> Search:
        return grammar.phrase_within(phrase[1:-1], int(tilde[1:]))

    @v_args(inline=True)
    def group_within(self, group: Search, tilde: Token) -> Search:
        """`((a OR b) AND (c OR d))~5`: so many words between the two."""
        if isinstance(group, All) and len(group.parts) == 2:
            return Near(*group.parts, int(tilde[1:]))
        raise Untranslatable(f"“{tilde}” stands behind a group that is not two parts with AND")

    @v_args(inline=True)
    def field(self, token: Token, part: Search) -> Search:
        name = token[:-1].lower()
        match name:
            case "title" | "entitytitle":
                return Within("title", part)
            case "site":
                return grammar.site(part)
            case "url":
                return grammar.values("url", part, "*{}*")
            case "author":
                return grammar.values("author", part)
            case "language":
                return grammar.values("language", part)
            case "country":
                return _countries(part)
            case "raw":
                return _cased(part)
            case _ if name in _SOCIAL:
                return Never(_SOCIAL[name])
            case _:
                return Unknown(f"Brandwatch's field “{token}”")


def _cased(part: Search) -> Search:
    match part:
        case Term(text):
            return Term(text, Spelling.CASED)
        case AnyOf(parts):
            return AnyOf(tuple(map(_cased, parts)))
        case _:
            raise Untranslatable("raw: stands before what is no word and no alternatives")


def _countries(part: Search) -> Search:
    """Country codes of three letters as those of two, which articles have."""
    shorter = get_global("territory_aliases")

    def short(term: Search) -> Search:
        match term:
            case Term(text) if re.fullmatch(r"[A-Za-z]{2}", text):
                return term
            case Term(text) if text.upper() in shorter:
                return Term(shorter[text.upper()][0])
            case AnyOf(parts):
                return AnyOf(tuple(map(short, parts)))
            case _:
                raise Untranslatable("country: stands before what is no code of a country")

    return grammar.values("country", short(part))
