"""Why a watchlist matches an article or does not."""

from __future__ import annotations

from dataclasses import dataclass

from service.matching.evaluation.article_index import Mention
from service.matching.evaluation.clauses import Clause
from service.matching.evaluation.evaluate import evaluate
from service.matching.evaluation.evidence import Evidence, evidence
from service.matching.evaluation.judge import Judgement
from service.matching.evaluation.near_misses import explain_clause, required_clause
from service.matching.evaluation.score import Boost, positive_mentions
from service.matching.evaluation.shortfall import Gap, shortfall
from service.matching.syntax.tree import And, Node
from service.rules.rules import Watchlist

IMPOSSIBLE = "its clauses contradict one another, so no change to the article would make it match"
"""Said where no set of missing clauses is found."""


@dataclass(frozen=True, slots=True)
class HeldException:
    """An exception that holds, and the words that make it hold."""

    name: str
    expression: Node
    evidence: tuple[Evidence, ...]
    """Empty where it holds by metadata or by what is absent."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One watchlist and one article."""

    watchlist: Watchlist
    judgement: Judgement
    evidence: tuple[Evidence, ...]
    mentions: tuple[Mention, ...]
    """All that count, also beyond those that are shown as evidence."""
    exceptions: tuple[HeldException, ...]
    idle: tuple[Boost, ...]
    """The boosts that did not hold."""
    gaps: tuple[Gap, ...] | None
    """What is missing for the expression to hold; None where no set of clauses would do."""

    @property
    def clauses(self) -> tuple[int, int]:
        """How many parts of the outermost AND hold, and how many there are."""
        result = self.judgement.result
        parts = result.children if isinstance(result.node, And) else (result,)
        return sum(part.holds for part in parts), len(parts)


def explain(watchlist: Watchlist, judgement: Judgement, limit: int) -> Explanation:
    """Everything about a verdict; `limit`: how many pieces of evidence at most."""
    query, index, result = judgement.query, judgement.index, judgement.result
    if judgement.score is None:
        return Explanation(watchlist, judgement, (), (), (), (), shortfall(result))
    held = []
    for exception in query.exceptions:
        if exception.name in judgement.exceptions:
            found = evaluate(exception.node, index, query.language)
            held.append(
                HeldException(exception.name, exception.node, evidence(found, index, limit))
            )
    every = [Boost(boost.when, boost.points) for boost in query.boosts]
    return Explanation(
        watchlist,
        judgement,
        evidence(result, index, limit),
        tuple(mention for mentions in positive_mentions(result).values() for mention in mentions),
        tuple(held),
        tuple(boost for boost in every if boost not in judgement.score.boosts),
        (),
    )


@dataclass(frozen=True, slots=True)
class GapLine:
    """One missing clause, or another way to match."""

    clause: str
    """Empty for a line that only names other ways."""
    instead: str
    """What the article contains instead, or what would do as well."""


def reasons(judgement: Judgement) -> list[str]:
    """What is missing for an expression to hold, a line each."""
    gaps = shortfall(judgement.result)
    if gaps is None:
        return [IMPOSSIBLE]
    lines = [line for gap in gaps for line in gap_lines(gap, judgement)]
    return [f"{line.clause}: {line.instead}" if line.clause else line.instead for line in lines]


def gap_lines(gap: Gap, judgement: Judgement) -> list[GapLine]:
    """The clauses of a gap, each with what is there instead; and what would do as well."""
    lines = [GapLine(required_clause(each), in_place_of(each, judgement)) for each in gap.lacks]
    if not gap.alternatives:
        return lines
    others = [" AND ".join(map(required_clause, way)) for way in gap.alternatives]
    more = gap.ways - 1 - len(others)
    or_else = f"or {', '.join(others)}" + (f" and {more} more" if more > 0 else "")
    if len(lines) == 1:
        return [GapLine(lines[0].clause, f"{lines[0].instead}; {or_else}")]
    return [*lines, GapLine("", or_else)]


def in_place_of(clause: Clause, judgement: Judgement) -> str:
    """What the article contains instead of a clause that does not hold."""
    return explain_clause(clause, judgement.index, judgement.query.language)
