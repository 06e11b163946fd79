"""The metadata of an article, and the tests of it (DESIGN.md §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.matching.syntax.tree import Meta
from service.matching.words.wildcard import value_pattern
from service.matching.words.wordform import fold

if TYPE_CHECKING:  # reading rules does not need it
    from service.articles.article import Article

FIELDS = ("source", "author", "language", "country", "tag", "url")


def meta_holds(test: Meta, article: Article) -> bool:
    """Whether the pattern of a test matches a whole value of its field, in any case."""
    pattern = value_pattern(test.pattern)
    return any(pattern.fullmatch(fold(value)) for value in metadata_values(test.field, article))


def metadata_values(field: str, article: Article) -> tuple[str, ...]:
    """The values of one field; none if it is not known."""
    known: tuple[str, ...]
    match field:
        case "tag":
            known = article.tags
        case "language":  # `language:en` means en-GB too
            known = (article.language, article.language.partition("-")[0])
        case "source":
            known = (article.source,)
        case "author":
            known = (article.author,)
        case "country":
            known = (article.country,)
        case _:
            known = (article.url,)
    return tuple(filter(None, known))
