"""What an expression that does not hold lacks: the fewest clauses that would have to change.

Each clause can change by itself, but then it changes in all its places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, comb, inf, prod
from typing import NamedTuple

from service.matching.evaluation.clauses import Clause, ClauseTree, Part, WantedClause, holds
from service.matching.evaluation.evaluate import ZONES, NodeResult

MAX_WAYS = 1_000
"""Ways to fill a gap are counted up to this number."""
MAX_SHOWN_WAYS = 4
"""Most ways that are listed one by one."""
MAX_STEPS = 200_000
"""Most parts of an expression that the search visits, in all attempts together."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The clauses that are lacking in one place, and other sets of clauses that would do."""

    lacks: tuple[Clause, ...]
    alternatives: tuple[tuple[Clause, ...], ...] = ()
    """The first few other ways to fill the gap, up to `MAX_SHOWN_WAYS`."""
    ways: int = 1
    """How many ways there are in all, counted up to `MAX_WAYS`."""


Flips = Mapping[int, bool]
"""For clauses that were decided in the search: whether they change."""


def shortfall(result: NodeResult) -> tuple[Gap, ...] | None:
    """The smallest set of clauses whose change would make the expression hold, as gaps to fill.

    Among sets of the same size, the first in the expression is taken. None if there is no such set
    (`jet AND NOT jet`). If clauses are in several places, a search is needed, which ends after
    `MAX_STEPS`: then the set may be larger than necessary, or not be found.
    """
    clauses = ClauseTree()
    tree = clauses.read(result, ZONES, (), wanted=True)
    truth = [clause.result.holds for clause in clauses.clauses]
    smallest = _smallest(tree, truth, clauses.places)
    if smallest is None:
        return None
    # Usually each place by itself needs as few clauses; then all other ways are known, too.
    gaps = _filled(tree, clauses, {})
    lacking = {clauses.number[id(lack)] for lack in gaps.lacks}
    alone = gaps.cost == len(lacking) == len(smallest) and holds(tree, truth, lacking)
    # A clause that changes may be one that another way needs as it is.
    if alone and not any(map(clauses.both_ways, gaps.lacks)):
        return gaps.gaps
    settled = {clause: clause in smallest for clause, often in clauses.places.items() if often > 1}
    first = tuple(Gap((clauses.clauses[clause],)) for clause in settled if settled[clause])
    return first + _filled(tree, clauses, settled).gaps


# --- the smallest set ------------------------------------------------------------------------


def _smallest(
    tree: Part, truth: Sequence[bool], places: Mapping[int, int]
) -> frozenset[int] | None:
    """Branch and bound over the clauses that are in several places.

    The bound: each place of a clause may change by itself, at a cost of one divided by its places.
    That costs no more than any consistent set. If it changes a clause that is in several places
    and not settled, both values of that clause are tried.
    """
    best: frozenset[int] | None = None
    steps, size = 0, sum(places.values())
    waiting: list[Flips] = [{}]
    while waiting and steps <= MAX_STEPS:
        settled = waiting.pop()
        steps += size
        cost, changed = _cheapest(tree, truth, places, settled)
        flipped = frozenset(clause for clause, flip in settled.items() if flip)
        if cost == inf:
            continue
        least = ceil(len(flipped) + cost - 1e-6)
        if best is not None and least >= len(best):
            continue
        found = flipped.union(changed)
        if holds(tree, truth, found):
            best = found if best is None or len(found) < len(best) else best
            if len(found) == least:
                continue
        doubtful = next((clause for clause in changed if places[clause] > 1), None)
        if doubtful is not None:
            waiting += [{**settled, doubtful: False}, {**settled, doubtful: True}]
    return best


def _cheapest(
    part: Part, truth: Sequence[bool], places: Mapping[int, int], settled: Flips
) -> tuple[float, list[int]]:
    """The lowest cost of making the part hold, and the clauses that change for it."""
    if isinstance(part, WantedClause):
        clause, wanted = part
        if (truth[clause] ^ settled.get(clause, False)) == wanted:
            return 0, []
        return (inf, []) if clause in settled else (1 / places[clause], [clause])
    below = sorted(
        [_cheapest(each, truth, places, settled) for each in part.parts], key=lambda way: way[0]
    )[: part.least]
    return sum([cost for cost, _ in below]), [clause for _, some in below for clause in some]


# --- the gaps -------------------------------------------------------------------------------


class _Filling(NamedTuple):
    """The fewest clauses that make a part hold, if every place changes by itself."""

    cost: float
    gaps: tuple[Gap, ...] = ()

    @property
    def lacks(self) -> tuple[Clause, ...]:
        return tuple([lack for gap in self.gaps for lack in gap.lacks])

    @property
    def ways(self) -> int:
        return min(MAX_WAYS, prod(gap.ways for gap in self.gaps))

    def others(self) -> Iterator[tuple[Clause, ...]]:
        """The other ways that are known one by one."""
        if len(self.gaps) == 1:
            yield from self.gaps[0].alternatives


def _filled(part: Part, clauses: ClauseTree, settled: Flips) -> _Filling:
    if isinstance(part, WantedClause):
        clause, wanted = part
        lack = clauses.clauses[clause]
        if (lack.result.holds ^ settled.get(clause, False)) == wanted:
            return _Filling(0)
        return _Filling(inf) if clause in settled else _Filling(1, (Gap((lack,)),))
    below = [_filled(each, clauses, settled) for each in part.parts]
    order = sorted(range(len(below)), key=lambda at: below[at].cost)
    taken, left = order[: part.least], order[part.least :]
    cost = sum([below[at].cost for at in taken])
    most = below[taken[-1]].cost
    if cost in (0, inf):
        return _Filling(cost)
    equal = [below[at] for at in left if below[at].cost == most]
    equal = [way for way in equal if not any(map(clauses.both_ways, way.lacks))]
    gaps: list[Gap] = []
    for at in sorted(taken):
        if not equal or below[at].cost < most:
            gaps += below[at].gaps
    if equal:
        gaps.append(_choice([below[at] for at in taken if below[at].cost == most], equal))
    return _Filling(cost, tuple(gaps))


def _choice(taken: list[_Filling], equal: list[_Filling]) -> Gap:
    """The parts that are taken as one gap, if other parts would do as well."""
    *kept, last = taken
    stay = tuple([lack for way in kept for lack in way.lacks])

    # The same clause again (`jet OR (jet AND tank) OR jet`) is not another way.
    seen = {tuple(map(id, last.lacks))}
    instead = []
    others = [*last.others(), *(each for way in equal for each in (way.lacks, *way.others()))]
    for other in others:
        known = tuple(map(id, other))
        if known not in seen:
            seen.add(known)
            instead.append(stay + other)
    ways = _combinations([way.ways for way in taken + equal], len(taken))
    again = 0 if kept else len(others) - len(instead)
    return Gap(stay + last.lacks, tuple(instead[:MAX_SHOWN_WAYS]), max(ways - again, 1))


def _combinations(ways: Sequence[int], number: int) -> int:
    """In how many ways `number` parts can be chosen, if part i can be filled in `ways[i]` ways."""
    plain = comb(len(ways), number)
    if plain >= MAX_WAYS or max(ways) == 1:
        return min(MAX_WAYS, plain)
    counts = [1] + [0] * number
    for own in ways:
        for chosen in range(number, 0, -1):
            counts[chosen] = min(MAX_WAYS, counts[chosen] + counts[chosen - 1] * own)
    return counts[number]
