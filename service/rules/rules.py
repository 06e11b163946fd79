"""Rules files → `Rules`: watchlists that can match, subscribers, and every fault with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from service.errors import Fault
from service.matching.engine.compile import compile_queries
from service.matching.engine.engine import Engine
from service.matching.query import Query
from service.rules.compilation.compile import CompiledRules, compile_rules
from service.rules.compilation.expressions import parse_good_watchlist
from service.rules.compilation.lists import ListTrees, parse_good_lists
from service.rules.compilation.rule_set import EarlierWatchlists, RuleSet
from service.rules.compilation.watchlist_records import Record
from service.rules.schema import Severity, ThrottleSpec
from service.rules.subscribers.subscriber import Subscriber, SubscriberReader

MAX_CACHED_WATCHLISTS = 8192
"""Most watchlists that are kept as objects, about 3 kB each; others are decoded when asked for."""


@dataclass(frozen=True, slots=True)
class Check:
    """One of a watchlist's own tests."""

    matches: bool
    """Whether the article must match."""
    article: str | Mapping[str, Any]
    """A file's path relative to the rules file, or an article's fields."""
    line: int


@dataclass(frozen=True, slots=True)
class Watchlist:
    """What an analyst wants to hear about, and who is notified."""

    id: str
    name: str
    expression: str
    query: Query
    severity: Severity
    tags: tuple[str, ...]
    repeat: str
    """What counts as the same news: `story` or `article`."""
    throttle: ThrottleSpec | None
    notify: tuple[str, ...]
    checks: tuple[Check, ...]
    file: str
    line: int
    digest: str


class Watchlists(Mapping[str, Watchlist]):
    """The watchlists of a set of rules by id; each is decoded from its record when asked for."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._set = rule_set
        self._records = rule_set.records
        self.at = lru_cache(MAX_CACHED_WATCHLISTS)(_RecordDecoder(rule_set))
        """The watchlist with a number; the engine's queries have the same numbers."""

    def __getitem__(self, id_: str) -> Watchlist:
        number = self._records.find(id_)
        if number is None:
            raise KeyError(id_)
        return self.at(number)

    def __iter__(self) -> Iterator[str]:
        return map(self._records.id, range(len(self._records)))

    def __len__(self) -> int:
        return len(self._records)

    def query(self, number: int) -> Query:
        """The query of the watchlist with a number."""
        return self.at(number).query

    def find_earlier(
        self, id_hashes: npt.NDArray[np.uint64], files: frozenset[str]
    ) -> EarlierWatchlists:
        """Those that may have to stay (see `rule_set.FindEarlier`)."""
        return EarlierWatchlists(self._records.select(id_hashes, files), self._set.list_sets)


class _RecordDecoder:
    """Decodes watchlists from their records.

    It is no method of `Watchlists`: the cache would refer to the object that holds it, and rules
    that were replaced would take memory until the garbage collector runs.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self._set = rule_set

    @cached_property
    def _list_sets(self) -> tuple[ListTrees, ...]:
        return tuple(map(parse_good_lists, self._set.list_sets))

    def __call__(self, number: int) -> Watchlist:
        record = self._set.records[number]
        lists = self._list_sets[record.list_set]
        return _decode_watchlist(record, parse_good_watchlist(record.watchlist, lists))


def _decode_watchlist(record: Record, query: Query) -> Watchlist:
    spec = record.watchlist
    checks = tuple(
        Check(
            check.match is not None,
            check.match if check.match is not None else check.no_match or {},
            line,
        )
        for check, line in zip(spec.tests, record.test_lines, strict=True)
    )
    return Watchlist(
        id=spec.id,
        name=spec.name or spec.id,
        expression=spec.match,
        query=query,
        severity=spec.severity,
        tags=tuple(spec.tags),
        repeat=spec.repeat,
        throttle=spec.throttle,
        notify=tuple(dict.fromkeys(spec.notify)),
        checks=checks,
        file=record.file,
        line=record.line,
        digest=f"{record.content_hash:016x}",
    )


@dataclass(frozen=True)
class Rules:
    """An immutable set of rules; an article is judged by one such set, never by a mixture."""

    watchlists: Watchlists
    subscribers: Mapping[str, Subscriber]
    faults: tuple[Fault, ...]
    kept: tuple[str, ...]
    """Ids of faulty watchlists and subscribers whose last good version is in force."""
    digest: str
    """A hash of the watchlists: every alert names the set of rules that made it."""
    engine: Engine


def load(
    files: Mapping[str, str], reader: SubscriberReader, previous: Rules | None = None
) -> Rules:
    """The rules in `files` (name → text), with all faults.

    A faulty item is left out; if `previous` has a version of it, that version stays. The engine
    compiles its queries when it is first given an article.
    """
    find_earlier = previous.watchlists.find_earlier if previous else None
    compiled = compile_rules(files, find_earlier, to_match=False)
    return complete(compiled, files, reader, previous)


def complete(
    compiled: CompiledRules,
    files: Mapping[str, str],
    reader: SubscriberReader,
    previous: Rules | None = None,
) -> Rules:
    """Rules from a compiled set and from the subscribers, which are read from `files`."""
    rule_set, report = compiled.rule_set, compiled.report
    read = reader.read(rule_set.subscribers, files)
    kept = list(report.kept)
    for name, subscriber in previous.subscribers.items() if previous else ():
        lost = subscriber.file in report.broken_files and name not in read.found
        if name in read.faulty or lost:
            read.found[name] = subscriber
            kept.append(name)
    watchlists = Watchlists(rule_set)
    numbers = range(len(watchlists))
    queries = rule_set.compiled or (lambda: compile_queries(map(watchlists.query, numbers)))
    return Rules(
        watchlists,
        MappingProxyType(read.found),
        # A fault without a place says how many more there are, and comes last.
        tuple(sorted((*report.faults, *read.faults), key=lambda each: (not each.line, each))),
        tuple(kept),
        rule_set.digest,
        Engine(queries, watchlists.query),
    )
