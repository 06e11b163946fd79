"""An expression → a small integer program (see `opcodes`).

The kernels run it on an article's words; `evaluation.evaluate` gets the same answer from the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeGuard

from service.matching.engine import opcodes as op
from service.matching.engine.programs.arena import Arena, Depth, OperandPhrases
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
    written,
)

UNITS = {
    Unit.WORDS: op.WITHIN_WORDS,
    Unit.SENTENCE: op.WITHIN_SENTENCE,
    Unit.PARAGRAPH: op.WITHIN_PARAGRAPH,
}


def write_program(nodes: Sequence[Node], language: str, arena: Arena) -> int:
    """Writes the program that holds where all `nodes` hold; returns its start in the arena."""
    written = _ProgramWriter(arena, language)
    written.write_conjunction(nodes, ALL_ZONES, 0)
    arena.depth.make_room_for(written.depth)
    return arena.append(written.code, written.jumps)


class _ProgramWriter:
    """One program while it is written; `counts` says how many counts are open at a place."""

    def __init__(self, arena: Arena, language: str) -> None:
        self.code: list[int] = []
        self.jumps: list[int] = []
        self.depth = Depth()
        self._arena = arena
        self._language = language

    def write_conjunction(self, nodes: Sequence[Node], zones: int, counts: int) -> None:
        self._write_chain(sorted(nodes, key=_cost), op.UNLESS, zones, counts)

    def write_disjunction(self, nodes: Sequence[Node], zones: int, counts: int) -> None:
        if not nodes:  # a list that is switched off never holds
            self.code += [op.COUNT, op.REACHED, 1]
            self.depth.make_room_for(Depth(counts=counts + 1))
            return
        words = [node for node in nodes if _is_word(node)]
        if zones == ALL_ZONES and len(words) == len(nodes) > 1:
            keys = self._arena.vocabulary.keys
            self.code += [op.ANY_KEY, len(words)]
            self.code += [keys(word, self._language)[0] for word in words]
        else:
            self._write_chain(nodes, op.WHEN, zones, counts)

    def _write_chain(self, nodes: Sequence[Node], leave: int, zones: int, counts: int) -> None:
        places = []
        for number, node in enumerate(nodes):
            if number:
                self.code += [leave, 0]
                places.append(len(self.code) - 1)
            self._write_node(node, zones, counts)
        self._set_targets(places)

    def _set_targets(self, places: Sequence[int]) -> None:
        for place in places:
            self.code[place] = len(self.code)
        self.jumps += places

    def _write_node(self, node: Node, zones: int, counts: int) -> None:
        match node:
            case Term(variants=others) if others:
                self.write_disjunction(written(node), zones, counts)
            case Term():
                self._write_term(node, zones)
            case And(children=below):
                self.write_conjunction(below, zones, counts)
            case Or(name=name) if name:
                self._write_list(node, zones, counts)
            case Or(children=below):
                self.write_disjunction(below, zones, counts)
            case Not(child=child):
                self._write_node(child, zones, counts)
                self.code.append(op.NOT)
            case Within(zones=narrower, child=child):
                self._write_node(child, zones & zone_bits(narrower), counts)
            case Meta():
                self.code += [op.TEST, self._arena.test_number(node)]
            case Near():
                self.code.append(op.NEAR)
                self._write_near(node, zones)
            case AtLeast(least=least, child=child):
                self._write_at_least(least, child, zones)
            case AnyOf(name=name) if name:
                self._call_list(node, zones, counts)
            case AnyOf(least=least, children=below):
                self.write_count(least, below, zones, counts)

    def _write_term(self, term: Term, zones: int) -> None:
        if len(term.words) > 1:
            self.code += [op.PHRASE, *_phrase(term, zones, self._language, self._arena)]
            return
        (key,) = self._arena.vocabulary.keys(term, self._language)
        self.code += [op.KEY, key] if zones == ALL_ZONES else [op.KEY_IN, key, zones]

    def _write_list(self, node: Or, zones: int, counts: int) -> None:
        unit = self._arena.list_unit(node, self._language)
        if unit is not None and zones == ALL_ZONES and is_any_word(node):
            self.code += [op.KEY, unit]
            return
        self._call_list(node, zones, counts)

    def _call_list(self, node: Or | AnyOf, zones: int, counts: int) -> None:
        write = partial(self._write_list_program, node, zones)
        listed = self._arena.list_program(node, zones, self._language, write)
        self.depth.make_room_for(listed.depth, lists=1, counts=counts)
        self.code += [op.LIST, listed.number]

    def _write_list_program(self, node: Or | AnyOf, zones: int) -> tuple[int, Depth]:
        """Writes the program of a list, which other programs call; its start and depth."""
        written = _ProgramWriter(self._arena, self._language)
        if isinstance(node, AnyOf):
            written.write_count(node.least, node.children, zones, 0)
        else:
            written.write_disjunction(node.children, zones, 0)
        return self._arena.append(written.code, written.jumps), written.depth

    def write_count(self, least: int, below: Sequence[Node], zones: int, counts: int) -> None:
        """Writes a count that holds where at least `least` of the nodes hold."""
        self.depth.make_room_for(Depth(counts=counts + 1))
        self.code.append(op.COUNT)
        places = []
        for child in below:
            self._write_node(child, zones, counts + 1)
            self.code += [op.ADD, least, 0]
            places.append(len(self.code) - 1)
        self._set_targets(places)
        self.code += [op.REACHED, least]

    def _write_at_least(self, least: int, child: Node, zones: int) -> None:
        while isinstance(child, Within) and not positional(child):
            zones &= zone_bits(child.zones)
            child = child.child
        if isinstance(child, Near):
            self.code += [op.ATLEAST_NEAR, least]
            self._write_near(child, zones)
        else:
            self.code += [op.ATLEAST, least, self._operand_place(child, zones)]

    def _write_near(self, node: Near, zones: int) -> None:
        self.code += [len(node.operands), self._operand_place(node.operands[0], zones)]
        for joint, operand in zip(node.joints, node.operands[1:], strict=True):
            self.code += [UNITS[joint.unit], joint.most, joint.ordered]
            self.code.append(self._operand_place(operand, zones))

    def _operand_place(self, node: Node, zones: int) -> int:
        while isinstance(node, Within):
            zones, node = zones & zone_bits(node.zones), node.child
        if isinstance(node, Or) and node.name:
            write = partial(self._write_operand, node, zones)
            return self._arena.work_out_once("operand", node, write, zones, self._language)
        return self._write_operand(node, zones)

    def _write_operand(self, node: Node, zones: int) -> int:
        found = self._phrases(node, zones)
        return self._arena.operand_place((found.number, *found.code))

    def _phrases(self, node: Node, zones: int) -> OperandPhrases:
        """The terms of a positional node, each looked for in its zones."""
        match node:
            case Term():
                return term_phrases(node, zones, self._language, self._arena)
            case Within(zones=narrower, child=child):
                return self._phrases(child, zones & zone_bits(narrower))
            case Or(children=below):

                def joined() -> OperandPhrases:
                    found = [self._phrases(child, zones) for child in below]
                    code = tuple([part for each in found for part in each.code])
                    return OperandPhrases(sum(each.number for each in found), code)

                if not node.name:
                    return joined()
                return self._arena.work_out_once("phrases", node, joined, zones, self._language)
            case _:
                raise TypeError(f"{type(node).__name__} has no mentions of its own")


def term_phrases(term: Term, zones: int, language: str, arena: Arena) -> OperandPhrases:
    """A term in each way that it may be written, as the kernels look for it."""
    code = [part for each in written(term) for part in _phrase(each, zones, language, arena)]
    return OperandPhrases(1 + len(term.variants), tuple(code))


def _phrase(term: Term, zones: int, language: str, arena: Arena) -> tuple[int, ...]:
    keys = arena.vocabulary.keys(term, language)
    shares = arena.vocabulary.shares
    pivot = min(range(len(keys)), key=lambda at: shares[keys[at]]) if len(keys) > 1 else 0
    capital = term.style is Style.CAPITALISED and len(keys) > 1
    return (zones, capital, pivot, len(keys), *keys)


def _is_word(node: Node) -> TypeGuard[Term]:
    return isinstance(node, Term) and len(node.words) == 1 and not node.variants


def is_any_word(node: Node) -> bool:
    """Whether a node holds exactly where one of its keys occurs: a word, or an OR of words."""
    if isinstance(node, Or):
        return node.once("is any word", lambda: all(map(is_any_word, node.children)))
    return _is_word(node)


def _cost(node: Node) -> int:
    """How much it costs to try a node: the cheapest are tried first."""
    match node:
        case Term(words=words, variants=others):
            return 3 if others or len(words) > 1 else 0
        case Meta():
            return 2
        case Within(child=child) | Not(child=child):
            return 1 + _cost(child)
        case And(children=below) | Or(children=below) | AnyOf(children=below):
            return 1 + max((_cost(child) for child in below[:8]), default=0)
        case Near() | AtLeast():
            return 10
