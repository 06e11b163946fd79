"""Queries → flat arrays that can be stored, mapped into memory and run (see `matching.engine`)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.matching.engine import forms as meanings
from service.matching.engine import opcodes as op
from service.matching.engine.arena import Arena
from service.matching.engine.forms import Array, Meanings, seeds
from service.matching.engine.index_entry import filing
from service.matching.engine.program import write
from service.matching.engine.vocabulary import Vocabulary
from service.matching.query import Query
from service.matching.words.frequencies import Frequencies
from service.matching.words.inflection import has_dictionary

LARGE = 1_000
"""Queries from which it is worth two seconds to work out common words beforehand."""
LIMIT = 2**31 - 1
"""Most places in one array, and most postings: they are numbered with 32 bits."""


@dataclass(frozen=True)
class Compiled:
    """A set of queries as it is run: named arrays and texts, and nothing else."""

    arrays: Mapping[str, Array]
    texts: Mapping[str, str]
    """Lists of words, a line each."""


def compile_queries(
    queries: Iterable[Query],
    frequencies: Frequencies | None = None,
    languages: Iterable[str] = (),
) -> Compiled:
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
        self._postings = array("i")
        self._queries_by_language: dict[str, int] = {}
        self._count = 0

    def add(self, query: Query) -> None:
        """Compiles the next query; queries are numbered from 0."""
        arena, number = self._arena, self._count
        self._count += 1
        language = query.language.partition("-")[0]
        spoken = self._queries_by_language
        spoken[language] = spoken.get(language, 0) + 1
        exceptions = [exception.node for exception in query.exceptions]
        filed = filing(query.node, exceptions, language, arena)
        code = write(filed.rest, language, arena) if filed.rest else 0
        said = number << op.QUERY_SHIFT | op.NONE_OCCURS * filed.none_occurs
        if filed.rest:
            said |= op.NEEDS_PROGRAM | op.NEEDS_MARK * (len(filed.first) > 1)
        for unit in filed.first:
            checked = filed.checked or (unit,)
            repeated = (checked * op.CHECKED)[: op.CHECKED]
            second = unit if filed.second is None else filed.second
            self._postings.extend((unit, second, said, code, *repeated))

    def finish(self, languages: Iterable[str] = ()) -> Compiled:
        """All queries as they are run.

        `languages`: those of articles to prepare for, beside the queries' own (primary subtags).
        Raises OverflowError for more than a 32-bit number can count.
        """
        arena, count, spoken = self._arena, self._count, self._queries_by_language
        words = arena.vocabulary
        arrays: dict[str, Array] = {
            "code": _ints(arena.code),
            "list_code": _ints(arena.list_code),
            "depth": np.array([arena.depth.lists, arena.depth.counts], np.int32),
            "queries": np.array([count], np.int32),
        }
        arrays |= _postings(self._postings, len(words.shares))
        arrays |= _lists(words)
        arrays |= _tests(arena)
        texts: dict[str, str] = {}
        prepared = sorted({*spoken, *filter(has_dictionary, languages)})
        meanings.write(words, prepared, arrays, texts)
        main = max(spoken, key=lambda language: spoken[language], default="en")
        _seed(words, count, main, arrays, texts)
        return Compiled(arrays, texts)


def _ints(values: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.array(values, np.int32)


def _postings(found: array[int], units: int) -> dict[str, Array]:
    """By unit, and then by second unit: the same ones in a row are the same question."""
    rows = _ints(found).reshape(-1, 2 + op.REST)
    if rows.size > LIMIT:
        raise OverflowError(f"{len(rows):,} postings; split the rules over several services")
    order = np.lexsort((rows[:, 1], rows[:, 0]))
    return {
        "posting": rows[order, 1],
        "posting_rest": np.ascontiguousarray(rows[order, 2:]).reshape(-1),
        "posting_start": _starts(rows[:, 0], units),
    }


def _starts(sorted_or_not: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.int32]:
    """Where the entries of each of `count` numbers begin, once they are sorted."""
    start = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(sorted_or_not, minlength=count), out=start[1:])
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
        characters.extend(op.ANY if char == "*" else ord(char) for char in pattern)
        start.append(len(characters))
    fields = [field for field, _ in arena.tests]
    return {"test": _ints(characters), "test_start": _ints(start), "test_field": _ints(fields)}


def _seed(
    words: Vocabulary, queries: int, language: str, arrays: dict[str, Array], texts: dict[str, str]
) -> None:
    """Forms that articles are likely to hold, worked out beforehand: the rules' and common words.

    Articles would bring them one by one, each at the cost of a look into a dictionary.
    """
    common = words.frequencies.words() if queries >= LARGE else ()
    rules = [word for word, _, _ in words.inflected] + [*words.folded, *words.spelled]
    forms: dict[str, None] = {}
    for word in (*common, *rules):  # the commonest close together, for the sake of caches
        forms[word] = forms[word[:1].upper() + word[1:]] = None
    keys = Meanings(arrays, texts).in_language(language)
    found = seeds([(form, 0) for form in forms], keys)
    arrays |= {f"seeds {name}": part for name, part in found._asdict().items()}
    texts["seed language"] = language
