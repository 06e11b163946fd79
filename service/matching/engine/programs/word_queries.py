"""ANDs of words, of ORs of words and of NOTs of these, as most queries are: thousands at a time.

Python looks once at each of their words, numpy does the rest. `index_entry` and `plan` would give
the same postings and plans, one query after the other.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.engine import opcodes as op
from service.matching.engine.programs.arena import Arena
from service.matching.engine.programs.program import write_program
from service.matching.query import Query
from service.matching.syntax.tree import And, Node, Not, Or

Numbers = npt.NDArray[np.int64]
MAX_QUERIES = 5_000
"""Queries that are compiled together."""
MAX_GROUPS, MAX_WORDS = 12, 24
"""Most groups of such a query, and words of a group: tables have as many columns."""
_WORD, _OR, _NOT = 0, 1, 2
"""The kinds of groups: a word, an OR of words, and `_NOT` more for one that may not hold."""
_LEAD = np.array([0, 3, 3, 6])
_TAIL = np.array([0, 1, 1, 2])
"""By kind: how many numbers a plan has before the words of a group, and behind them."""
_NONE = -1


class _Choice(NamedTuple):
    """For each query: where it is indexed (see `index_entry`); groups are numbered in the block."""

    first: Numbers
    second: Numbers
    """A unit, or `_NONE`."""
    checked: Numbers
    """A group, or `_NONE`."""
    none_occurs: npt.NDArray[np.bool_]
    decided: npt.NDArray[np.bool_]
    """For each group: whether no program has to test it."""


class WordQueries:
    """Compiles such queries, a block at a time, into an arena, postings and the plans' starts."""

    def __init__(self, arena: Arena, postings: array[int], plan_start: array[int]) -> None:
        self._arena = arena
        self._postings = postings
        self._plan_start = plan_start
        self._queries: list[tuple[int, Sequence[Node], str]] = []
        """Number, conjuncts and language."""
        self._groups: list[int] = []
        """For each query: how many groups it has."""
        self._kinds: list[int] = []
        self._sizes: list[int] = []
        """For each group: how many words it has."""
        self._keys: list[int] = []
        """The key of each word of each group."""

    def take(self, query: Query, number: int, language: str) -> bool:
        """Takes a query, to be compiled with the next block; False if it is another kind of query.

        `language`: its primary subtag.
        """
        node = query.node
        if type(node) is not And or query.boosts or query.exceptions:
            return False
        conjuncts = node.children
        if len(conjuncts) > MAX_GROUPS:
            return False
        keys = self._arena.vocabulary.bare_keys(conjuncts, language)
        if keys is not None:
            self._kinds += [_WORD] * len(keys)
            self._sizes += [1] * len(keys)
            self._keys += keys
        elif not self._take_groups(conjuncts, language):
            return False
        self._queries.append((number, conjuncts, language))
        self._groups.append(len(conjuncts))
        if len(self._queries) == MAX_QUERIES:
            self.compile()
        return True

    def _take_groups(self, conjuncts: Sequence[Node], language: str) -> bool:
        kinds, sizes, keys = [], [], []
        bare_keys = self._arena.vocabulary.bare_keys
        for conjunct in conjuncts:
            kind = _NOT if type(conjunct) is Not else 0
            node = conjunct.child if type(conjunct) is Not else conjunct
            words: Sequence[Node] = (node,)
            if type(node) is Or and not node.name:
                kind, words = kind + _OR, node.children
            found = bare_keys(words, language)
            if not found or len(found) > MAX_WORDS:
                return False
            kinds.append(kind)
            sizes.append(len(found))
            keys += found
        if min(kinds) >= _NOT:
            return False
        self._kinds += kinds
        self._sizes += sizes
        self._keys += keys
        return True

    def compile(self) -> None:
        """Compiles the queries that were taken since the last block."""
        if not self._queries:
            return
        groups, kinds, sizes = (np.array(each) for each in (self._groups, self._kinds, self._sizes))
        keys = np.array(self._keys)
        number = np.array([number for number, _, _ in self._queries])
        starts = np.frombuffer(self._plan_start, np.int32)
        starts[number] = self._write_plans(groups, kinds, sizes, keys)
        del starts  # while it is there, the array cannot grow
        units, shares = _units(keys, sizes, np.array(self._arena.vocabulary.shares))
        choice = _choose(units, shares, kinds >= _NOT, groups)
        self._write_postings(number, units, choice, self._write_programs(choice, groups))
        for each in (self._queries, self._groups, self._kinds, self._sizes, self._keys):
            each.clear()

    def _write_programs(self, choice: _Choice, groups: Numbers) -> Numbers:
        """For each query: the start of the program that tests what is not decided, or `_NONE`."""
        begin = np.cumsum(groups) - groups
        query = np.repeat(np.arange(len(groups)), groups)
        rest: dict[int, list[Node]] = {}
        for group in np.flatnonzero(~choice.decided).tolist():
            at = int(query[group])
            rest.setdefault(at, []).append(self._queries[at][1][group - int(begin[at])])
        program = np.full(len(groups), _NONE)
        for at, nodes in rest.items():
            program[at] = write_program(nodes, self._queries[at][2], self._arena)
        return program

    def _write_postings(
        self, number: Numbers, units: Numbers, choice: _Choice, program: Numbers
    ) -> None:
        first = units[choice.first]
        query, column = np.nonzero(first != _NONE)
        unit = first[query, column]
        several = np.count_nonzero(first != _NONE, axis=1) > 1
        needs = op.NEEDS_PROGRAM | op.NEEDS_MARK * several
        said = number << op.QUERY_SHIFT | op.NONE_OCCURS * choice.none_occurs
        said |= np.where(program == _NONE, 0, needs)
        checks = _repeated(units[choice.checked])[query]
        second = choice.second[query]
        rows = np.empty((len(query), 2 + op.POSTING_NUMBERS), np.int32)
        rows[:, 0] = unit
        rows[:, 1] = np.where(second == _NONE, unit, second)
        rows[:, 2] = said[query]
        rows[:, 3] = np.maximum(program, 0)[query]
        rows[:, 4:] = np.where((choice.checked == _NONE)[query][:, None], unit[:, None], checks)
        self._postings.frombytes(rows.tobytes())

    def _write_plans(self, groups: Numbers, kinds: Numbers, sizes: Numbers, keys: Numbers) -> Any:
        """Adds the plans to the arena; returns their starts."""
        length = _LEAD[kinds] + 2 * sizes + _TAIL[kinds]
        end_of_groups = np.cumsum(length)
        query = np.repeat(np.arange(len(groups)), groups)
        opening, closing = (0, op.PLAN_OPEN, op.EACH_OF, 0), (op.PLAN_CLOSE, op.PLAN_STOP)
        around = len(opening) + len(closing)
        group = end_of_groups - length + around * query + len(opening)
        end = end_of_groups[np.cumsum(groups) - 1] + around * np.arange(1, len(groups) + 1)
        start = np.concatenate(([0], end[:-1]))
        code = np.full(end[-1], op.PLAN_CLOSE, np.int32)
        code[start[:, None] + np.arange(len(opening))] = opening
        code[end - 1] = op.PLAN_STOP
        words = group + _LEAD[kinds]
        for kind, frame in ((kinds >= _NOT, op.NONE_OF), (kinds % _NOT == _OR, op.ANY_OF)):
            at = (group if frame == op.NONE_OF else words - _LEAD[_OR])[kind]
            code[at[:, None] + np.arange(3)] = op.PLAN_OPEN, frame, 0
        within = np.arange(len(keys)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        term = np.repeat(words, sizes) + 2 * within
        code[term] = op.PLAN_TERM
        code[term + 1] = self._arena.word_places(keys)
        return self._arena.append_plans(code) + start


def _repeated(units: Numbers) -> Numbers:
    """The units of rows, again and again up to the number of those that are checked."""
    count = np.maximum(np.count_nonzero(units != _NONE, axis=1), 1)
    return np.take_along_axis(units, np.arange(op.MAX_CHECKED) % count[:, None], axis=1)


def _units(
    keys: Numbers, sizes: Numbers, shares: npt.NDArray[np.float64]
) -> tuple[Numbers, npt.NDArray[np.float64]]:
    """For each group: its units, the rarest first, the row filled with `_NONE`; and its share."""
    row = np.repeat(np.arange(len(sizes)), sizes)
    column = np.arange(len(keys)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    units = np.full((len(sizes), int(sizes.max())), _NONE)
    units[row, column] = keys
    known = np.append(shares, np.inf)  # the last one is that of `_NONE`
    units = np.take_along_axis(units, np.argsort(known[units], axis=1, kind="stable"), axis=1)
    for at in range(1, units.shape[1]):  # none twice
        units[(units[:, :at] == units[:, at : at + 1]).any(axis=1), at] = _NONE
    units = np.take_along_axis(units, np.argsort(units == _NONE, axis=1, kind="stable"), axis=1)
    known[_NONE] = 0.0
    total = np.zeros(len(units))
    for at in range(units.shape[1]):  # in the order in which they are added elsewhere
        total += known[units[:, at]]
    return units, np.minimum(total, 1.0)


def _choose(
    units: Numbers,
    shares: npt.NDArray[np.float64],
    excluded: npt.NDArray[np.bool_],
    groups: Numbers,
) -> _Choice:
    """As `index_entry.index_under`, for all queries at a time."""
    query = np.repeat(np.arange(len(groups)), groups)
    order = np.lexsort((shares, excluded, query))
    rank = np.arange(len(query)) - np.repeat(np.cumsum(groups) - groups, groups)
    ranked = np.full((len(groups), int(groups.max())), _NONE)
    ranked[query, rank] = np.where(excluded[order], _NONE, order)
    single = np.count_nonzero(units != _NONE, axis=1) == 1
    few = np.count_nonzero(units != _NONE, axis=1) <= op.MAX_CHECKED
    first = ranked[:, 0]
    second, checked = np.full(len(groups), _NONE), np.full(len(groups), _NONE)
    decided = np.zeros(len(query), np.bool_)
    decided[first] = True
    for group in ranked.T[1:]:
        one = single[group]
        known = (units[group] == units[first]).all(axis=1) | (one & (units[group, 0] == second))
        new = (group != _NONE) & ~known
        as_second = new & one & (second == _NONE)
        as_checked = new & ~as_second & (checked == _NONE) & few[group]
        second[as_second] = units[group[as_second], 0]
        checked[as_checked] = group[as_checked]
        decided[group[as_second | as_checked]] = True
    free = np.flatnonzero(excluded & few & (checked == _NONE)[query])
    at, number = np.unique(query[free], return_index=True)
    checked[at] = free[number]
    decided[free[number]] = True
    none_occurs = np.zeros(len(groups), np.bool_)
    none_occurs[at] = True
    return _Choice(first, second, checked, none_occurs, decided)
