"""The watchlists of rules files → queries, in the order of the files."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
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
class ParsedWatchlists:
    """What became of each watchlist."""

    good: Sequence[int]
    """Numbers of those that are good and enabled, in the order in which they were added."""
    faulty_ids: frozenset[str]
    """Ids of watchlists that cannot be used: for a fault, or because another has the same id."""
    faults: tuple[Fault, ...]
    """Those of expressions and of names."""


def parse_watchlists(
    contents: RulesContents, lists: ListTrees, map_tasks: MapTasks, add: AddQuery
) -> ParsedWatchlists:
    """Parses all watchlists, and adds the query of each that is good and enabled."""
    faults = _malformed_faults(contents, lists)
    faulty_ids = set(contents.unclear)
    good = array("i")
    # Subscribers may be in a file that cannot be read: then any name is accepted.
    subscribers = KnownSubscribers(None if contents.broken_files else contents.subscriber_ids)
    parser = ChunkParser(lists, subscribers)
    begin = 0
    for result in map_tasks(parser, WatchlistChunks(contents.watchlists)):
        chunk = result.with_lists(lists)
        for number, query in enumerate(chunk.queries, begin):
            if query is not None and query.id not in contents.unclear:
                good.append(number)
                add(query)
        faulty_ids.update(contents.watchlists.id(begin + at) for at in chunk.faulty)
        for at, mistakes in chunk.mistakes.items():
            part = contents.part(begin + at)
            faults += [mistake_fault(part, one.path, one.mistake) for one in mistakes]
        begin += len(chunk.queries)
    return ParsedWatchlists(good, frozenset(faulty_ids), tuple(faults))


def _malformed_faults(contents: RulesContents, lists: ListTrees) -> list[Fault]:
    """The faults in expressions of malformed watchlists, so that all are reported at once."""
    faults: list[Fault] = []
    for watchlist in contents.malformed:
        found = lists.parse(parse, watchlist.match)
        if isinstance(found, Mistake):
            faults.append(mistake_fault(watchlist.part, ("match",), found))
    return faults
