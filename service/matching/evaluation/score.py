"""The score: how much an article is about what a watchlist looks for (DESIGN.md §5)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.matching.evaluation.article_index import Mention
from service.matching.evaluation.evaluate import NodeResult, occurrences
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import And, AnyOf, AtLeast, Meta, Near, Not, Or, Term, Within

WEIGHTS = {"title": 4, "lead": 2, "body": 1}
"""What one mention adds to a term's mass, by zone."""
CLOSE, NEAR, FAR = 1.0, 0.9, 0.75
"""Closeness if all that must occur is in one sentence, in one paragraph, or in neither; the title
and the beginning of the lead are one paragraph."""


class Weight(NamedTuple):
    """A term or a clause with its mass (weighted mentions) and its value, mass/(mass+1)."""

    label: str
    mass: float
    value: float


class Boost(NamedTuple):
    """Points added (negative: taken off) because an expression held."""

    when: str
    points: float


class Score(NamedTuple):
    """0–100 with one decimal: 100 × geometric mean of the clauses × closeness, plus boosts."""

    value: float
    closeness: float
    clauses: tuple[Weight, ...]
    """The geometric mean is taken of these."""
    terms: tuple[Weight, ...]
    """Every positive term that occurs."""
    boosts: tuple[Boost, ...]


def score(result: NodeResult, boosts: Sequence[Boost] = ()) -> Score:
    """The score of an expression that holds; `boosts` are those whose expression holds, too."""
    parts = _clauses(result)
    close = _closeness(result)
    value = total_score([part.value for part in parts], close, boosts)
    terms = tuple(
        _weight(label, math.fsum(WEIGHTS[mention.zone] for mention in mentions))
        for label, mentions in positive_mentions(result).items()
    )
    return Score(value, close, parts, terms, tuple(boosts))


def total_score(values: Sequence[float], closeness: float, boosts: Sequence[Boost]) -> float:
    """The score by the values of the clauses."""
    total = 100 * geometric_mean(values) * closeness + math.fsum([one.points for one in boosts])
    return round(min(100.0, max(0.0, total)), 1)


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean of at least one value above 0; their order does not change it."""
    if len(values) == 1:
        return values[0]
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def _clauses(result: NodeResult) -> tuple[Weight, ...]:
    """The children of an outermost AND that count for the score, else the expression itself."""
    parts = _counting_children(result) if isinstance(result.node, And) else [result]
    return tuple(_weight(part.label or unparse(part.node), _mass(part)) for part in parts)


def _weight(label: str, mass: float) -> Weight:
    return Weight(label, mass, _mass_value(mass))


def _mass_value(mass: float) -> float:
    return mass / (mass + 1)


def _counts(result: NodeResult) -> bool:
    """Whether the node counts for the score: it holds, and would not if no word occurred.

    What holds by metadata or by an absence alone is neutral, whatever else is joined to it.
    Otherwise one more mention could lower a score. It is `needs_text`, of the parts that hold.
    """
    if not result.holds:
        return False
    match result.node:
        case Term() | Near() | AtLeast():
            return True
        case Within() | And():
            return any(map(_counts, result.children))
        case Or():
            return all(_counts(child) for child in result.children if child.holds)
        case AnyOf(least=least):
            return _needed_children(least, result) > 0
        case Not() | Meta():
            return False


def _counting_children(result: NodeResult) -> list[NodeResult]:
    return list(filter(_counts, result.children))


def _needed_children(least: int, result: NodeResult) -> int:
    """How many children of an `any` have to hold by words: less those that hold without."""
    return least - sum(child.holds and not _counts(child) for child in result.children)


def _mass(result: NodeResult) -> float:
    """The weighted mentions; for AND and `any`, the mass whose value is the mean of the parts'."""
    below = _counting_children(result)
    match result.node:
        case Term():
            return math.fsum(WEIGHTS[mention.zone] for mention in result.mentions)
        case Near():
            return math.fsum(WEIGHTS[zone] * often for zone, often in occurrences(result).items())
        case Or() | Within() | AtLeast():
            return math.fsum(map(_mass, below))
        case And():
            return _mean_mass(list(map(_mass, below)))
        case AnyOf(least=least):
            best = sorted(map(_mass, below), reverse=True)
            return _mean_mass(best[: _needed_children(least, result)])
        case Not() | Meta():
            return 0.0


def _mean_mass(masses: Sequence[float]) -> float:
    """The mass whose value is the geometric mean of these masses' values."""
    if len(masses) == 1:
        return masses[0]
    value = geometric_mean([_mass_value(mass) for mass in masses])
    return value / (1 - value)


def _closeness(result: NodeResult) -> float:
    if _places(result, "sentence"):
        return CLOSE
    return NEAR if _places(result, "paragraph") else FAR


def _places(result: NodeResult, unit: str) -> set[int]:
    """The sentences (or paragraphs) that alone contain all that the expression requires."""
    below = [_places(child, unit) for child in _counting_children(result)]
    match result.node:
        case Term():
            if unit == "sentence":
                return {mention.sentence for mention in result.mentions}
            return {place for mention in result.mentions for place in _paragraphs(mention)}
        case And() | Near():
            return set.intersection(*below)
        case AnyOf(least=least):
            often = Counter(place for places in below for place in places)
            wanted = _needed_children(least, result)
            return {place for place, count in often.items() if count >= wanted}
        case _:
            return set().union(*below)


def _paragraphs(mention: Mention) -> tuple[int, ...]:
    """The paragraph of a mention; the title goes with the one after it, the beginning of the lead.

    “Turkey signs air force deal / It covers ten jets.” is one statement.
    """
    if mention.zone == "title":
        return mention.paragraph, mention.paragraph + 1
    return (mention.paragraph,)


def positive_mentions(result: NodeResult) -> dict[str, list[Mention]]:
    """The positive terms that occur, with their mentions, in the expression's order."""
    found: dict[str, list[Mention]] = {}
    for part in _positive(result):
        known = found.get(part.label)
        found[part.label] = (
            list(part.mentions)
            if known is None
            else sorted({*known, *part.mentions}, key=lambda mention: mention.first)
        )
    return found


def _positive(result: NodeResult) -> Iterator[NodeResult]:
    """The terms that hold, except those below a NOT or in a part that does not hold."""
    waiting = [result]
    while waiting:
        one = waiting.pop()
        if not one.holds or isinstance(one.node, Not):
            continue
        if isinstance(one.node, Term):
            yield one
        waiting.extend(reversed(one.children))
