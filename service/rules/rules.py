"""Rules files → `Rules`: watchlists ready to match, subscribers, and every fault with its place."""

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
from service.rules.compilation.compile import compile_rules
from service.rules.compilation.expressions import Lists
from service.rules.compilation.records import Record
from service.rules.compilation.rule_set import Earlier, Findings, RuleSet
from service.rules.schema import Severity, ThrottleSpec
from service.rules.subscribers.subscriber import Subscriber, read_subscribers
from service.rules.subscribers.substitution import Lookup

REMEMBERED = 8192
"""Most watchlists that are kept as objects, about 3 kB each; the others are read when asked for."""


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
    """What an analyst wants to be told about, and whom it is told to."""

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
    """The watchlists of a set of rules by id; each is read from its record when asked for."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._set = rule_set
        self._records = rule_set.records
        self.at = lru_cache(REMEMBERED)(_Reader(rule_set))
        """The watchlist of a number; numbers are those of the engine's queries."""

    def __getitem__(self, id_: str) -> Watchlist:
        number = self._records.number(id_)
        if number is None:
            raise KeyError(id_)
        return self.at(number)

    def __iter__(self) -> Iterator[str]:
        return map(self._records.id, range(len(self._records)))

    def __len__(self) -> int:
        return len(self._records)

    def query(self, number: int) -> Query:
        """What the watchlist of a number looks for."""
        return self.at(number).query

    def earlier(self, keys: npt.NDArray[np.uint64], files: frozenset[str]) -> Earlier:
        """Those that may have to stay (see `ruleset.Keep`)."""
        return Earlier(self._records.some(keys, files), self._set.lists)


class _Reader:
    """Reads watchlists; not a part of `Watchlists`, which would hold itself by what it remembers.

    A set of rules that is replaced is then given back at once, and not at some collector's turn.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self._set = rule_set

    @cached_property
    def _lists(self) -> tuple[Lists, ...]:
        return tuple(map(Lists.sound, self._set.lists))

    def __call__(self, number: int) -> Watchlist:
        record = self._set.records[number]
        return _watchlist(record, self._lists[record.lists].sound_query(record.watchlist))


def _watchlist(record: Record, query: Query) -> Watchlist:
    spec = record.watchlist
    checks = tuple(
        Check(
            check.match is not None,
            check.match if check.match is not None else check.no_match or {},
            line,
        )
        for check, line in zip(spec.tests, record.lines, strict=True)
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
        digest=f"{record.digest:016x}",
    )


@dataclass(frozen=True)
class Rules:
    """An immutable set of rules; an article is judged by one such set, never by a mixture."""

    watchlists: Watchlists
    subscribers: Mapping[str, Subscriber]
    faults: tuple[Fault, ...]
    kept: tuple[str, ...]
    """Ids of watchlists and subscribers whose last good version runs, theirs being faulty."""
    digest: str
    """Of the watchlists, so that an alert tells which set of rules made it."""
    engine: Engine


def load(files: Mapping[str, str], lookup: Lookup | None, previous: Rules | None = None) -> Rules:
    """The rules in `files` (name → text), all faults included.

    A faulty item is left out; where `previous` has a version of it, that one stays. Without a
    `lookup` no `${NAME}` is filled in: for checking rules where the secrets are not at hand. What
    the engine runs is compiled when it is first given an article.
    """
    keep = previous.watchlists.earlier if previous else None
    return complete(*compile_rules(files, keep, to_match=False), files, lookup, previous)


def complete(
    rule_set: RuleSet,
    findings: Findings,
    files: Mapping[str, str],
    lookup: Lookup | None,
    previous: Rules | None = None,
) -> Rules:
    """Rules out of a compiled set and of the subscribers, which stand in `files`."""
    read = read_subscribers(rule_set.subscribers, files, lookup)
    kept = list(findings.kept)
    for name, subscriber in previous.subscribers.items() if previous else ():
        lost = subscriber.file in findings.broken and name not in read.found
        if name in read.faulty or lost:
            read.found[name] = subscriber
            kept.append(name)
    watchlists = Watchlists(rule_set)
    numbers = range(len(watchlists))
    compiled = rule_set.compiled or (lambda: compile_queries(map(watchlists.query, numbers)))
    return Rules(
        watchlists,
        MappingProxyType(read.found),
        # What tells of more has no place, and comes last.
        tuple(sorted((*findings.faults, *read.faults), key=lambda each: (not each.line, each))),
        tuple(kept),
        rule_set.digest,
        Engine(compiled, watchlists.query),
    )
