"""Builders of articles and of what is said about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Judgement, judge
from service.matching.query import BoostRule, Query, Suppressor
from service.matching.syntax.parser import parse, parse_item


def an_article(body: str = "", **fields: Any) -> Article:
    """An article with the given zones and metadata, and nothing else that matters."""
    given: dict[str, Any] = {
        "id": "art-1",
        "revision": "0" * 16,
        "title": "",
        "lead": "",
        "url": "",
        "source": "",
        "author": "",
        "language": "en",
        "country": "",
        "published_at": "",
        "tags": (),
    }
    return Article(**(given | {"body": body} | fields))


def a_query(match: str, **fields: Any) -> Query:
    """A query by its expression; `lists`, `excepts`, `boosts` as expressions too."""
    lists = {name: parse_item(text) for name, text in fields.pop("lists", {}).items()}
    excepts = fields.pop("excepts", {})
    boosts = fields.pop("boosts", {})
    return Query(
        id="w",
        node=parse(match, lists),
        language=fields.pop("language", "en"),
        exceptions=tuple(Suppressor(name, parse_item(text)) for name, text in excepts.items()),
        boosts=tuple(BoostRule(when, parse_item(when), points) for when, points in boosts.items()),
        **fields,
    )


def judged(match: str, article: Article | str, **fields: Any) -> Judgement:
    """The verdict of an expression on an article, or on a body alone."""
    found = an_article(article) if isinstance(article, str) else article
    return judge(a_query(match, **fields), ArticleIndex(found))


def matches(match: str, article: Article | str, **fields: Any) -> bool:
    """Whether an expression holds; the engine and the plain evaluator have to agree."""
    found = an_article(article) if isinstance(article, str) else article
    query = replace(a_query(match, **fields), exceptions=())
    holds = judge(query, ArticleIndex(found)).result.holds
    assert [
        list(numbers) for numbers in Engine.from_queries([query]).matching_queries([found])
    ] == [[0] * holds]
    return holds
