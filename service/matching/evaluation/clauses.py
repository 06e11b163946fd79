"""An expression as a tree of clauses, each of which holds or does not.

A clause is a node that is not made of other clauses: a term, a NEAR, a count, a test of metadata. A
NEAR is one clause only if all its operands are mentioned; otherwise each operand is a clause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from service.matching.evaluation.evaluate import ZONES, NodeResult
from service.matching.syntax.tree import And, AnyOf, Meta, Near, Node, Not, Or, Within


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause, and whether it holds."""

    result: NodeResult
    fields: tuple[str, ...]
    """The fields of the text around it, the outermost first."""


class WantedClause(NamedTuple):
    """A clause, by its number, and whether one place of the expression wants it to hold."""

    clause: int
    wanted: bool


class Threshold(NamedTuple):
    """At least `least` of the parts have to hold: all parts of an AND, one of an OR."""

    least: int
    parts: tuple[WantedClause | Threshold, ...]


Part = WantedClause | Threshold


class ClauseTree:
    """The clauses of an expression, numbered in the order of reading."""

    def __init__(self) -> None:
        self.clauses: list[Clause] = []
        self.number: dict[int, int] = {}
        """By the id of the clause: two results can be equal, and comparing them is slow."""
        self.places: Counter[int] = Counter()
        """In how many places of the expression each clause is."""
        self.wants: set[WantedClause] = set()
        self._known: dict[tuple[frozenset[str], Node], int] = {}

    def read(
        self, result: NodeResult, zones: frozenset[str], fields: tuple[str, ...], *, wanted: bool
    ) -> Part:
        """The tree of one part. Below a NOT the opposite is wanted, so all becomes one."""
        match result.node:
            case Within(zones=narrower, field=field):
                (child,) = result.children
                return self.read(child, zones & narrower, (*fields, field), wanted=wanted)
            case Not():
                return self.read(result.children[0], zones, fields, wanted=not wanted)
            case And():
                least = len(result.children)
            case Near() if not all(operand.holds for operand in result.children):
                least = len(result.children)
            case Or():
                least = 1
            case AnyOf(least=number):
                least = number
            case node:
                return self._wanted_clause(node, result, zones, fields, wanted=wanted)
        parts = tuple([self.read(child, zones, fields, wanted=wanted) for child in result.children])
        return Threshold(least if wanted else len(parts) - least + 1, parts)

    def _wanted_clause(
        self,
        node: Node,
        result: NodeResult,
        zones: frozenset[str],
        fields: tuple[str, ...],
        *,
        wanted: bool,
    ) -> WantedClause:
        key = (ZONES if isinstance(node, Meta) else zones, node)
        number = self._known.setdefault(key, len(self.clauses))
        if number == len(self.clauses):
            clause = Clause(result, () if isinstance(node, Meta) else fields)
            self.clauses.append(clause)
            self.number[id(clause)] = number
        literal = WantedClause(number, wanted)
        self.places[number] += 1
        self.wants.add(literal)
        return literal

    def both_ways(self, clause: Clause) -> bool:
        """Whether the clause is wanted in one place and refused in another."""
        number = self.number[id(clause)]
        return {WantedClause(number, True), WantedClause(number, False)} <= self.wants


def holds(part: Part, truth: Sequence[bool], flipped: Collection[int]) -> bool:
    """Whether the part holds if the clauses in `flipped` change."""
    if isinstance(part, WantedClause):
        return (truth[part.clause] ^ (part.clause in flipped)) == part.wanted
    met = (True for each in part.parts if holds(each, truth, flipped))
    return sum(islice(met, part.least)) == part.least
