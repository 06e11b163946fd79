"""Searches of Meltwater: NEAR alone means four words between, ONEAR keeps the order, {5} counts."""

from __future__ import annotations

from lark import Token, v_args

from service.rules.imports import metadata
from service.rules.imports.search import (
    Always,
    AtLeast,
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
_SOCIAL = frozenset(
    {
        "attachmenttype",
        "authorhuman",
        "authorverifiedtype",
        "bio",
        "followers",
        "from",
        "hashtag",
        "imageemotion",
        "imageentity",
        "imageobject",
        "imagescene",
        "imagetext",
        "likes",
        "mention",
        "shares",
        "socialtype",
        "subreddit",
        "to",
        "username",
        "verified",
    }
)
"""Fields that no news article has, by their names in lower case."""
_FIELDS = {
    **dict.fromkeys(("title", "headline"), "title"),
    **dict.fromkeys(("titleingress", "title_ingress"), "headline"),
    **dict.fromkeys(("content", "body"), "body"),
    "ingress": "lead",
}
_OF_ALL_NEWS = {"infotype": "news", "posttype": "og", "spam": "false", "nsfw": "false"}
"""Fields that have one value in all news articles."""


def read(text: str) -> Search:
    """What a search of Meltwater asks for. Raises Untranslatable."""
    return grammar.read(_PARSER, _Meaning(), text)


class _Meaning(grammar.ChainMeaning):
    def joined(self, parts: list[Token | Search]) -> tuple[str, Search]:
        if any(isinstance(part, Token) and part.type == "UNSAID" for part in parts):
            raise Untranslatable("“XNOT” asks for a mention that is not part of another")
        return super().joined(parts)

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
        return grammar.adjacent([grammar.post_word(grammar.unescaped(each)) for each in tokens])

    @v_args(inline=True)
    def word(self, token: Token) -> Search:
        return grammar.post_word(grammar.unescaped(token))

    @v_args(inline=True)
    def quoted(self, token: Token) -> Search:
        return grammar.post_word(grammar.unescaped(token[1:-1]))

    @v_args(inline=True)
    def counted(self, part: Search, count: Token) -> Search:
        least, _, most = count.strip("{} ").partition(",")
        if most.strip():
            raise Untranslatable(f"“{count}” asks for a number of mentions at most")
        return AtLeast(int(least), part)

    @v_args(inline=True)
    def measure(self, token: Token) -> Search:
        name = token.split("<")[0].split(">")[0].strip().rpartition(".")[2].lower()
        what = f"the number “{token}”"
        return Never(what) if name in _SOCIAL else Unknown(what)

    @v_args(inline=True)
    def field(self, token: Token, part: Search) -> Search:
        name = token.rstrip()[:-1].lower()
        match name:
            case _ if name in _FIELDS:
                return Within(_FIELDS[name], part)
            case "source" | "sourcename" | "publication":
                return metadata.values("source", part)
            case "url" | "site" | "domain":
                return metadata.site(part)
            case "author" | "byline":
                return metadata.values("author", part)
            case "language" | "lang":
                return metadata.values("language", part)
            case "country":
                return metadata.countries(part)
            case "casesensitive":
                return grammar.spelled(part, Spelling.CASED)
            case _ if name in _OF_ALL_NEWS and isinstance(part, Term):
                said = part.text.lower() == _OF_ALL_NEWS[name]
                return Always() if said else Never(f"“{token}{part.text}”")
            case _ if name in _SOCIAL:
                return Never(f"Meltwater's field “{token.rstrip()}”")
            case _:
                return Unknown(f"Meltwater's field “{token.rstrip()}”")
