"""The programs of a set of queries, and what is worked out once for all of them (see `opcodes`)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from service.matching import opcodes as op
from service.matching.metadata import FIELDS
from service.matching.query import AnyOf, Meta, Node, Or
from service.matching.vocabulary import Cover, Vocabulary
from service.matching.wordform import fold


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


@dataclass(slots=True)
class Listed:
    """The program of a list."""

    node: Node
    """Kept, so that its identity stays its own."""
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
    _lists: dict[tuple[int, int, int, str], Listed] = field(default_factory=dict)
    _operands: dict[tuple[int, ...], int] = field(default_factory=dict)
    _list_operands: dict[tuple[int, int, str], tuple[Node, int]] = field(default_factory=dict)
    _list_phrases: dict[tuple[int, int, str], tuple[Node, Phrases]] = field(default_factory=dict)
    _list_covers: dict[tuple[int, int, str], tuple[Node, Sequence[Cover]]] = field(
        default_factory=dict
    )
    _list_units: dict[tuple[int, int, str], int] = field(default_factory=dict)

    def append(self, code: list[int], jumps: Sequence[int]) -> int:
        """Takes a program, whose targets at `jumps` are its own; gives where it begins."""
        start = len(self.code)
        for place in jumps:
            code[place] += start
        self.code.extend(code)
        self.code.append(op.END)
        return start

    def listed(
        self, node: Or | AnyOf, zones: int, language: str, write: Callable[[], tuple[int, Depth]]
    ) -> Listed:
        """The program of a list, or of `any2($list)`, written once for each language and zones.

        `write` tells where it begins, and how deep it nests.
        """
        least = node.least if isinstance(node, AnyOf) else 0
        name = (id(node.children), least, zones, language)
        known = self._lists.get(name)
        if known is None:
            start, depth = write()
            self.list_code.append(start)
            known = self._lists[name] = Listed(node, len(self.list_code) - 1, depth)
        return known

    def list_covers(
        self, node: Or | AnyOf, needed: int, language: str, work_out: Callable[[], Sequence[Cover]]
    ) -> Sequence[Cover]:
        """The covers of which any `needed` of a named list's items need one, worked out once."""
        name = (id(node.children), needed, language)
        known = self._list_covers.get(name)
        if known is None:
            known = self._list_covers[name] = (node, work_out())
        return known[1]

    def list_unit(self, node: Or | AnyOf, needed: int, language: str, keys: tuple[int, ...]) -> int:
        """The unit that occurs where any of the keys does of which `needed` items need one."""
        name = (id(node.children), needed, language)
        if name not in self._list_units:
            self._list_units[name] = self.vocabulary.list_of(keys)
        return self._list_units[name]

    def known_unit(self, node: Or, language: str) -> int | None:
        """The unit of a named list that has one already."""
        return self._list_units.get((id(node.children), len(node.children), language))

    def list_operand(self, node: Or, zones: int, language: str, write: Callable[[], int]) -> int:
        """Where a named list stands as an operand, written once for each language and zones."""
        name = (id(node.children), zones, language)
        known = self._list_operands.get(name)
        if known is None:
            known = self._list_operands[name] = (node, write())
        return known[1]

    def list_phrases(
        self, node: Or, zones: int, language: str, work_out: Callable[[], Phrases]
    ) -> Phrases:
        """The phrases of a named list, worked out once for each language and zones."""
        name = (id(node.children), zones, language)
        known = self._list_phrases.get(name)
        if known is None:
            known = self._list_phrases[name] = (node, work_out())
        return known[1]

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
