"""Rules files → `Rules`: watchlists ready to match, subscribers, and every fault with its place."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from service.errors import Fault, QueryError
from service.matching.engine import BoostRule, Engine, Query, Suppressor
from service.matching.parser import parse, parse_item
from service.matching.query import Node, Or
from service.rulesfile import (
    ListSpec,
    SubscriberSpec,
    WatchlistSpec,
    check_sections,
    section,
    validate,
)
from service.subscriber import Lookup, Subscriber, compile_subscriber
from service.yamltext import Document, Path, read


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
    severity: str
    tags: tuple[str, ...]
    notify: tuple[str, ...]
    checks: tuple[Check, ...]
    file: str
    line: int
    digest: str


@dataclass(frozen=True)
class Rules:
    """An immutable set of rules; an article is judged by one such set, never by a mixture."""

    watchlists: Mapping[str, Watchlist]
    subscribers: Mapping[str, Subscriber]
    faults: tuple[Fault, ...] = ()
    kept: tuple[str, ...] = ()
    """Ids of watchlists and subscribers whose last good version runs, theirs being faulty."""
    digest: str = ""
    """Of the watchlists, so that an alert tells which set of rules made it."""
    engine: Engine = field(default_factory=lambda: Engine(()))


def load(files: Mapping[str, str], lookup: Lookup | None, previous: Rules | None = None) -> Rules:
    """The rules in `files` (name → text), all faults included.

    A faulty item is left out; where `previous` has a version of it, that one stays. Without a
    `lookup` no `${NAME}` is filled in: for checking rules where the secrets are not at hand.
    """
    documents = [read(name, text) for name, text in sorted(files.items())]
    return _Loader(lookup).rules(documents, previous)


Place = tuple[Document, Path]


class _Loader:
    """Collects what the files hold, then compiles it: lists, subscribers, watchlists."""

    def __init__(self, lookup: Lookup | None) -> None:
        self._lookup = lookup
        self._lists: dict[str, tuple[ListSpec, Place]] = {}
        self._watchlists: dict[str, tuple[WatchlistSpec, Place]] = {}
        self._subscribers: dict[str, tuple[SubscriberSpec, Place]] = {}
        self._faulty: set[tuple[str, str]] = set()
        self._malformed: list[tuple[dict[str, Any], Place]] = []
        self._compiled: dict[str, Node | None] = {}

    def rules(self, documents: Sequence[Document], previous: Rules | None) -> Rules:
        broken = {document.file for document in documents if document.faults}
        for document in documents:
            check_sections(document)
            self._add(document)
        for name in self._lists:
            self._list(name, ())
        subscribers = self._compile_subscribers()
        watchlists = self._compile_watchlists(partial=bool(broken))
        kept: list[str] = []
        if previous is not None:
            kept += _keep(watchlists, previous.watchlists, self._faulty, "watchlists", broken)
            kept += _keep(subscribers, previous.subscribers, self._faulty, "subscribers", broken)
        faults = tuple(sorted(fault for document in documents for fault in document.faults))
        return Rules(
            MappingProxyType(watchlists),
            MappingProxyType(subscribers),
            faults,
            tuple(kept),
            _digest(sorted(watchlist.digest for watchlist in watchlists.values())),
            Engine(watchlist.query for watchlist in watchlists.values()),
        )

    def _add(self, document: Document) -> None:
        for name, value in section(document, "lists", dict).items():
            path: Path = ("lists", name)
            items = {"items": value} if not isinstance(value, dict) else value
            spec = validate(ListSpec, document, path, items)
            self._collect("lists", self._lists, name, spec, (document, path))
        for number, value in enumerate(section(document, "watchlists", list)):
            path = ("watchlists", number)
            watchlist = validate(WatchlistSpec, document, path, value)
            self._collect("watchlists", self._watchlists, value, watchlist, (document, path))
        for number, value in enumerate(section(document, "subscribers", list)):
            path = ("subscribers", number)
            subscriber = validate(SubscriberSpec, document, path, value)
            self._collect("subscribers", self._subscribers, value, subscriber, (document, path))

    def _collect(
        self, kind: str, into: dict[str, Any], value: Any, spec: Any, place: Place
    ) -> None:
        """Files a valid item under its name; notes the name of a faulty or doubled one."""
        name = value.get("id") if isinstance(value, dict) else value
        if not isinstance(name, str):
            return
        if name in into:
            document, path = place
            first, where = into[name][1]
            message = f"`{name}` is taken: {first.file} line {first.line_of(where)} has it already"
            here = (*path, "id") if kind != "lists" else path
            document.faults.append(document.fault(here, message, "Give this one another name."))
        elif spec is None:
            self._faulty.add((kind, name))
            if kind == "watchlists" and isinstance(value, dict):
                self._malformed.append((value, place))
        else:
            into[name] = (spec, place)

    def _list(self, name: str, above: tuple[str, ...]) -> Node | None:
        """The compiled list, None where it or a list that it names is faulty."""
        if name in self._compiled:
            return self._compiled[name]
        spec, (document, path) = self._lists[name]
        nodes: list[Node] = []
        good = True
        for number, text in enumerate(spec.items if spec.enabled else ()):
            item = (
                (*path, number) if (*path, number) in document.nodes else (*path, "items", number)
            )
            used = [used for used in _LIST.findall(text) if used in self._lists]
            round_trip = next((used for used in used if used in (*above, name)), None)
            if round_trip is not None:
                chain = " → ".join(f"${each}" for each in (*above, name, round_trip))
                hint = "Take one of the lists out of the round."
                message = f"the list goes round in a circle: {chain}"
                document.faults.append(document.fault(item, message, hint))
                good = False
                continue
            for each in used:
                self._list(each, (*above, name))
            node = self._parse(parse_item, text, document, item)
            good = good and node is not None
            if node is not None:
                nodes.append(node)
        self._compiled[name] = Or(tuple(nodes), name) if good else None
        if not good:
            self._faulty.add(("lists", name))
        return self._compiled[name]

    def _parse(
        self, parser: Callable[..., Node], text: str, document: Document, path: Path
    ) -> Node | None:
        faulty = {name for kind, name in self._faulty if kind == "lists"}
        known = {name: node for name, node in self._compiled.items() if node is not None}
        try:
            return parser(text, known)
        except QueryError as error:
            at = (error.start, error.end)
            message, hint = error.message, error.hint
            name = text[error.start + 1 : error.end]
            if text[error.start : error.start + 1] == "$" and name in faulty:
                message, hint = (
                    f"the list ${name} has a fault of its own",
                    "Mend that one first.",
                )
            document.faults.append(document.fault(path, message, hint, at=at))
            return None

    def _compile_watchlists(self, *, partial: bool) -> dict[str, Watchlist]:
        lists = _digest(
            f"{name}={spec.model_dump_json()}" for name, (spec, _) in self._lists.items()
        )
        for value, (
            document,
            path,
        ) in self._malformed:  # all faults at once: its expression's too
            if isinstance(text := value.get("match"), str):
                self._parse(parse, text, document, (*path, "match"))
        out: dict[str, Watchlist] = {}
        for name, (spec, (document, path)) in self._watchlists.items():
            before = len(document.faults)
            query = self._query(spec, document, path)
            if not partial:  # what a broken file holds is not known to be missing
                self._check_notify(spec, document, path)
            if query is None or len(document.faults) > before:
                self._faulty.add(("watchlists", name))
            elif spec.enabled:
                out[name] = _watchlist(spec, query, document, path, lists)
        return out

    def _query(self, spec: WatchlistSpec, document: Document, path: Path) -> Query | None:
        node = self._parse(parse, spec.match, document, (*path, "match"))
        suppressors: list[Suppressor] = []
        for name, text in spec.exceptions.items():
            found = self._parse(parse_item, text, document, (*path, "except", name))
            if found is not None:
                suppressors.append(Suppressor(name, found))
        boosts: list[BoostRule] = []
        for number, boost in enumerate(spec.boost):
            found = self._parse(parse_item, boost.when, document, (*path, "boost", number, "when"))
            if found is not None:
                boosts.append(BoostRule(boost.when, found, boost.points))
        if node is None:
            return None
        language = spec.language.lower()
        return Query(spec.id, node, language, tuple(suppressors), tuple(boosts), spec.threshold)

    def _check_notify(self, spec: WatchlistSpec, document: Document, path: Path) -> None:
        faulty = {name for kind, name in self._faulty if kind == "subscribers"}
        for number, name in enumerate(spec.notify):
            if name not in self._subscribers and name not in faulty:
                near = difflib.get_close_matches(name, self._subscribers, n=1)
                hint = f"Did you mean {near[0]}?" if near else "Add it under `subscribers:`."
                where = (*path, "notify", number)
                document.faults.append(
                    document.fault(where, f"there is no subscriber {name}", hint)
                )

    def _compile_subscribers(self) -> dict[str, Subscriber]:
        out: dict[str, Subscriber] = {}
        for name, (spec, (document, path)) in self._subscribers.items():
            subscriber = compile_subscriber(spec, document, path, self._lookup)
            if subscriber is None:
                self._faulty.add(("subscribers", name))
            elif spec.enabled:
                out[name] = subscriber
        return out


_LIST = re.compile(r"\$([\w-]+)")


def _watchlist(
    spec: WatchlistSpec, query: Query, document: Document, path: Path, lists: str
) -> Watchlist:
    checks = tuple(
        Check(
            check.match is not None,
            check.match if check.match is not None else check.no_match or {},
            document.line_of((*path, "tests", number)),
        )
        for number, check in enumerate(spec.tests)
    )
    return Watchlist(
        id=spec.id,
        name=spec.name or spec.id,
        expression=spec.match,
        query=query,
        severity=spec.severity,
        tags=tuple(spec.tags),
        notify=tuple(dict.fromkeys(spec.notify)),
        checks=checks,
        file=document.file,
        line=document.line_of(path),
        digest=_digest([spec.model_dump_json(), lists]),
    )


def _keep(
    current: dict[str, Any],
    previous: Mapping[str, Any],
    faulty: set[tuple[str, str]],
    kind: str,
    broken: set[str],
) -> list[str]:
    """Puts the last good version of what is faulty now into `current`; returns their names."""
    kept: list[str] = []
    for name, item in previous.items():
        lost = item.file in broken and name not in current
        if (kind, name) in faulty or lost:
            current[name] = item
            kept.append(name)
    return kept


def _digest(parts: Iterable[str]) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
