"""The watchlists of rules files → queries, in the order of the files."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.errors import Fault
from service.matching.query import Query
from service.matching.syntax.parser import parse
from service.rules.compilation.chunks import ChunkParser, WatchlistChunks
from service.rules.compilation.expressions import KnownSubscribers, mistake_fault
from service.rules.compilation.file_contents import RulesContents
from service.rules.compilation.lists import ListTrees, Mistake
from service.rules.compilation.tasks import MapTasks

AddQuery = Callable[[Query], None]
"""Takes the next query; takes it at once, since the queries of a million watchlists fill gigabytes.
"""


@dataclass(frozen=True, slots=True)
class NumberedQuery:
    """A query and the number of its watchlist."""

    number: int
    query: Query


@dataclass(frozen=True, slots=True)
class ParsedWatchlists:
    """What became of each watchlist."""

    good: Sequence[int]
    """Numbers of those that are good and enabled, in the order in which they were added."""
    doubtful: Mapping[str, NumberedQuery]
    """Good ones that were not added, by id: another watchlist with the same id is malformed."""
    faulty_ids: frozenset[str]
    """Ids of watchlists with a fault of any kind."""
    faults: tuple[Fault, ...]
    """Those of expressions and of names."""


def parse_watchlists(
    contents: RulesContents, lists: ListTrees, map_tasks: MapTasks, add: AddQuery
) -> ParsedWatchlists:
    """Parses all watchlists, and adds the query of each that is good and enabled."""
    faults = _malformed_faults(contents, lists)
    faulty_ids = set(contents.faulty_ids)
    doubtful: dict[str, NumberedQuery] = {}
    good = array("i")
    # Subscribers may be in a file that cannot be read: then any name is accepted.
    subscribers = KnownSubscribers(None if contents.broken_files else contents.subscriber_ids)
    parser = ChunkParser(lists, subscribers)
    begin = 0
    for result in map_tasks(parser, WatchlistChunks(contents.watchlists)):
        chunk = result.with_lists(lists)
        for number, query in enumerate(chunk.queries, begin):
            if query is None:
                continue
            if query.id in contents.faulty_ids:
                doubtful[query.id] = NumberedQuery(number, query)
            else:
                good.append(number)
                add(query)
        for at, mistakes in chunk.mistakes.items():
            part = contents.part(begin + at)
            faulty_ids.add(contents.watchlists.id(begin + at))
            faults += [mistake_fault(part, one.path, one.mistake) for one in mistakes]
        begin += len(chunk.queries)
    return ParsedWatchlists(good, doubtful, frozenset(faulty_ids), tuple(faults))


def _malformed_faults(contents: RulesContents, lists: ListTrees) -> list[Fault]:
    """The faults in expressions of malformed watchlists, so that all are reported at once."""
    faults: list[Fault] = []
    for watchlist in contents.malformed:
        found = lists.parse(parse, watchlist.match)
        if isinstance(found, Mistake):
            faults.append(mistake_fault(watchlist.part, ("match",), found))
    return faults
