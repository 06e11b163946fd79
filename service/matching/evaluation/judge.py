"""One query against an article: whether it matches, how well, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import NodeResult, evaluate
from service.matching.evaluation.evidence import Evidence
from service.matching.evaluation.score import Boost, Score, score
from service.matching.query import Query


class Verdict(Enum):
    """The outcome of one query."""

    MATCHED = "matched"
    MISSED = "missed"
    EXCEPTED = "excepted"
    BELOW = "below threshold"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One query against one article, with everything that an explanation needs."""

    query: Query
    index: ArticleIndex
    verdict: Verdict
    result: NodeResult
    score: Score | None
    """None if the expression does not hold."""
    exceptions: tuple[str, ...]
    """The names of the exceptions that held."""


class Match(NamedTuple):
    """A query that matched, with its score and its proof."""

    query_id: str
    score: Score
    evidence: tuple[Evidence, ...]


def judge(query: Query, index: ArticleIndex) -> Judgement:
    """Judges one query: expression, boosts, exceptions and threshold."""
    result = evaluate(query.node, index, query.language)
    if not result.holds:
        return Judgement(query, index, Verdict.MISSED, result, None, ())
    boosts = [
        Boost(boost.when, boost.points)
        for boost in query.boosts
        if evaluate(boost.node, index, query.language).holds
    ]
    scored = score(result, boosts)
    held = tuple(
        exception.name
        for exception in query.exceptions
        if evaluate(exception.node, index, query.language).holds
    )
    verdict = Verdict.MATCHED
    if held:
        verdict = Verdict.EXCEPTED
    elif scored.value < query.threshold:
        verdict = Verdict.BELOW
    return Judgement(query, index, verdict, result, scored, held)
