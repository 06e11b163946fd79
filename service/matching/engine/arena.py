"""The programs of a set of queries, and what is worked out once for all of them (see `opcodes`)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from service.matching.engine import opcodes as op
from service.matching.engine.vocabulary import Cover, Vocabulary
from service.matching.evaluation.metadata import FIELDS
from service.matching.syntax.tree import AnyOf, Meta, Node, Or
from service.matching.words.wordform import fold

Result = TypeVar("Result")


@dataclass(slots=True)
class Depth:
    """How deep a program nests: lists within lists, counts within counts."""

    lists: int = 0
    counts: int = 0

    def holds(self, other: Depth, *, lists: int = 0, counts: int = 0) -> None:
        """Grows so that `other` may run inside."""
        self.lists = max(self.lists, other.lists + lists)
        self.counts = max(self.counts, other.counts + counts)


class Phrases(NamedTuple):
    """Some phrases, as an operand of NEAR holds them."""

    number: int
    code: tuple[int, ...]


class Listed(NamedTuple):
    """The program of a list."""

    number: int
    depth: Depth


@dataclass(slots=True)
class Arena:
    """The programs of a set of queries, one after the other, with what they share."""

    vocabulary: Vocabulary
    code: array[int] = field(default_factory=lambda: array("i"))
    list_code: array[int] = field(default_factory=lambda: array("i"))
    tests: dict[tuple[int, str], int] = field(default_factory=dict)
    """By field and pattern."""
    depth: Depth = field(default_factory=Depth)
    _operands: dict[tuple[int, ...], int] = field(default_factory=dict)
    _once: dict[tuple[Hashable, ...], tuple[Node, Any]] = field(default_factory=dict)
    """What was worked out of each list, which is kept, so that its identity stays its own."""

    def append(self, code: list[int], jumps: Sequence[int]) -> int:
        """Takes a program, whose targets at `jumps` are its own; gives where it begins."""
        start = len(self.code)
        for place in jumps:
            code[place] += start
        self.code.extend(code)
        self.code.append(op.END)
        return start

    def once(
        self, what: str, node: Or | AnyOf, work_out: Callable[[], Result], *of: Hashable
    ) -> Result:
        """What is worked out of a named list's items, once for each `of`: zones, languages."""
        name = (what, id(node.children), *of)
        if name not in self._once:
            self._once[name] = (node, work_out())
        result: Result = self._once[name][1]
        return result

    def listed(
        self, node: Or | AnyOf, zones: int, language: str, write: Callable[[], tuple[int, Depth]]
    ) -> Listed:
        """The program of a list, or of `any2($list)`; `write` tells where it begins, and how deep
        it nests.
        """

        def number() -> Listed:
            start, depth = write()
            self.list_code.append(start)
            return Listed(len(self.list_code) - 1, depth)

        least = node.least if isinstance(node, AnyOf) else 0
        return self.once("program", node, number, least, zones, language)

    def covers(
        self, node: Or | AnyOf, needed: int, language: str, work_out: Callable[[], Sequence[Cover]]
    ) -> Sequence[Cover]:
        """The one cover, of one unit, of which any `needed` of a list's items need one, if any."""
        return self.once("covers", node, work_out, needed, language)

    def known_unit(self, node: Or, language: str) -> int | None:
        """The unit of a named list whose cover is known already."""
        known = self._once.get(("covers", id(node.children), len(node.children), language))
        return known[1][0].units[0] if known and known[1] else None

    def operand(self, content: tuple[int, ...]) -> int:
        """Where an operand's phrases stand in the arena."""
        start = self._operands.get(content)
        if start is None:
            start = self._operands[content] = len(self.code)
            self.code.extend(content)
        return start

    def test(self, node: Meta) -> int:
        """The number of a metadata test."""
        return self.tests.setdefault(
            (FIELDS.index(node.field), fold(node.pattern)), len(self.tests)
        )
