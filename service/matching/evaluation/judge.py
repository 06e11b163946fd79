"""One query against an article: whether it matches, how well, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from service.matching.evaluation.evaluate import Finding, Reading, evaluate
from service.matching.evaluation.evidence import Evidence
from service.matching.evaluation.score import Boost, Score, score
from service.matching.query import Query


class Verdict(Enum):
    """What became of one query."""

    MATCHED = "matched"
    MISSED = "missed"
    EXCEPTED = "excepted"
    BELOW = "below threshold"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One query against one article, with all that it takes to explain the verdict."""

    query: Query
    reading: Reading
    verdict: Verdict
    finding: Finding
    score: Score | None
    """None where the expression does not hold."""
    exceptions: tuple[str, ...]
    """The names of the exceptions that held."""


@dataclass(frozen=True, slots=True)
class Match:
    """A query that matched, with its score and its proof."""

    query_id: str
    score: Score
    evidence: tuple[Evidence, ...]


def judge(query: Query, reading: Reading) -> Judgement:
    """The verdict of one query, every part of it worked out."""
    finding = evaluate(query.node, reading, query.language)
    if not finding.holds:
        return Judgement(query, reading, Verdict.MISSED, finding, None, ())
    boosts = [
        Boost(boost.when, boost.points)
        for boost in query.boosts
        if evaluate(boost.node, reading, query.language).holds
    ]
    scored = score(finding, boosts)
    held = tuple(
        exception.name
        for exception in query.exceptions
        if evaluate(exception.node, reading, query.language).holds
    )
    verdict = Verdict.MATCHED
    if held:
        verdict = Verdict.EXCEPTED
    elif scored.value < query.threshold:
        verdict = Verdict.BELOW
    return Judgement(query, reading, verdict, finding, scored, held)
