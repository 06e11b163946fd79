"""Searches of Brandwatch: NEAR/n counts the words between, NEAR/nf keeps the order, {} the case."""

from __future__ import annotations

from lark import Token, v_args

from service.rules.imports import metadata
from service.rules.imports.search import (
    Near,
    Never,
    Search,
    Spelling,
    Term,
    Unknown,
    Within,
)
from service.rules.imports.systems import grammar

_PARSER = grammar.parser("brandwatch")
_SOCIAL = frozenset(
    {
        "at_mentions",
        "authorfollowers",
        "authorgender",
        "authorverified",
        "authorverifiedtype",
        "blogname",
        "brandids",
        "channelid",
        "engagementtype",
        "engagingwith",
        "engagingwithguid",
        "guid",
        "imagetype",
        "itemreview",
        "links",
        "objects",
        "parentblogname",
        "parentpostid",
        "publishersubtype",
        "rating",
        "redditauthorflair",
        "redditpostflair",
        "redditspoiler",
        "rootblogname",
        "rootpostid",
        "sensitivecontent",
        "subreddit",
        "subredditnsfw",
        "subreddittopics",
        "tags",
        "weblogtitle",
    }
)
"""Fields that no news article has, by their names in lower case."""


def read(text: str) -> Search:
    """What a search of Brandwatch asks for. Raises Untranslatable."""
    return grammar.read(_PARSER, _Meaning(), text)


class _Meaning(grammar.ChainMeaning):
    def near(self, parts: list[Token | Search]) -> Search:
        found: Search = parts[0]  # type: ignore[assignment]
        for sign, part in zip(parts[1::2], parts[2::2], strict=True):
            distance = str(sign).removeprefix("NEAR/")
            between = int(distance.removesuffix("f"))
            found = Near(found, part, between, distance.endswith("f"))  # type: ignore[arg-type]
        return found

    def words(self, tokens: list[Token]) -> Search:
        return grammar.adjacent([grammar.post_word(each) for each in tokens])

    @v_args(inline=True)
    def word(self, token: Token) -> Search:
        return grammar.post_word(token)

    @v_args(inline=True)
    def quoted(self, token: Token) -> Search:
        return grammar.post_word(token[1:-1])

    @v_args(inline=True)
    def range(self, token: Token) -> Search:
        return Unknown(f"the range “{token}”")

    @v_args(inline=True)
    def cased(self, token: Token) -> Search:
        return Term(token[1:-1].replace('"', ""), Spelling.CASED)

    @v_args(inline=True)
    def field(self, token: Token, part: Search) -> Search:
        name = token.rstrip()[:-1].lower()
        match name:
            case "title" | "entitytitle":
                return Within("title", part)
            case "site":
                return metadata.site(part)
            case "url":
                return metadata.values("url", part, "*{}*")
            case "author":
                return metadata.values("author", part)
            case "language":
                return metadata.values("language", part)
            case "country":
                return metadata.countries(part)
            case "raw":
                return grammar.spelled(part, Spelling.CASED)
            case "hashtags":
                return Never("hashtags")
            case "publication":
                return metadata.values("source", part)
            case "topleveldomain":
                return metadata.values("url", part, "*.{}/*")
            case _ if name in _SOCIAL:
                return Never(f"Brandwatch's field “{token.rstrip()}”")
            case _:
                return Unknown(f"Brandwatch's field “{token.rstrip()}”")
