"""The names and expressions of one watchlist → a query, and every mistake in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from service.errors import Fault
from service.matching.query import BoostRule, Query, Suppressor
from service.matching.syntax.parser import parse, parse_item
from service.matching.syntax.tree import Node
from service.rules.compilation.lists import ListTrees, Mistake, Parser
from service.rules.schema import WatchlistSpec
from service.rules.yaml.document import KeyPath
from service.rules.yaml.yaml_value import Part


@dataclass(frozen=True, slots=True)
class LocatedMistake:
    """A mistake and the path from the watchlist to it, such as `("boost", 0, "when")`."""

    path: KeyPath
    mistake: Mistake


@dataclass(frozen=True, slots=True)
class ParsedWatchlist:
    """What one watchlist looks for."""

    query: Query | None
    """None if `match` is faulty."""
    mistakes: Sequence[LocatedMistake]


def parse_watchlist(spec: WatchlistSpec, lists: ListTrees) -> ParsedWatchlist:
    """The query of a watchlist, and the mistakes in all of its expressions."""
    mistakes: list[LocatedMistake] = []

    def tree(parser: Parser, text: str, path: KeyPath) -> Node | None:
        found = lists.parse(parser, text)
        if isinstance(found, Mistake):
            mistakes.append(LocatedMistake(path, found))
            return None
        return found

    node = tree(parse, spec.match, ("match",))
    suppressors: list[Suppressor] = []
    for name, text in spec.exceptions.items():
        found = tree(parse_item, text, ("except", name))
        if found is not None:
            suppressors.append(Suppressor(name, found))
    boosts: list[BoostRule] = []
    for number, boost in enumerate(spec.boost):
        found = tree(parse_item, boost.when, ("boost", number, "when"))
        if found is not None:
            boosts.append(BoostRule(boost.when, found, boost.points))
    if node is None:
        return ParsedWatchlist(None, mistakes)
    language = spec.language.lower()
    query = Query(spec.id, node, language, tuple(suppressors), tuple(boosts), spec.threshold)
    return ParsedWatchlist(query, mistakes)


def parse_good_watchlist(spec: WatchlistSpec, lists: ListTrees) -> Query:
    """The query of a watchlist that had no mistake before.

    Raises AssertionError if it has one.
    """
    parsed = parse_watchlist(spec, lists)
    if parsed.query is None or parsed.mistakes:
        raise AssertionError(f"{spec.id} was good and is faulty now: {parsed.mistakes}")
    return parsed.query


class KnownSubscribers:
    """The ids that watchlists may notify."""

    def __init__(self, ids: Collection[str] | None) -> None:
        """`ids`: None if they are not known, since a file cannot be read. Then all are accepted."""
        self.ids = None if ids is None else frozenset(ids)
        self._hints: dict[str, str] = {}

    def find_unknown(self, spec: WatchlistSpec) -> Iterator[LocatedMistake]:
        """The mistakes of a watchlist that names subscribers that do not exist."""
        if self.ids is None:
            return
        if self.ids.issuperset(spec.notify) and not any(test.notify for test in spec.tests):
            return
        named: Iterator[tuple[str, KeyPath]] = chain(
            ((name, ("notify", number)) for number, name in enumerate(spec.notify)),
            (
                (name, ("tests", number, "notify", name))
                for number, test in enumerate(spec.tests)
                for name in test.notify
            ),
        )
        for name, path in named:
            if name not in self.ids:
                mistake = Mistake(f"there is no subscriber {name}", self._hint(name), code="T202")
                yield LocatedMistake(path, mistake)

    def has_any_of(self, spec: WatchlistSpec) -> bool:
        """Whether one of those exists that a watchlist notifies; true where it notifies nobody."""
        known = self.ids
        return known is None or not spec.notify or not known.isdisjoint(spec.notify)

    def _hint(self, name: str) -> str:
        if name not in self._hints:
            ids = filter(_ID.match, self.ids or ())
            similar = difflib.get_close_matches(name, ids, n=1)
            hint = f"Did you mean {similar[0]}?" if similar else "Add it under `subscribers:`."
            self._hints[name] = hint
        return self._hints[name]


_ID = re.compile(r"[a-z0-9-]+$")


def mistake_fault(part: Part, path: KeyPath, mistake: Mistake) -> Fault:
    """The fault of a mistake in a part; `path` leads from the part to the expression."""
    fault = part.fault(
        (*part.path, *path),
        mistake.message,
        mistake.hint,
        code=mistake.code,
        at=mistake.at,
        fix=mistake.fix,
    )
    after = fault.source[fault.column - 1 + fault.width :]
    if mistake.message.startswith("nothing follows") and _COMMENT.match(after):
        fault = replace(fault, hint=f"{fault.hint} In YAML, “ #” begins a comment.")
    return fault


_COMMENT = re.compile(r"\s+#")
