"""Watchlists' expressions, parsed a thousand at a time, in this process or in another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from service.matching.query import Query
from service.rules.compilation.drafts import WatchlistDrafts
from service.rules.compilation.expressions import (
    KnownSubscribers,
    LocatedMistake,
    parse_watchlist,
)
from service.rules.compilation.lists import ListSpecs, ListTrees, parse_lists
from service.rules.compilation.tree_pickle import pickle_queries, unpickle_queries
from service.rules.schema import WatchlistSpec

CHUNK_SIZE = 1_000
"""Watchlists in a chunk; to parse them takes some 60 ms."""


class WatchlistChunks(Sequence[Sequence[bytes]]):
    """The JSON texts of watchlists in chunks, each chunk made when it is asked for."""

    def __init__(self, drafts: WatchlistDrafts, size: int = CHUNK_SIZE) -> None:
        self._drafts = drafts
        self._size = size

    def __len__(self) -> int:
        return (len(self._drafts) + self._size - 1) // self._size

    def __getitem__(self, number: Any) -> Any:
        begin = number * self._size
        end = min(begin + self._size, len(self._drafts))
        if not 0 <= begin < end:
            raise IndexError(number)
        return [self._drafts.json_text(at) for at in range(begin, end)]


class ParsedChunk:
    """The queries of a chunk of watchlists, and the mistakes in them."""

    def __init__(
        self,
        queries: Sequence[Query | None],
        mistakes: Mapping[int, Sequence[LocatedMistake]],
        faulty: Collection[int],
    ) -> None:
        """`queries`: None for a watchlist that is faulty or disabled.

        `mistakes`: those of each watchlist that has some, by its number in the chunk. `faulty`: the
        numbers of those that cannot be used for their mistakes.
        """
        self.queries = queries
        self.mistakes = mistakes
        self.faulty = faulty

    def with_lists(self, _: ListTrees) -> ParsedChunk:
        """Itself: its queries hold the trees of this process' lists."""
        return self

    def __reduce__(self) -> tuple[type[PickledChunk], tuple[bytes]]:
        return PickledChunk, (pickle_queries((self.queries, self.mistakes, self.faulty)),)


class PickledChunk:
    """A parsed chunk that came from another process."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def with_lists(self, lists: ListTrees) -> ParsedChunk:
        """The parsed chunk, its queries holding the trees of these lists."""
        return ParsedChunk(*unpickle_queries(self._data, lists.nodes))


class ChunkParser:
    """Parses the watchlists of chunks."""

    def __init__(self, lists: ListTrees, subscribers: KnownSubscribers) -> None:
        self._lists = lists
        self._subscribers = subscribers

    def __call__(self, chunk: Sequence[bytes]) -> ParsedChunk | PickledChunk:
        """The queries of these watchlists, given as JSON, and the mistakes in them."""
        queries: list[Query | None] = []
        mistakes: dict[int, Sequence[LocatedMistake]] = {}
        faulty: set[int] = set()
        for number, text in enumerate(chunk):
            spec = WatchlistSpec.model_validate_json(text)
            parsed = parse_watchlist(spec, self._lists)
            wrong = (*parsed.mistakes, *self._subscribers.find_unknown(spec))
            if wrong:
                mistakes[number] = wrong
            # One unknown subscriber among several does not silence the others.
            if spec.enabled and (parsed.mistakes or not self._subscribers.has_any_of(spec)):
                faulty.add(number)
            queries.append(None if number in faulty or not spec.enabled else parsed.query)
        return ParsedChunk(queries, mistakes, faulty)

    def __reduce__(self) -> tuple[Callable[..., ChunkParser], tuple[Any, ...]]:
        return _chunk_parser, (self._lists.specs, self._lists.faulty, self._subscribers.ids)


def _chunk_parser(
    specs: ListSpecs, faulty: Collection[str], subscribers: Collection[str] | None
) -> ChunkParser:
    """The same parser in another process; the mistakes in the lists are reported in the first."""
    return ChunkParser(parse_lists(specs, faulty).trees, KnownSubscribers(subscribers))
