"""How much an article is about what a watchlist looks for, and the proof (DESIGN.md §5)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.matching.evaluate import Finding, Mention, Reading
from service.matching.query import And, Meta, Not, Or, Term, Within, unparse

WEIGHTS = {"title": 4, "lead": 2, "body": 1}
"""What one mention adds to a term's mass, by zone."""
CLOSE, NEAR, FAR = 1.0, 0.9, 0.75
"""Closeness where one sentence, one paragraph, or neither holds all that must occur."""
SENTENCE_LENGTH = 400
"""Most code points of a sentence that evidence shows; a longer one is cut around the mention."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A term or a clause with its mass (weighted mentions) and its value, mass/(mass+1)."""

    label: str
    mass: float
    value: float


@dataclass(frozen=True, slots=True)
class Boost:
    """Points added (negative: taken off) because an expression held."""

    when: str
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """0–100 with one decimal: 100 × geometric mean of the clauses × closeness, plus boosts."""

    value: float
    closeness: float
    clauses: tuple[Weight, ...]
    """What the geometric mean is taken of."""
    terms: tuple[Weight, ...]
    """Every positive term that occurs."""
    boosts: tuple[Boost, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A mention as it is shown: `text == zone[start:end]`, offsets in code points of the zone."""

    term: str
    zone: str
    start: int
    end: int
    text: str
    sentence: str
    """The sentence around it, or of a very long one the part around it between `…`."""


def score(finding: Finding, boosts: Sequence[Boost] = ()) -> Score:
    """The score of an expression that holds; `boosts` are those whose expression held too."""
    parts = _clauses(finding)
    value = math.prod(part.value for part in parts) ** (1 / len(parts))
    close = _closeness(finding)
    total = 100 * value * close + math.fsum(boost.points for boost in boosts)
    terms = tuple(
        Weight(label, mass, mass / (mass + 1))
        for label, mass in (
            (label, math.fsum(WEIGHTS[mention.zone] for mention in mentions))
            for label, mentions in _terms(finding).items()
        )
    )
    return Score(round(min(100.0, max(0.0, total)), 1), close, parts, terms, tuple(boosts))


def _clauses(finding: Finding) -> tuple[Weight, ...]:
    """The positive children of an outermost AND, else the expression itself."""
    whole = isinstance(finding.node, And)
    parts = [part for part in finding.children if _counts(part)] if whole else [finding]
    return tuple(_weight(part) for part in parts)


def _weight(finding: Finding) -> Weight:
    mass = _mass(finding)
    return Weight(finding.label or unparse(finding.node), mass, mass / (mass + 1))


def _counts(finding: Finding) -> bool:
    """Whether the node bears on the score: it holds, and rests on text that is there."""
    if not finding.holds or isinstance(finding.node, Not | Meta):
        return False
    return isinstance(finding.node, Term) or any(_counts(child) for child in finding.children)


def _mass(finding: Finding) -> float:
    """Weighted mentions; of an AND, the mass whose value is the geometric mean of its parts'."""
    match finding.node:
        case Term():
            return math.fsum(WEIGHTS[mention.zone] for mention in finding.mentions)
        case Or() | Within():
            return math.fsum(_mass(child) for child in finding.children if _counts(child))
        case And():
            masses = [_mass(child) for child in finding.children if _counts(child)]
            value = math.prod(mass / (mass + 1) for mass in masses) ** (1 / len(masses))
            return value / (1 - value)
        case Not() | Meta():
            return 0.0


def _closeness(finding: Finding) -> float:
    if _places(finding, "sentence"):
        return CLOSE
    return NEAR if _places(finding, "paragraph") else FAR


def _places(finding: Finding, unit: str) -> set[int]:
    """The sentences (or paragraphs) that hold, alone, all that the expression wants to occur."""
    if isinstance(finding.node, Term):
        return {getattr(mention, unit) for mention in finding.mentions}
    below = [_places(child, unit) for child in finding.children if _counts(child)]
    return set.intersection(*below) if isinstance(finding.node, And) else set().union(*below)


def _terms(finding: Finding) -> dict[str, list[Mention]]:
    """The positive terms that occur, with their mentions, in the expression's order."""
    found: dict[str, list[Mention]] = {}
    for part in _positive(finding):
        found.setdefault(part.label, list(part.mentions))
    return found


def _positive(finding: Finding) -> Iterator[Finding]:
    if not _counts(finding):
        return
    if isinstance(finding.node, Term):
        yield finding
    for child in finding.children:
        yield from _positive(child)


def evidence(finding: Finding, reading: Reading, limit: int) -> tuple[Evidence, ...]:
    """The best mentions, every term's best one first and at most `limit` unless terms are more.

    Best is the sentence that holds the most terms; among equals, the one read first.
    """
    found = _terms(finding)
    together: defaultdict[int, set[str]] = defaultdict(set)
    for label, mentions in found.items():
        for mention in mentions:
            together[mention.sentence].add(label)

    def rank(mention: Mention) -> tuple[int, int, int]:
        return (-len(together[mention.sentence]), mention.sentence, mention.start)

    queues = {label: sorted(mentions, key=rank) for label, mentions in found.items()}
    chosen = [(label, queue.pop(0)) for label, queue in queues.items()]
    rest = sorted(((rank(m), label, m) for label, queue in queues.items() for m in queue))
    for _, label, mention in rest:
        if len(chosen) >= limit:
            break
        if not any(_overlap(mention, taken) for _, taken in chosen):
            chosen.append((label, mention))
    return tuple(_shown(label, mention, reading) for label, mention in chosen)


def _overlap(one: Mention, other: Mention) -> bool:
    return one.zone == other.zone and one.start < other.end and other.start < one.end


def _shown(label: str, mention: Mention, reading: Reading) -> Evidence:
    zone, sentence = reading.sentence(mention.sentence)
    text = dict(reading.article.zones())[zone]
    start, end = sentence.start, max(sentence.end, mention.end)
    before = after = ""
    if end - start > SENTENCE_LENGTH:
        room = max(0, SENTENCE_LENGTH - (mention.end - mention.start)) // 2
        low, high = max(start, mention.start - room), min(end, mention.end + room)
        before, after = "…" if low > start else "", "…" if high < end else ""
        start, end = low, high
    around = " ".join(text[start:end].split())
    shown = text[mention.start : mention.end]
    return Evidence(label, zone, mention.start, mention.end, shown, f"{before}{around}{after}")
