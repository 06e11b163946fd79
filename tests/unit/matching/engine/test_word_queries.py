"""ANDs of words, compiled by the block, wait where they would wait one by one, and score alike."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from service.matching.engine import opcodes as op
from service.matching.engine.programs.arena import Arena
from service.matching.engine.programs.index_entry import Requirements, index_under
from service.matching.engine.programs.plan import write_plan
from service.matching.engine.programs.word_queries import WordQueries
from service.matching.engine.vocabulary import Vocabulary
from service.matching.query import Query
from service.matching.syntax.parser import parse
from service.matching.words.frequencies import Frequencies

_ROW = 2 + op.POSTING_NUMBERS
_SHARES = Frequencies({"a": 0.5, "b": 0.25, "c": 0.25, "d": 0.125, "e": 0.001, "f": 0.001})
_words = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h", "jets", "jet"])
_alternatives = st.lists(_words, min_size=2, max_size=9).map(lambda some: f"({' OR '.join(some)})")
_group = _words | _alternatives
_conjuncts = st.tuples(
    st.lists(_group, min_size=1, max_size=4),
    st.lists(_group.map(lambda words: f"NOT {words}"), max_size=3),
).map(lambda both: [*both[0], *both[1]])
_expressions = _conjuncts.flatmap(st.permutations).filter(lambda parts: len(parts) > 1)


@given(st.lists(_expressions.map(" AND ".join), min_size=1, max_size=8))
def test_a_block_is_compiled_as_its_queries_are_one_by_one(expressions: list[str]) -> None:
    """The same postings, and the same plans."""
    queries = [Query(each, parse(each), "en") for each in expressions]
    arena, postings, starts = Arena(Vocabulary(_SHARES)), array("i"), array("i", [0] * len(queries))
    block = WordQueries(arena, postings, starts)
    assert all(block.take(query, number, "en") for number, query in enumerate(queries))
    block.compile()
    rows = [tuple(postings[at : at + _ROW]) for at in range(0, len(postings), _ROW)]
    ends = [*starts[1:], len(arena.plans)]
    plans = [list(arena.plans[a:b]) for a, b in zip(starts, ends, strict=True)]
    for number, query in enumerate(queries):
        own = [(*row[:3], row[4:]) for row in rows if row[2] >> op.QUERY_SHIFT == number]
        assert own == _postings(query, number, arena), query.id
        begin = write_plan(query, "en", arena)
        assert plans[number] == list(arena.plans[begin:]), query.id


def _postings(query: Query, number: int, arena: Arena) -> list[tuple[object, ...]]:
    """What stands in a posting but the start of the program."""
    entry = index_under(query.node, (), Requirements("en", arena))
    said = number << op.QUERY_SHIFT | op.NONE_OCCURS * entry.none_occurs
    if entry.rest:
        said |= op.NEEDS_PROGRAM | op.NEEDS_MARK * (len(entry.first) > 1)
    found: list[tuple[object, ...]] = []
    for unit in entry.first:
        checked = ((entry.checked or (unit,)) * op.MAX_CHECKED)[: op.MAX_CHECKED]
        found.append((unit, unit if entry.second is None else entry.second, said, checked))
    return found
