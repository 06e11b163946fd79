"""The engines that are measured, each behind the same three methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Protocol

from benchmarks.corpus.corpus import Numbers, Tree, query
from benchmarks.matching.peers import Mokaccino, Tantivy
from service.articles.article import Article
from service.matching.engine.compile import compile_queries
from service.matching.engine.engine import Engine
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.words.frequencies import Frequencies


class Contestant(Protocol):
    """One engine, loaded with queries."""

    batch: int
    """Articles that it is given at a time."""
    alone: bool
    """Whether it can as well be asked about one article."""

    def load(self, trees: Sequence[Tree]) -> None:
        """Take the queries, numbered from 0; on the clock."""

    def prepare(self, article: Article) -> Any:
        """An article as the engine wants it; off the clock."""

    def match(self, prepared: Sequence[Any]) -> Numbers:
        """The queries that hold, for each article; on the clock."""


class Ours:
    """This engine, from the text of an article to the numbers of its queries."""

    batch = 256
    alone = True

    def load(self, trees: Sequence[Tree]) -> None:
        queries = (query(number, tree) for number, tree in enumerate(trees))
        self.engine = Engine(compile_queries(queries, Frequencies.shipped()), _never)
        self.engine.prepare()  # as the service does before rules are in force

    def prepare(self, article: Article) -> Article:
        return article

    def match(self, prepared: Sequence[Article]) -> Numbers:
        return self.engine.matching_queries(prepared)


def _never(number: int) -> NoReturn:
    """The queries themselves are for scores and evidence, which are not measured here."""
    raise LookupError(f"query {number} was asked for, though only numbers are wanted")


class Floor(Ours):
    """The same kernel without the queries: it cuts the text into words and looks each one up."""

    def match(self, prepared: Sequence[Article]) -> Numbers:
        self.engine.tokenise_only(prepared)
        return [[] for _ in prepared]


class Plain:
    """The evaluator that the engine is held against: each query in turn, read off its tree."""

    batch = 1
    alone = True

    def load(self, trees: Sequence[Tree]) -> None:
        self._queries = [query(number, tree) for number, tree in enumerate(trees)]

    def prepare(self, article: Article) -> Article:
        return article

    def match(self, prepared: Sequence[Article]) -> Numbers:
        return [self._holding(ArticleIndex(article)) for article in prepared]

    def _holding(self, index: ArticleIndex) -> list[int]:
        return [
            number
            for number, query in enumerate(self._queries)
            if evaluate(query.node, index, query.language).holds
        ]


CONTESTANTS: dict[str, Callable[[], Contestant]] = {
    "floor": Floor,
    "this engine": Ours,
    "tantivy": Tantivy,
    "mokaccino": Mokaccino,
    "plain evaluator": Plain,
}
