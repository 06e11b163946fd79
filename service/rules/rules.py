"""Rules files → `Rules`: watchlists that can match, subscribers, and every fault with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from service.errors import Fault
from service.matching.engine.compile import compile_queries
from service.matching.engine.engine import Engine
from service.matching.engine.layers import LayeredEngine
from service.matching.query import Query
from service.rules.compilation.compile import CompiledRules, compile_rules
from service.rules.compilation.expressions import parse_good_watchlist
from service.rules.compilation.lists import ListTrees, parse_lists
from service.rules.compilation.rule_set import ChangedQueries, RuleSet
from service.rules.compilation.watchlist_records import Record
from service.rules.in_force.shared_set import SharedSet
from service.rules.schema import Severity, ThrottleSpec
from service.rules.schema.values import ExpectedSending, ScoreRange
from service.rules.subscribers.subscriber import Subscriber, SubscriberReader
from service.rules.subscribers.terms import Terms

MAX_CACHED_WATCHLISTS = 8192
"""Most watchlists that are kept as objects, about 3 kB each; others are decoded when asked for."""


@dataclass(frozen=True, slots=True)
class Check:
    """One of a watchlist's own tests."""

    matches: bool
    """Whether the article must match."""
    article: str | Mapping[str, Any]
    """A file's path relative to the rules file, a URL, or an article's fields."""
    line: int
    score: ScoreRange | None = None
    """What the article must score; None: anything."""
    notify: Mapping[str, ExpectedSending] = field(default_factory=dict)
    """How these subscribers must be sent its alert."""
    evidence: tuple[str, ...] = ()
    """Words of the article that must be among those that prove the match."""


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
        self._find = lru_cache(MAX_CACHED_WATCHLISTS)(self._records.find)

    def __getitem__(self, id_: str) -> Watchlist:
        number = self._find(id_)
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

    @property
    def rule_set(self) -> RuleSet:
        """What they are decoded from."""
        return self._set

    def shared_with(self, terms: Mapping[str, Terms]) -> SharedSet:
        """The watchlists as workers share them, with these terms of subscribers."""
        return SharedSet(self._records, self._set.list_sets, terms, self._set.digest)


class _RecordDecoder:
    """Decodes watchlists from their records.

    It is no method of `Watchlists`: the cache would refer to the object that holds it, and rules
    that were replaced would take memory until the garbage collector runs.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self._set = rule_set

    @cached_property
    def _list_sets(self) -> tuple[ListTrees, ...]:
        return tuple(parse_lists(specs).trees for specs in self._set.list_sets)

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
            check.score,
            check.notify,
            tuple(check.evidence),
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
    terms: Mapping[str, Terms]
    """What the subscribers of all workers want, by id; not all of them are in `subscribers`."""
    faults: tuple[Fault, ...]
    kept: tuple[str, ...]
    """Ids of faulty watchlists and subscribers whose last good version is in force."""
    left_out: tuple[str, ...]
    """Ids of faulty watchlists that are not in force, since no good version is known; `all of FILE`
    where nothing of a file can be read."""
    faulty_subscribers: frozenset[str]
    """Ids of those of which no good version is known here."""
    disabled_subscribers: frozenset[str]
    """Ids of those that have `enabled: false`."""
    digest: str
    """A hash of the watchlists: every alert names the set of rules that made it."""
    engine: Engine | LayeredEngine

    @property
    def shared(self) -> SharedSet:
        """All of it that workers share."""
        return self.watchlists.shared_with(self.terms)


def load(
    files: Mapping[str, str], reader: SubscriberReader, previous: Rules | None = None
) -> Rules:
    """The rules in `files` (name → text), with all faults.

    A faulty item is left out; if `previous` has a version of it, that version stays. The engine
    compiles its queries when it is first given an article.
    """
    find_earlier = previous.shared.find_earlier if previous else None
    compiled = compile_rules(files, find_earlier, to_match=False)
    earlier_terms = (lambda: previous.terms) if previous else dict[str, Terms]
    return complete(compiled, files, reader, previous, earlier_terms=earlier_terms)


def load_after(files: Mapping[str, str], reader: SubscriberReader, in_force: SharedSet) -> Rules:
    """The rules in `files` as they would replace a set that workers share."""
    compiled = compile_rules(files, in_force.find_earlier, to_match=False)
    return complete(compiled, files, reader, earlier_terms=lambda: in_force.terms)


def complete(
    compiled: CompiledRules,
    files: Mapping[str, str],
    reader: SubscriberReader,
    previous: Rules | None = None,
    *,
    terms: Mapping[str, Terms] | None = None,
    earlier_terms: Callable[[], Mapping[str, Terms]] = dict,
) -> Rules:
    """Rules from a compiled set and from the subscribers, which are read from `files`.

    `terms` are those of the set that workers share, where these files are not what is in force.
    `earlier_terms` finds those of the set before, for faulty subscribers.
    """
    rule_set, report = compiled.rule_set, compiled.report
    read = reader.read(rule_set.subscribers, files)
    kept = list(report.kept)
    for name, subscriber in previous.subscribers.items() if previous else ():
        lost = subscriber.file in report.broken_files and name not in read.found
        if name in read.faulty or lost:
            read.found[name] = subscriber
            kept.append(name)
    if terms is None:
        known = earlier_terms() if read.faulty else {}
        terms = {name: known[name] for name in read.faulty & known.keys()}
        terms |= {name: each.terms for name, each in read.found.items()}
    watchlists = Watchlists(rule_set)
    numbers = range(len(watchlists))
    compiled_queries = rule_set.compiled
    engine: Engine | LayeredEngine
    if isinstance(compiled_queries, ChangedQueries):
        engine = compiled_queries.layered(watchlists.query)
    else:
        queries = compiled_queries or (lambda: compile_queries(map(watchlists.query, numbers)))
        engine = Engine(queries, watchlists.query)
    return Rules(
        watchlists,
        MappingProxyType(read.found),
        MappingProxyType(dict(terms)),
        # A fault without a place says how many more there are, and comes last.
        tuple(sorted((*report.faults, *read.faults), key=lambda each: (not each.line, each))),
        tuple(kept),
        report.left_out,
        frozenset(read.faulty - read.found.keys()),
        frozenset(read.disabled),
        rule_set.digest,
        engine,
    )
