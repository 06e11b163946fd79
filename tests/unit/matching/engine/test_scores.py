"""The kernels score what matches as the plain evaluator does, to the last bit of the evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.articles import an_article
from builders.expressions import LISTS, Text, expressions, texts
from service.articles.article import Article
from service.matching.engine.compile import compile_queries
from service.matching.engine.engine import MULTIPLIER, Engine
from service.matching.engine.matcher import Matcher
from service.matching.engine.scorer import Scorer
from service.matching.evaluation.judge import Match
from service.matching.query import BoostRule, Query
from service.matching.syntax.parser import parse
from service.matching.syntax.tree import Node


def assert_scored_alike(
    queries: Sequence[Query], articles: Sequence[Article], limit: int = 5
) -> None:
    """The kernels and the plain evaluator say the same of every match."""
    engine = Engine.from_queries(queries)
    numbers = engine.matching_queries(articles)
    scored = engine.score_batch(articles, numbers, max_evidence=limit)
    assert scored == [
        engine.score_plainly(article, each, max_evidence=limit)
        for article, each in zip(articles, numbers, strict=True)
    ]


@given(
    st.lists(expressions(), min_size=1, max_size=8),
    st.lists(expressions(), max_size=2),
    st.lists(texts(), min_size=1, max_size=4),
    st.sampled_from([1, 2, 5]),
)
@settings(max_examples=80)
def test_scores_equal_those_of_the_plain_evaluator(
    nodes: list[Node],
    boosting: list[Node],
    found: list[Text],
    limit: int,
) -> None:
    """Over the whole grammar, with boosts and thresholds, however much evidence is shown."""
    boosts = tuple(BoostRule(str(n), node, 10 * n - 5) for n, node in enumerate(boosting))
    queries = [
        Query(str(n), node, "en", boosts=boosts, threshold=60 * (n % 2))
        for n, node in enumerate(nodes)
    ]
    assert_scored_alike(queries, [text.article() for text in found], limit)


_WITHOUT_LISTS = (
    "jet", "jet AND strike", "jet OR strike", "jet AND NOT army", "title:jet", "lead:jet",
    "jf 17 AND strike", "jet NEAR/3 strike", "jet NEAR/s (strike OR plan)", "atleast2(jet OR jf)",
    "atleast2(jet NEAR/5 strike)", "any2(jet, strike, plan)", "caps(jet) AND plan", "st?ke OR jet",
    "(jet AND strike) OR plan", "jet AND (strike OR (plan AND 17))", "jet AND source:reut*",
    "jet ONEAR/6 strike NEAR/9 plan", '"the jet" OR jets', "NOT army AND jet",
)  # fmt: skip
_TEXT = an_article(
    title="Jets strike",
    lead="A JF 17 jet struck. The plan is to strike jets.",
    body="The jet and a plan.\n\nJets strike the 17 plans, and jets do. A jet is no jet.",
    source="Reuters",
)


def _never(_: Article) -> Callable[[int], Match | None]:
    def refuse(number: int) -> Match | None:
        raise AssertionError(f"{_WITHOUT_LISTS[number]} went to the plain evaluator")

    return refuse


def test_what_rules_say_is_scored_by_the_kernels() -> None:
    """The plain evaluator, which takes ten times as long, is asked for rare shapes only."""
    queries = [Query(said, parse(said), "en") for said in _WITHOUT_LISTS]
    queries.append(Query("lists", parse("$air AND plan", LISTS), "en"))
    compiled = compile_queries(queries)
    matcher = Matcher(compiled, max_forms=1_000, multiplier=MULTIPLIER)
    scorer = Scorer(matcher, compiled, queries.__getitem__)
    numbers = matcher.matching_queries([_TEXT])
    assert len(numbers[0]) == len(queries)
    (found,) = scorer.matches([_TEXT], numbers, _never, max_evidence=5)
    assert found == Engine.from_queries(queries).score_plainly(_TEXT, numbers[0], max_evidence=5)


@pytest.mark.parametrize(
    "said",
    [
        "jet OR title:jet OR jet",  # mentions of one label are joined
        "(jet AND strike AND plan) OR army",  # a mean of three within an expression
        "(jet AND strike) OR (jet AND plan) OR (strike AND plan)",  # a sum of three such means
        "atleast2(the the)",  # mentions that overlap in a stretch longer than a sentence is shown
    ],
)
def test_rare_shapes_are_scored_alike(said: str) -> None:
    """By the plain evaluator, where the kernels see that they cannot."""
    endless = an_article(body="the " * 300, title="Jets strike", lead="A plan.")
    assert_scored_alike([Query(said, parse(said), "en")], [_TEXT, endless])


def test_more_mentions_and_sentences_than_there_is_room_for() -> None:
    """Working space grows, and what is beyond its bounds goes to the plain evaluator."""
    said = ("jet OR strike", "jet AND strike AND plan")
    queries = [Query(each, parse(each), "en") for each in said]
    sentences = " ".join(f"Jets {number} and a plan strike." for number in range(300))
    assert_scored_alike(queries, [an_article(body=sentences), _TEXT])
    assert_scored_alike(queries[:1], [an_article(body="jet strike. " * 4_200)])


@given(texts(), texts())
@settings(max_examples=25)
def test_a_batch_is_scored_as_its_articles_are(one: Text, other: Text) -> None:
    """Whatever languages its articles have, and whether they match or not."""
    queries = [Query(said, parse(said), "en") for said in _WITHOUT_LISTS]
    engine = Engine.from_queries(queries)
    articles = [each.article() for each in (one, other)]
    articles += [an_article(body="Nothing."), replace(articles[0], language="de")]
    numbers = engine.matching_queries(articles)
    scored = engine.score_batch(articles, numbers, max_evidence=3)
    assert scored == [
        engine.score_matches(article, each, max_evidence=3)
        for article, each in zip(articles, numbers, strict=True)
    ]


def test_a_query_that_does_not_hold_is_a_fault_of_ours() -> None:
    """It is raised, and not scored as if it held."""
    engine = Engine.from_queries([Query("w", parse("jet AND army"), "en")])
    with pytest.raises(RuntimeError, match="finds w in article art-1"):
        engine.score_batch([an_article(body="A jet.")], [[0]], max_evidence=5)
