"""Why watchlists match an article or do not: all that `tocsin explain` tells, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.alerts.events.payload import evidence_facts, score_facts
from service.articles.article import Article
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

IMPOSSIBLE = "its clauses refuse one another: no change of some would make it hold"
"""Said where no set of clauses is found that are lacking."""


@dataclass(frozen=True, slots=True)
class Held:
    """An exception that holds, and the words by which."""

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
    exceptions: tuple[Held, ...]
    idle: tuple[Boost, ...]
    """The boosts that did not hold."""
    gaps: tuple[Gap, ...] | None
    """What an expression that does not hold lacks; None where no set of clauses would do."""

    @property
    def clauses(self) -> tuple[int, int]:
        """How many parts of the outermost AND hold, and how many there are."""
        result = self.judgement.result
        parts = result.children if isinstance(result.node, And) else (result,)
        return sum(part.holds for part in parts), len(parts)


def explain(watchlist: Watchlist, judgement: Judgement, limit: int) -> Explanation:
    """All that is to be told of a verdict; `limit` is the most evidence."""
    query, index, result = judgement.query, judgement.index, judgement.result
    if judgement.score is None:
        return Explanation(watchlist, judgement, (), (), (), (), shortfall(result))
    held = []
    for exception in query.exceptions:
        if exception.name in judgement.exceptions:
            found = evaluate(exception.node, index, query.language)
            held.append(Held(exception.name, exception.node, evidence(found, index, limit)))
    added = list(judgement.score.boosts)
    every = [Boost(boost.when, boost.points) for boost in query.boosts]
    return Explanation(
        watchlist,
        judgement,
        evidence(result, index, limit),
        tuple(mention for mentions in positive_mentions(result).values() for mention in mentions),
        tuple(held),
        tuple(boost for boost in every if boost not in added),
        (),
    )


def reasons(judgement: Judgement) -> list[str]:
    """What an expression that does not hold lacks, a line each."""
    gaps = shortfall(judgement.result)
    if gaps is None:
        return [IMPOSSIBLE]
    told = [line for gap in gaps for line in lines(gap, judgement)]
    return [f"{clause}: {instead}" if clause else instead for clause, instead in told]


def lines(gap: Gap, judgement: Judgement) -> list[tuple[str, str]]:
    """The clauses of a gap, each with what is there instead; and what would do as well."""
    found = [(required_clause(clause), there(clause, judgement)) for clause in gap.lacks]
    if gap.alternatives:
        others = [" AND ".join(map(required_clause, way)) for way in gap.alternatives]
        more = gap.ways - 1 - len(others)
        said = f"or {', '.join(others)}" + (f" and {more} more" if more > 0 else "")
        if len(found) > 1:
            return [*found, ("", said)]
        ((clause, instead_of_it),) = found
        return [(clause, f"{instead_of_it}; {said}")]
    return found


def there(clause: Clause, judgement: Judgement) -> str:
    """What the article says instead of the clause."""
    return explain_clause(clause, judgement.index, judgement.query.language)


# --- as JSON ---------------------------------------------------------------------------------


def article_facts(article: Article) -> dict[str, Any]:
    """The article as the watchlists saw it, and what was cut from it."""
    names = ("id", "url", "source", "author", "language", "country", "published_at")
    return {
        **{name: getattr(article, name) for name in names},
        "tags": list(article.tags),
        "zones": dict(article.zones()),
        "cuts": [{"reason": cut.reason, "text": cut.text} for cut in article.cuts],
    }


def watchlist_facts(explanation: Explanation) -> dict[str, Any]:
    """Verdict, score and proof as in an alert; or what is lacking, None where nothing would do."""
    judgement = explanation.judgement
    found: dict[str, Any] = {
        "id": explanation.watchlist.id,
        "verdict": judgement.verdict.value,
        "match": explanation.watchlist.expression,
        "threshold": judgement.query.threshold,
    }
    if judgement.score is None:
        gaps = explanation.gaps
        return found | {"shortfall": None if gaps is None else _lacks(gaps, judgement)}
    return found | {
        "score": score_facts(judgement.score),
        "evidence": evidence_facts(explanation.evidence),
        "exceptions": [
            {"name": held.name, "evidence": evidence_facts(held.evidence)}
            for held in explanation.exceptions
        ],
    }


def _lacks(gaps: Sequence[Gap], judgement: Judgement) -> list[dict[str, Any]]:
    return [
        {
            "clauses": [
                {"clause": required_clause(clause), "instead": there(clause, judgement)}
                for clause in gap.lacks
            ],
            "or": [list(map(required_clause, way)) for way in gap.alternatives],
            "ways": gap.ways,
        }
        for gap in gaps
    ]
