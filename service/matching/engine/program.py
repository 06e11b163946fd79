"""An expression → a small integer program (see `opcodes`).

The kernel runs it on an article's words; `matching.evaluate` gives the same answer from the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeGuard

from service.matching.engine import opcodes as op
from service.matching.engine.arena import Arena, Depth, Phrases
from service.matching.engine.vocabulary import ALL_ZONES, zone_bits
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Style,
    Term,
    Unit,
    Within,
    positional,
)

_UNITS = {
    Unit.WORDS: op.WITHIN_WORDS,
    Unit.SENTENCE: op.WITHIN_SENTENCE,
    Unit.PARAGRAPH: op.WITHIN_PARAGRAPH,
}


def write(nodes: Sequence[Node], language: str, arena: Arena) -> int:
    """Writes the program that holds where all `nodes` do; gives where it begins."""
    written = _Program(arena, language)
    written.conjunction(nodes, ALL_ZONES, 0)
    arena.depth.holds(written.depth)
    return arena.append(written.code, written.jumps)


class _Program:
    """One program while it is written; `counts` is how many counts are open."""

    def __init__(self, arena: Arena, language: str) -> None:
        self.code: list[int] = []
        self.jumps: list[int] = []
        self.depth = Depth()
        self._arena = arena
        self._language = language

    def conjunction(self, nodes: Sequence[Node], zones: int, counts: int) -> None:
        self._chain(sorted(nodes, key=_cost), op.UNLESS, zones, counts)

    def disjunction(self, nodes: Sequence[Node], zones: int, counts: int) -> None:
        if not nodes:  # a disabled list: never
            self.code += [op.COUNT, op.REACHED, 1]
            self.depth.holds(Depth(counts=counts + 1))
            return
        words = [node for node in nodes if _word(node)]
        if zones == ALL_ZONES and len(words) == len(nodes) > 1:
            keys = self._arena.vocabulary.keys
            self.code += [op.ANY_KEY, len(words)]
            self.code += [keys(word, self._language)[0] for word in words]
        else:
            self._chain(nodes, op.WHEN, zones, counts)

    def _chain(self, nodes: Sequence[Node], leave: int, zones: int, counts: int) -> None:
        places = []
        for number, node in enumerate(nodes):
            if number:
                self.code += [leave, 0]
                places.append(len(self.code) - 1)
            self._node(node, zones, counts)
        self._land(places)

    def _land(self, places: Sequence[int]) -> None:
        for place in places:
            self.code[place] = len(self.code)
        self.jumps += places

    def _node(self, node: Node, zones: int, counts: int) -> None:
        match node:
            case Term():
                self._term(node, zones)
            case And(children=below):
                self.conjunction(below, zones, counts)
            case Or(name=name) if name:
                self._list(node, zones, counts)
            case Or(children=below):
                self.disjunction(below, zones, counts)
            case Not(child=child):
                self._node(child, zones, counts)
                self.code.append(op.NOT)
            case Within(zones=narrower, child=child):
                self._node(child, zones & zone_bits(narrower), counts)
            case Meta():
                self.code += [op.TEST, self._arena.test(node)]
            case Near():
                self.code.append(op.NEAR)
                self._near(node, zones)
            case AtLeast(least=least, child=child):
                self._at_least(least, child, zones)
            case AnyOf(name=name) if name:
                self._call(node, zones, counts)
            case AnyOf(least=least, children=below):
                self.count(least, below, zones, counts)

    def _term(self, term: Term, zones: int) -> None:
        if len(term.words) > 1:
            self.code += [op.PHRASE, *self._phrase(term, zones)]
            return
        (key,) = self._arena.vocabulary.keys(term, self._language)
        self.code += [op.KEY, key] if zones == ALL_ZONES else [op.KEY_IN, key, zones]

    def _phrase(self, term: Term, zones: int) -> list[int]:
        keys = self._arena.vocabulary.keys(term, self._language)
        shares = self._arena.vocabulary.shares
        pivot = min(range(len(keys)), key=lambda at: shares[keys[at]])
        capital = term.style is Style.CAPITALISED and len(keys) > 1
        return [zones, capital, pivot, len(keys), *keys]

    def _list(self, node: Or, zones: int, counts: int) -> None:
        unit = self._arena.known_unit(node, self._language)
        if unit is not None and zones == ALL_ZONES and simple(node):
            self.code += [op.KEY, unit]
            return
        self._call(node, zones, counts)

    def _call(self, node: Or | AnyOf, zones: int, counts: int) -> None:
        listed = self._arena.listed(node, zones, self._language, lambda: self._apart(node, zones))
        self.depth.holds(listed.depth, lists=1, counts=counts)
        self.code += [op.LIST, listed.number]

    def _apart(self, node: Or | AnyOf, zones: int) -> tuple[int, Depth]:
        """Writes the program of a list, which others call."""
        written = _Program(self._arena, self._language)
        if isinstance(node, AnyOf):
            written.count(node.least, node.children, zones, 0)
        else:
            written.disjunction(node.children, zones, 0)
        return self._arena.append(written.code, written.jumps), written.depth

    def count(self, least: int, below: Sequence[Node], zones: int, counts: int) -> None:
        """Holds where so many of the nodes do."""
        self.depth.holds(Depth(counts=counts + 1))
        self.code.append(op.COUNT)
        places = []
        for child in below:
            self._node(child, zones, counts + 1)
            self.code += [op.ADD, least, 0]
            places.append(len(self.code) - 1)
        self._land(places)
        self.code += [op.REACHED, least]

    def _at_least(self, least: int, child: Node, zones: int) -> None:
        while isinstance(child, Within) and not positional(child):
            zones &= zone_bits(child.zones)
            child = child.child
        if isinstance(child, Near):
            self.code += [op.ATLEAST_NEAR, least]
            self._near(child, zones)
        else:
            self.code += [op.ATLEAST, least, self._operand(child, zones)]

    def _near(self, node: Near, zones: int) -> None:
        self.code += [len(node.operands), self._operand(node.operands[0], zones)]
        for joint, operand in zip(node.joints, node.operands[1:], strict=True):
            self.code += [_UNITS[joint.unit], joint.most, joint.ordered]
            self.code.append(self._operand(operand, zones))

    def _operand(self, node: Node, zones: int) -> int:
        while isinstance(node, Within):
            zones, node = zones & zone_bits(node.zones), node.child
        if isinstance(node, Or) and node.name:
            write = partial(self._written, node, zones)
            return self._arena.once("operand", node, write, zones, self._language)
        return self._written(node, zones)

    def _written(self, node: Node, zones: int) -> int:
        found = self._phrases(node, zones)
        return self._arena.operand((found.number, *found.code))

    def _phrases(self, node: Node, zones: int) -> Phrases:
        """The terms of a positional node, each looked for in its zones."""
        match node:
            case Term():
                return Phrases(1, tuple(self._phrase(node, zones)))
            case Within(zones=narrower, child=child):
                return self._phrases(child, zones & zone_bits(narrower))
            case Or(children=below):

                def joined() -> Phrases:
                    found = [self._phrases(child, zones) for child in below]
                    code = tuple([part for each in found for part in each.code])
                    return Phrases(sum(each.number for each in found), code)

                if not node.name:
                    return joined()
                return self._arena.once("phrases", node, joined, zones, self._language)
            case _:
                raise TypeError(f"{type(node).__name__} has no mentions of its own")


def _word(node: Node) -> TypeGuard[Term]:
    return isinstance(node, Term) and len(node.words) == 1


def simple(node: Node) -> bool:
    """Whether a node holds just where one of its keys occurs."""
    if isinstance(node, Or):
        return node.once("simple", lambda: all(map(simple, node.children)))
    return _word(node)


def _cost(node: Node) -> int:
    """What is tried first: what is cheap to try."""
    match node:
        case Term(words=words):
            return 0 if len(words) == 1 else 3
        case Meta():
            return 2
        case Within(child=child) | Not(child=child):
            return 1 + _cost(child)
        case And(children=below) | Or(children=below) | AnyOf(children=below):
            return 1 + max((_cost(child) for child in below[:8]), default=0)
        case Near() | AtLeast():
            return 10
