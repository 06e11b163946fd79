"""Searches of Meltwater: NEAR alone means four words between, ONEAR keeps the order."""

from __future__ import annotations

from lark import Token, Transformer, v_args

from service.rules.imports.search import (
    All,
    Near,
    Never,
    Noted,
    Search,
    Spelling,
    Term,
    Unknown,
    Untranslatable,
    Within,
)
from service.rules.imports.systems import grammar

_PARSER = grammar.parser("meltwater")
DEFAULT_BETWEEN = 4
"""Words between two terms that NEAR without a number joins."""
_SOCIAL = ("bio", "hashtag", "mention", "username", "reach", "followers", "subreddit")


def read(text: str) -> Search:
    """What a search of Meltwater asks for. Raises Untranslatable."""
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
            name, _, distance = str(sign).upper().partition("/")
            between = int(distance or DEFAULT_BETWEEN)
            found = Near(found, part, between, name == "ONEAR")  # type: ignore[arg-type]
        return found

    @v_args(inline=True)
    def boosted(self, part: Search, _boost: Token) -> Search:
        return Noted(part, "the weight behind “^” is left out: it only sorts what is shown there")

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
        if isinstance(group, All) and len(group.parts) == 2:
            return Near(*group.parts, int(tilde[1:]))
        raise Untranslatable(f"“{tilde}” stands behind a group that is not two parts with AND")

    @v_args(inline=True)
    def field(self, token: Token, part: Search) -> Search:
        name = token[:-1].lower()
        match name:
            case "title" | "headline":
                return Within("title", part)
            case "ingress":
                return Within("lead", part)
            case "titleingress" | "title_ingress":
                return Within("headline", part)
            case "source" | "sourcename" | "publication":
                return grammar.values("source", part)
            case "url" | "site" | "domain":
                return grammar.site(part)
            case "author" | "byline":
                return grammar.values("author", part)
            case "language" | "lang":
                return grammar.values("language", part)
            case _ if name in _SOCIAL:
                return Never(f"Meltwater's field “{token}”")
            case _:
                return Unknown(f"Meltwater's field “{token}”")
