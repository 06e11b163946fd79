"""Queries by what they say, and what the plain evaluator answers, which the engine is held to."""

from __future__ import annotations

from collections.abc import Sequence

from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.query import Query
from service.matching.syntax.parser import parse


def queries_of(*said: str, language: str = "en") -> list[Query]:
    """Queries, each with its text as its id."""
    return [Query(text, parse(text), language) for text in said]


def numbers(engine: Engine, articles: Sequence[Article]) -> list[list[int]]:
    """What the engine says holds in each article."""
    return [list(found) for found in engine.matching_queries(articles)]


def plainly(queries: Sequence[Query], article: Article) -> list[int]:
    """The numbers of the queries that hold, each read off its syntax tree."""
    index = ArticleIndex(article)
    return [
        number
        for number, query in enumerate(queries)
        if evaluate(query.node, index, query.language).holds
    ]
