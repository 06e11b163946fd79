"""An expression → the plan by which it is scored (see `opcodes`).

Plans keep all nodes in reading order, unlike programs: the score and the evidence follow it. Of a
term its number among all terms of the query is known, so its label can be looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from service.matching.engine import opcodes as op
from service.matching.engine.programs.arena import Arena
from service.matching.engine.programs.program import UNITS, term_phrases
from service.matching.engine.vocabulary import ALL_ZONES, zone_bits
from service.matching.query import Query
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
    Within,
    positional,
)

_INFLECTED = Style.INFLECTED  # Python 3.11 looks up a global a dozen times as fast


def write_plan(query: Query, language: str, arena: Arena) -> int:
    """Writes how a query is scored, and which of its boosts hold; returns its start."""
    written = _PlanWriter(arena, language)
    written.code.append(len(query.boosts))
    written.write_root(query.node)
    for boost in query.boosts:
        written.write_root(boost.node)
    return arena.append_plan(written.code)


class _PlanWriter:
    """One plan while it is written."""

    __slots__ = ("_arena", "_keys", "_language", "code")

    def __init__(self, arena: Arena, language: str) -> None:
        self.code: list[int] = []
        self._arena = arena
        self._language = language
        self._keys = arena.vocabulary.bare_words(language)

    def write_root(self, node: Node) -> None:
        if type(node) is And:
            self._write_frame((op.EACH_OF, 0), node.children, ALL_ZONES)
        else:
            self.write(node, ALL_ZONES)
        self.code.append(op.PLAN_STOP)

    def write(self, node: Node, zones: int) -> None:
        match node:
            case Term():
                self.code += (op.PLAN_TERM, self._term_place(node, zones))
            case And(children=below):
                self._write_frame([op.ALL_OF, 0], below, zones)
            case Or(name=name) | AnyOf(name=name) if name:
                self._call_list(node, zones)
            case Or() | AnyOf():
                self.write_choice(node, zones)
            case Not(child=child):
                self._write_frame([op.NONE_OF, 0], [child], zones)
            case Within(zones=narrower, child=child):
                self.write(child, zones & zone_bits(narrower))
            case Meta():
                self.code += [op.PLAN_TEST, self._arena.test_number(node)]
            case Near(operands=operands):
                self._write_frame([op.NEAR_ONE_ANOTHER, *_joints(node)], operands, zones)
            case AtLeast(least=least, child=child):
                kind = op.ENOUGH if positional(child) else op.ENOUGH_NEAR
                self._write_frame([kind, least], [child], zones)

    def _term_place(self, term: Term, zones: int) -> int:
        words = term.words
        if term.style is _INFLECTED and not term.variants and len(words) == 1:  # most terms
            key = self._keys.get(words[0])
            if key is not None and zones == ALL_ZONES:
                return self._arena.word_place(key)
        return self._new_place(term, zones)

    def _new_place(self, term: Term, zones: int) -> int:
        found = term_phrases(term, zones, self._language, self._arena)
        return self._arena.operand_place((found.number, *found.code))

    def write_choice(self, node: Or | AnyOf, zones: int) -> None:
        opening = [op.SOME_OF, node.least] if isinstance(node, AnyOf) else [op.ANY_OF, 0]
        self._write_frame(opening, node.children, zones)

    def _write_frame(self, opening: Sequence[int], below: Sequence[Node], zones: int) -> None:
        code = self.code
        code.append(op.PLAN_OPEN)
        code += opening
        for child in below:
            if type(child) is Term:  # most nodes
                code += (op.PLAN_TERM, self._term_place(child, zones))
            else:
                self.write(child, zones)
        code.append(op.PLAN_CLOSE)

    def _call_list(self, node: Or | AnyOf, zones: int) -> None:
        least = node.least if isinstance(node, AnyOf) else 0
        write = partial(self._write_list, node, zones)
        start = self._arena.work_out_once("plan", node, write, least, zones, self._language)
        self.code += [op.PLAN_CALL, start]

    def _write_list(self, node: Or | AnyOf, zones: int) -> int:
        written = _PlanWriter(self._arena, self._language)
        written.write_choice(node, zones)
        return self._arena.append_plan([*written.code, op.PLAN_RETURN])


def _joints(node: Near) -> list[int]:
    """How many operands there are, and the joints between them, as in `opcodes.NEAR`."""
    code = [len(node.operands), 0]
    for joint in node.joints:
        code += [UNITS[joint.unit], joint.most, joint.ordered, 0]
    return code
