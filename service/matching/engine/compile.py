"""Queries → flat arrays that can be stored, mapped into memory and run by the kernels."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.engine import opcodes as op
from service.matching.engine.forms import FormIndex, FormKeys, write_indexes
from service.matching.engine.programs.arena import Arena
from service.matching.engine.programs.index_entry import Requirements, index_under
from service.matching.engine.programs.plan import write_plan
from service.matching.engine.programs.program import write_program
from service.matching.engine.programs.word_queries import WordQueries
from service.matching.engine.vocabulary import Array, Vocabulary
from service.matching.query import Query
from service.matching.words.abbreviations import stop_roles
from service.matching.words.frequencies import Frequencies
from service.matching.words.inflection import has_forms
from service.matching.words.wordform import has_capital

PRELOAD_FROM_QUERIES = 1_000
"""From so many queries on, common words are worked out in advance, which takes two seconds."""
MAX_ARRAY_ENTRIES = 2**31 - 1
"""Most entries of one array: their places are 32-bit numbers."""


@dataclass(frozen=True)
class CompiledQueries:
    """A set of queries as the kernels run it: named arrays and texts, and nothing else."""

    arrays: Mapping[str, Array]
    texts: Mapping[str, str]
    """Lists of words, a line each."""


def compile_queries(
    queries: Iterable[Query],
    frequencies: Frequencies | None = None,
    languages: Iterable[str] = (),
) -> CompiledQueries:
    """Compiles queries, numbered from 0 as they come; as `QueryCompiler`, in one call."""
    compiler = QueryCompiler(frequencies)
    for query in queries:
        compiler.add(query)
    return compiler.finish(languages)


class QueryCompiler:
    """Compiles queries one after the other and keeps none: a million would fill gigabytes."""

    def __init__(self, frequencies: Frequencies | None = None) -> None:
        """`frequencies`: how common words are, for choosing where a query waits.

        None: the table that ships.
        """
        self._arena = Arena(Vocabulary(frequencies or Frequencies.shipped()))
        self._requirements = cache(partial(Requirements, arena=self._arena))
        self._postings = array("i")
        self._plan_start = array("i")
        self._word_queries = WordQueries(self._arena, self._postings, self._plan_start)
        self._queries_by_language: dict[str, int] = {}
        self._count = 0

    def add(self, query: Query) -> None:
        """Compiles the next query; queries are numbered from 0."""
        arena, number = self._arena, self._count
        self._count += 1
        language = query.language.partition("-")[0]
        spoken = self._queries_by_language
        spoken[language] = spoken.get(language, 0) + 1
        self._plan_start.append(0)
        if self._word_queries.take(query, number, language):  # most queries
            return
        exceptions = [exception.node for exception in query.exceptions]
        entry = index_under(query.node, exceptions, self._requirements(language))
        code = write_program(entry.rest, language, arena) if entry.rest else 0
        self._plan_start[number] = write_plan(query, language, arena)
        said = number << op.QUERY_SHIFT | op.NONE_OCCURS * entry.none_occurs
        if entry.rest:
            said |= op.NEEDS_PROGRAM | op.NEEDS_MARK * (len(entry.first) > 1)
        for unit in entry.first:
            checked = entry.checked or (unit,)
            repeated = (checked * op.MAX_CHECKED)[: op.MAX_CHECKED]
            second = unit if entry.second is None else entry.second
            self._postings.extend((unit, second, said, code, *repeated))

    def finish(self, languages: Iterable[str] = ()) -> CompiledQueries:
        """All queries as they are run.

        `languages`: those of articles to prepare for, besides the queries' own (primary subtags).
        Raises OverflowError for more than a 32-bit number can count.
        """
        arena, count, spoken = self._arena, self._count, self._queries_by_language
        words = arena.vocabulary
        self._word_queries.compile()
        arrays: dict[str, Array] = {
            "code": _ints(arena.code),
            "list_code": _ints(arena.list_code),
            "depth": np.array([arena.depth.lists, arena.depth.counts], np.int32),
            "queries": np.array([count], np.int32),
            "plan": _ints(arena.plans),
            "plan_start": _ints(self._plan_start),
        }
        arrays |= _postings(self._postings, len(words.shares))
        arrays |= _lists(words)
        arrays |= _tests(arena)
        texts: dict[str, str] = {}
        prepared = sorted({*filter(has_forms, (*spoken, *languages))})
        write_indexes(words, prepared, arrays, texts)
        main = max(spoken, key=lambda language: spoken[language], default="en")
        _preload_forms(words, count, main, arrays, texts)
        return CompiledQueries(arrays, texts)


def _ints(values: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.array(values, np.int32)


def _postings(found: array[int], units: int) -> dict[str, Array]:
    """The postings, sorted by unit, then by second unit, so that equal ones follow one another,
    then by query.
    """
    rows = _ints(found).reshape(-1, 2 + op.POSTING_NUMBERS)
    if rows.size > MAX_ARRAY_ENTRIES:
        raise OverflowError(f"{len(rows):,} postings; split the rules over several services")
    order = np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))
    return {
        "posting": rows[order, 1],
        "posting_rest": np.ascontiguousarray(rows[order, 2:]).reshape(-1),
        "posting_start": _starts(rows[:, 0], units),
    }


def _starts(numbers: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.int32]:
    """For each number below `count`: where its entries begin once all are sorted."""
    start = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(numbers, minlength=count), out=start[1:])
    return start


def _lists(words: Vocabulary) -> dict[str, Array]:
    pairs = [(key, unit) for unit, keys in words.members.items() for key in keys]
    members = np.array(pairs, np.int32).reshape(-1, 2)
    order = np.argsort(members[:, 0], kind="stable")
    start = _starts(members[:, 0], len(words.shares))
    return {"lists": np.ascontiguousarray(members[order, 1]), "lists_start": start}


def _tests(arena: Arena) -> dict[str, Array]:
    characters = array("i")
    start = array("i", [0])
    for _, pattern in arena.tests:
        characters.extend(op.ANY_CHARACTERS if char == "*" else ord(char) for char in pattern)
        start.append(len(characters))
    fields = [field for field, _ in arena.tests]
    return {"test": _ints(characters), "test_start": _ints(start), "test_field": _ints(fields)}


def _preload_forms(
    words: Vocabulary, queries: int, language: str, arrays: dict[str, Array], texts: dict[str, str]
) -> None:
    """Works out the forms that articles are likely to hold: the words of rules, and common words.

    Otherwise each would cost a look into a dictionary when an article brings it.
    """
    common = words.frequencies.words() if queries >= PRELOAD_FROM_QUERIES else ()
    rules = [word.text for word in words.inflected] + [*words.folded, *words.spelled]
    forms: dict[str, None] = {}
    for word in (*common, *rules):  # common words lie close together: caches hold them
        forms[word] = forms[word[:1].upper() + word[1:]] = None
    keys = FormIndex(arrays, texts).in_language(language)
    found = work_out_forms([*forms], [0] * len(forms), keys, language)
    arrays |= {f"preloaded {name}": part for name, part in found._asdict().items()}
    texts["preloaded language"] = language


class PreloadedForms(NamedTuple):
    """Surface forms with their flags and keys, as flat arrays."""

    characters: npt.NDArray[np.uint32]
    """The characters of all forms, one form after the other."""
    lengths: npt.NDArray[np.int32]
    shouted: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]
    keys_start: npt.NDArray[np.int32]
    keys: npt.NDArray[np.int32]

    @classmethod
    def none(cls) -> PreloadedForms:
        """No forms."""
        return work_out_forms((), (), lambda _, __: (), "")


def work_out_forms(
    surfaces: Sequence[str], shouted: Sequence[int], keys: FormKeys, language: str
) -> PreloadedForms:
    """Looks up the keys and flags of forms; `shouted`: whether the zone of each is all capitals.

    `language`: that of the articles, a primary subtag.
    """
    meant, ends = array("i"), array("i", [0])
    for surface, is_shouted in zip(surfaces, shouted, strict=True):
        meant.extend(keys(surface, bool(is_shouted)))
        ends.append(len(meant))
    role = stop_roles(language)
    return PreloadedForms(
        code_points("".join(surfaces)),
        np.array([*map(len, surfaces)], np.int32),
        np.array(shouted, np.uint8),
        np.array([op.CAPITAL * has_capital(each) | role(each) for each in surfaces], np.uint8),
        _ints(ends),
        _ints(meant),
    )


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """A text as one number a character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
