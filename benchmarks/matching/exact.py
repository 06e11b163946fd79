"""Whether the engine says what the plain evaluator says: on the stored queries and the news, and on
expressions by chance over the whole grammar.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from random import Random

from benchmarks.corpus.corpus import Tree, corpus, node, query
from benchmarks.corpus.expressions import WORDS, Expressions, an_article_by
from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.query import Query, Suppressor
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import Node, Term, needs_text, terms
from service.matching.words.text import words

PROCESSES = 2
SHOWN = 20
"""Most differences that are printed."""


@dataclass(slots=True)
class Count:
    """What was compared, and where the two differ."""

    pairs: int = 0
    matches: int = 0
    scores: int = 0
    """Matches whose score and evidence were compared, too."""
    differences: list[str] = field(default_factory=list)

    def add(self, other: Count) -> None:
        """Take in what another process found."""
        self.pairs += other.pairs
        self.matches += other.matches
        self.scores += other.scores
        self.differences += other.differences

    def compare_scores(
        self, engine: Engine, article: Article, numbers: Sequence[int], what: str
    ) -> None:
        """Hold the kernels' scores and evidence to those of the plain evaluator."""
        scored = engine.score_matches(article, numbers, max_evidence=5)
        plain = engine.score_plainly(article, numbers, max_evidence=5)
        self.scores += len(plain)
        for one, other in zip(scored, plain, strict=True):
            if one != other:
                self.differences.append(f"{what}: {one} is by the evaluator {other}")

    def compare(self, expected: set[int], found: Sequence[int], number: int, what: str) -> None:
        """One article's matches among so many queries."""
        self.pairs += number
        self.matches += len(expected)
        if list(found) != sorted(expected):
            extra, missing = sorted(set(found) - expected), sorted(expected - set(found))
            self.differences.append(f"{what}: found wrongly {extra[:5]}, not found {missing[:5]}")


class Leaves:
    """The plain evaluator on many queries: each term, phrase and NEAR is evaluated once an article.

    AND, OR and NOT are then those of Python. This shares nothing with the engine; that it is the
    evaluator's own opinion of the whole queries is checked on some of them.
    """

    def __init__(self, trees: Sequence[Tree]) -> None:
        self._trees = trees
        self._numbers: dict[str, int] = {}
        self._nodes: list[Node] = []
        self._plans = [self._plan(tree) for tree in trees]

    def _plan(self, tree: Tree) -> Plan:
        match tree:
            case {"op": "not", "arg": below}:
                return ("not", [self._plan(below)])
            case {"op": str(operator), "args": list(below)}:
                return (operator, [self._plan(each) for each in below])
        name = json.dumps(tree)
        if name not in self._numbers:
            self._numbers[name] = len(self._nodes)
            self._nodes.append(node(tree))
        return self._numbers[name]

    def holding(self, article: Article) -> set[int]:
        """The numbers of the queries that hold."""
        index = ArticleIndex(article)
        occurring: dict[str, bool] = {}

        def occurs(term: Term) -> bool:
            for word in term.words:
                if word not in occurring:
                    occurring[word] = bool(index.hits(word, term.style, "en"))
                if not occurring[word]:
                    return False
            return True

        truths = [
            all(occurs(term) for term in terms(each)) and evaluate(each, index, "en").holds
            for each in self._nodes
        ]
        return {number for number, plan in enumerate(self._plans) if _holds(plan, truths)}


Plan = int | tuple[str, list["Plan"]]


def _holds(plan: Plan, truths: Sequence[bool]) -> bool:
    if isinstance(plan, int):
        return truths[plan]
    operator, below = plan
    if operator == "not":
        return not _holds(below[0], truths)
    each = (_holds(one, truths) for one in below)
    return all(each) if operator == "and" else any(each)


def stored(queries: int, articles: Sequence[int]) -> Count:
    """The stored queries on the articles of these numbers."""
    news = corpus()
    trees = list(news.trees(queries))
    plain = Leaves(trees)
    engine = Engine.from_queries([query(number, tree) for number, tree in enumerate(trees)])
    everything = news.articles()
    count = Count()
    chance = Random(articles[0])
    for at in articles:
        article = everything[at]
        expected = plain.holding(article)
        numbers = engine.matching_queries([article])[0]
        count.compare(expected, numbers, queries, article.id)
        some = chance.sample(numbers, min(20, len(numbers)))
        count.compare_scores(engine, article, some, article.id)
        index = ArticleIndex(article)
        for number in chance.sample(range(queries), min(20, queries)):
            holds = evaluate(node(trees[number]), index, "en").holds
            if holds != (number in expected):
                count.differences.append(f"{article.id}: leaves and evaluator differ on {number}")
    return count


