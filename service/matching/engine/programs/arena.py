"""The programs of a set of queries, and what is worked out once for all of them (see `opcodes`)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from service.matching.engine import opcodes as op
from service.matching.engine.vocabulary import ALL_ZONES, RequiredWords, Vocabulary
from service.matching.evaluation.metadata import FIELDS
from service.matching.syntax.tree import AnyOf, Meta, Node, Or
from service.matching.words.wordform import fold

Result = TypeVar("Result")


@dataclass(slots=True)
class Depth:
    """How deep a program nests: lists within lists, counts within counts."""

    lists: int = 0
    counts: int = 0

    def make_room_for(self, other: Depth, *, lists: int = 0, counts: int = 0) -> None:
        """Grows so that a program of the other depth can run inside so many lists and counts."""
        self.lists = max(self.lists, other.lists + lists)
        self.counts = max(self.counts, other.counts + counts)


class OperandPhrases(NamedTuple):
    """The phrases of an operand of NEAR: how many, and their code."""

    number: int
    code: tuple[int, ...]


class ListProgram(NamedTuple):
    """The program of a list."""

    number: int
    depth: Depth


@dataclass(slots=True)
class Arena:
    """The programs of a set of queries, one after the other, with what they share."""

    vocabulary: Vocabulary
    code: array[int] = field(default_factory=lambda: array("i"))
    list_code: array[int] = field(default_factory=lambda: array("i"))
    plans: array[int] = field(default_factory=lambda: array("i"))
    """How the queries are scored, one after the other."""
    tests: dict[tuple[int, str], int] = field(default_factory=dict)
    """The number of each test, by field and pattern."""
    depth: Depth = field(default_factory=Depth)
    _places: array[int] = field(default_factory=lambda: array("i"))
    """By key: the place of its word as an operand that is looked for in all zones, or -1."""
    _operands: dict[tuple[int, ...], int] = field(default_factory=dict)
    _of_lists: dict[tuple[Hashable, ...], tuple[Node, Any]] = field(default_factory=dict)
    """What was worked out for each list, and the list: while it is kept, no other has its id."""

    def append(self, code: list[int], jumps: Sequence[int]) -> int:
        """Adds a program and returns its start; `jumps` are the places of its jump targets."""
        start = len(self.code)
        for place in jumps:
            code[place] += start
        self.code.extend(code)
        self.code.append(op.END)
        return start

    def append_plan(self, code: Sequence[int]) -> int:
        """Adds a plan, or that of a list, and returns its start."""
        start = len(self.plans)
        self.plans.extend(code)
        return start

    def append_plans(self, code: npt.NDArray[np.int32]) -> int:
        """Adds plans that follow one another, and returns the start of the first."""
        start = len(self.plans)
        self.plans.frombytes(code.tobytes())
        return start

    def work_out_once(
        self, what: str, node: Or | AnyOf, work_out: Callable[[], Result], *of: Hashable
    ) -> Result:
        """What `work_out` returns for a named list, called once for each `of`: zones, languages."""
        name = (what, id(node.children), *of)
        if name not in self._of_lists:
            self._of_lists[name] = (node, work_out())
        result: Result = self._of_lists[name][1]
        return result

    def list_program(
        self, node: Or | AnyOf, zones: int, language: str, write: Callable[[], tuple[int, Depth]]
    ) -> ListProgram:
        """The program of a list, or of `any2($list)`.

        `write` adds it to the arena; it returns the program's start and how deep it nests.
        """

        def write_and_number() -> ListProgram:
            start, depth = write()
            self.list_code.append(start)
            return ListProgram(len(self.list_code) - 1, depth)

        least = node.least if isinstance(node, AnyOf) else 0
        return self.work_out_once("program", node, write_and_number, least, zones, language)

    def required_words(
        self,
        node: Or | AnyOf,
        needed: int,
        language: str,
        work_out: Callable[[], Sequence[RequiredWords]],
    ) -> Sequence[RequiredWords]:
        """The words, as one unit, of which any `needed` of a list's items require one, if any."""
        return self.work_out_once("required words", node, work_out, needed, language)

    def list_unit(self, node: Or, language: str) -> int | None:
        """The unit of a named list, if its required words were worked out before."""
        name = ("required words", id(node.children), len(node.children), language)
        known = self._of_lists.get(name)
        return known[1][0].units[0] if known and known[1] else None

    def operand_place(self, content: tuple[int, ...]) -> int:
        """The place of an operand's phrases in the arena, added if they are new."""
        start = self._operands.get(content)
        if start is None:
            start = self._operands[content] = len(self.code)
            self.code.extend(content)
        return start

    def word_place(self, key: int) -> int:
        """The place of a word, looked for in all zones, as an operand."""
        if key >= len(self._places) or self._places[key] < 0:
            self.word_places(np.array([key]))
        return self._places[key]

    def word_places(self, keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """The place of each word, looked for in all zones, as an operand."""
        self._places.extend([-1] * (len(self.vocabulary.shares) - len(self._places)))
        found: npt.NDArray[np.int32] = np.frombuffer(self._places, np.int32)[keys]
        for number in np.flatnonzero(found < 0).tolist():
            key = int(keys[number])
            if self._places[key] < 0:
                phrase = (1, ALL_ZONES, False, 0, 1, key)
                self._places[key] = self.operand_place(phrase)
            found[number] = self._places[key]
        return found

    def test_number(self, node: Meta) -> int:
        """The number of a metadata test, added if it is new."""
        return self.tests.setdefault(
            (FIELDS.index(node.field), fold(node.pattern)), len(self.tests)
        )
