"""Searches of Media Cloud, which are query strings of Lucene."""

from __future__ import annotations

from lark import Token, v_args

from service.rules.imports import metadata
from service.rules.imports.search import (
    Noted,
    Search,
    Term,
    Unknown,
    Untranslatable,
    Within,
)
from service.rules.imports.systems import grammar

_PARSER = grammar.parser("mediacloud")


def read(text: str) -> Search:
    """What a search of Media Cloud asks for. Raises Untranslatable."""
    return grammar.read(_PARSER, _Meaning(), text)


class _Meaning(grammar.ChainMeaning):
    def joined(self, parts: list[Token | Search]) -> tuple[str, Search]:
        return grammar.joined(parts)

    @v_args(inline=True)
    def boosted(self, part: Search, _boost: Token) -> Search:
        return Noted(part, "the weight behind “^” is left out: it only sorts what is shown there")

    @v_args(inline=True)
    def required(self, _plus: Token, part: Search) -> Search:
        return part

    @v_args(inline=True)
    def word(self, token: Token) -> Search:
        return grammar.adjacent([Term(grammar.unescaped(token))])

    @v_args(inline=True)
    def quoted(self, token: Token) -> Search:
        return Term(token[1:-1])

    @v_args(inline=True)
    def refused(self, token: Token) -> Search:
        raise Untranslatable(f"“{token}” is a range, a pattern or a similar spelling")

    @v_args(inline=True)
    def field(self, token: Token, part: Search) -> Search:
        match token.rstrip()[:-1].lower():
            case "title" | "article_title":
                return Within("title", part)
            case "text" | "text_content":
                return part
            case "language":
                return metadata.values("language", part)
            case "media_name" | "source":
                return metadata.values("source", part)
            case "canonical_domain" | "domain" | "url":
                return metadata.site(part)
            case _:
                return Unknown(f"Media Cloud's field “{token.rstrip()}”")
