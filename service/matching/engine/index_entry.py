"""Which words an expression cannot hold without, and under which two of them it is filed."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from service.matching.engine.arena import Arena
from service.matching.engine.opcodes import CHECKED
from service.matching.engine.program import simple
from service.matching.engine.vocabulary import ALL_ZONES, Cover, zone_bits
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Term,
    Within,
)

_SHARE = 1
_RAREST, _BY_SHARE = itemgetter(0), itemgetter(_SHARE)


class Filing(NamedTuple):
    """Where a query waits, and what is left to be tried there."""

    first: tuple[int, ...]
    second: int | None
    """A unit that must occur too; None where there is no such."""
    checked: tuple[int, ...]
    """A few more units, of which one must occur, or none may; empty where there are none to ask."""
    none_occurs: bool
    rest: list[Node]
    """Conjuncts that all this does not decide."""


def filing(node: Node, exceptions: Sequence[Node], language: str, arena: Arena) -> Filing:
    """Where an expression waits that holds where `node` does and no exception.

    It is filed under its rarest cover, and asks first for what is soonest to decide it.
    """
    conjuncts = [*_conjuncts(node), *map(Not, exceptions)]
    found = [
        (cover[_SHARE], number, cover)
        for number, conjunct in enumerate(conjuncts)
        for cover in covers(conjunct, ALL_ZONES, language, arena)
    ]
    found.sort(key=_RAREST)
    _, at, first = found[0]
    decided = {at} if first.exact else set()
    second: int | None = None
    checked: tuple[int, ...] = ()
    for _, number, cover in found[1:]:
        if cover.units in (first.units, (second,)):
            continue
        if second is None and len(cover.units) == 1:
            (second,) = cover.units
        elif not checked and len(cover.units) <= CHECKED:
            checked = cover.units
        else:
            continue
        if cover.exact:
            decided.add(number)
    none_occurs = False
    for number, conjunct in enumerate(conjuncts):
        if not checked and isinstance(conjunct, Not):
            checked = _excluded(conjunct.child, language, arena)
            if checked:
                none_occurs = True
                decided.add(number)
    rest = [conjunct for number, conjunct in enumerate(conjuncts) if number not in decided]
    return Filing(first.units, second, checked, none_occurs, rest)


def _excluded(node: Node, language: str, arena: Arena) -> tuple[int, ...]:
    """The units of which any occurs just where a node holds; none where they do not say it."""
    if not simple(node):
        return ()
    (cover,) = covers(node, ALL_ZONES, language, arena)
    return cover.units if len(cover.units) <= CHECKED else ()


def _conjuncts(node: Node) -> list[Node]:
    if not isinstance(node, And):
        return [node]
    if And not in map(type, node.children):
        return list(node.children)
    return [conjunct for child in node.children for conjunct in _conjuncts(child)]


def covers(node: Node, zones: int, language: str, arena: Arena) -> Sequence[Cover]:
    """The covers that a node needs, each by itself; none where it can hold without any word."""
    match node:
        case Term(words=(_,)) if zones == ALL_ZONES:  # nearly all of them
            return arena.vocabulary.word_covers(node, language)
        case Term():
            keys, shares = arena.vocabulary.keys(node, language), arena.vocabulary.shares
            return [Cover((key,), shares[key], exact=False) for key in keys]
        case And(children=below) | Near(operands=below):
            return [
                Cover(cover.units, cover.share, exact=False)
                for child in below
                for cover in covers(child, zones, language, arena)
            ]
        case Or(name=name) if name:
            return _list_cover(node, zones, language, arena)
        case Or(children=below):
            exact = zones == ALL_ZONES and simple(node)
            return _either(below, len(below), zones, language, arena, exact=exact)
        case AnyOf(least=least, children=below):
            # Were all but least - 1 of them absent, the rest could not reach it.
            needed = len(below) - least + 1
            if node.name:
                return _items_cover(node, needed, language, arena)
            return _either(below, needed, zones, language, arena, exact=False)
        case Within(zones=narrower, child=child):
            return covers(child, zones & zone_bits(narrower), language, arena)
        case AtLeast(child=child):
            return [
                Cover(cover.units, cover.share, exact=False)
                for cover in covers(child, zones, language, arena)
            ]
        case Not() | Meta():
            return []


def _list_cover(node: Or, zones: int, language: str, arena: Arena) -> Sequence[Cover]:
    found = _items_cover(node, len(node.children), language, arena)
    exact = zones == ALL_ZONES and simple(node)
    return [cover._replace(exact=exact) for cover in found]


def _items_cover(node: Or | AnyOf, needed: int, language: str, arena: Arena) -> Sequence[Cover]:
    """One unit that stands for all of the keys of which `needed` of a list's items need one.

    Where the list is looked for in some zones only, what it needs anywhere is needed all the same.
    """

    def work_out() -> Sequence[Cover]:
        found = _either(node.children, needed, ALL_ZONES, language, arena, exact=False)
        if not found:
            return found
        unit = arena.vocabulary.list_of(found[0].units)
        return [Cover((unit,), arena.vocabulary.shares[unit], exact=False)]

    return arena.covers(node, needed, language, work_out)


def _either(
    nodes: Sequence[Node], needed: int, zones: int, language: str, arena: Arena, *, exact: bool
) -> Sequence[Cover]:
    """One cover of any `needed` of the nodes, made of their rarest ones."""
    best = [
        found[0] if len(found) == 1 else min(found, key=_BY_SHARE)
        for node in nodes
        if (found := covers(node, zones, language, arena))
    ]
    if len(best) < needed:
        return []
    best.sort(key=_BY_SHARE)
    units = tuple(dict.fromkeys(unit for cover in best[:needed] for unit in cover.units))
    shares = arena.vocabulary.shares
    return [Cover(units, min(1.0, sum(shares[unit] for unit in units)), exact)]