EXPRESSIONS, ARTICLES = 200, 25
"""Of one set by chance: 5,000 pairs."""


def by_chance(seed: int, expressions: int = EXPRESSIONS, articles: int = ARTICLES) -> Count:
    """Expressions over the whole grammar, each on articles that are made of the same words."""
    chance = Random(seed)
    read = [an_article_by(chance) for _ in range(articles)]
    return _pairs(seed, list(_queries(chance, WORDS, expressions)), read)


def by_news(seed: int) -> Count:
    """Expressions over the whole grammar whose words are those of one news article."""
    chance = Random(seed)
    articles = chance.sample(corpus().articles(), ARTICLES)
    own = (word for _, text in articles[0].zones() for word in words(text) if word.isalpha())
    safe = [word for word in own if word not in {"AND", "OR", "NOT"}]
    return _pairs(seed, list(_queries(chance, safe or WORDS, EXPRESSIONS)), articles)


def _queries(chance: Random, known: Sequence[str], expressions: int) -> Iterator[Query]:
    makes = Expressions(chance, known)
    for number in range(expressions):
        excepted = makes.node(1) if chance.random() < 0.2 else None
        yield Query(
            id=str(number),
            node=makes.node(chance.randint(1, 3)),
            language=chance.choice(("en", "en", "en", "en-gb", "tr", "ur")),
            exceptions=(Suppressor("except", excepted),) if excepted else (),
        )


def _pairs(seed: int, queries: list[Query], articles: list[Article]) -> Count:
    count = Count()
    engine = Engine.from_queries(queries)
    found = engine.matching_queries(articles)
    for article, numbers in zip(articles, found, strict=True):
        index = ArticleIndex(article)
        expected = {number for number, query in enumerate(queries) if _matches(query, index)}
        count.compare(expected, numbers, len(queries), f"seed {seed}")
        for number in sorted(expected.symmetric_difference(numbers)):
            count.differences.append(f"  {unparse(queries[number].node)!r} on {article}")
        scored = [number for number in numbers if needs_text(queries[number].node)]
        count.compare_scores(engine, article, scored, f"seed {seed}")
    return count


def _matches(query: Query, index: ArticleIndex) -> bool:
    return evaluate(query.node, index, query.language).holds and not any(
        evaluate(each.node, index, query.language).holds for each in query.exceptions
    )


def main(arguments: Sequence[str] = ()) -> int:
    """Print what was compared and where the engine differs; 1 when it does."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks exact", description=__doc__)
    parser.add_argument("--queries", type=int, default=100_000, metavar="N")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many of the articles")
    parser.add_argument("--pairs", type=int, default=100_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    chosen = parser.parse_args(arguments)

    faults = 0
    number = len(corpus().articles())
    at = sorted(Random(chosen.seed).sample(range(number), min(chosen.sample or number, number)))
    shares = [at[part::PROCESSES] for part in range(PROCESSES) if at[part::PROCESSES]]
    sets = range(chosen.seed, chosen.seed + max(1, chosen.pairs // (EXPRESSIONS * ARTICLES) // 2))
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for what, counts in (
            ("expressions by chance, articles by chance", pool.map(by_chance, sets)),
            ("expressions by chance, the news", pool.map(by_news, sets)),
            ("stored queries, the news", pool.map(stored, [chosen.queries] * len(shares), shares)),
        ):
            faults += _report(what, counts)
    return min(faults, 1)


def _report(what: str, counts: Iterator[Count]) -> int:
    start = time.perf_counter()
    total = Count()
    for count in counts:
        total.add(count)
    print(
        f"{what}: {total.pairs:,} pairs, {total.matches:,} matches, {total.scores:,} scores, "
        f"{len(total.differences):,} differences ({time.perf_counter() - start:,.0f} s)",
        flush=True,
    )
    for difference in total.differences[:SHOWN]:
        print(f"  {difference}")
    return len(total.differences)
