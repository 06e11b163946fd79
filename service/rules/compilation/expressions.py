"""The expressions of rules files → trees: first the lists, which name one another, then queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from service.errors import QueryError
from service.matching.query import BoostRule, Query, Suppressor
from service.matching.syntax.lists import NamedLists
from service.matching.syntax.parser import parse, parse_item
from service.matching.syntax.tree import Node, Or
from service.rules.schema import ListSpec, WatchlistSpec

Parser = Callable[[str, NamedLists], Node]
Steps = tuple[str | int, ...]
"""The way from a watchlist to one of its expressions, such as `("boost", 0, "when")`."""

MAX_LISTS_DEEP = 20
"""Longest chain of lists of which each names the next."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one expression; `at` is code points within it, None for all of it."""

    message: str
    hint: str
    at: tuple[int, int] | None = None


def _no_mistake(*told: object) -> None:
    """For expressions that were read before: raises AssertionError."""
    raise AssertionError(f"an expression that was good is faulty now: {told}")


_LIST = re.compile(r"\$([\w-]+)")


class Lists:
    """The trees of a set of lists, by name."""

    def __init__(
        self,
        specs: Mapping[str, ListSpec],
        faulty: Collection[str],
        tell: Callable[[str, int, Mistake], None],
    ) -> None:
        """`faulty`: names of lists that have a fault already.

        `tell` hears of each mistake: the list's name, the item's number, what is wrong.
        """
        self.specs = specs
        self._tell = tell
        self._compiled: set[str] = set()
        self.nodes: dict[str, Node] = {}
        """Those without fault."""
        self._named = NamedLists(self.nodes)
        self.faulty = set(faulty)
        """Those with a mistake, or that name one with a mistake."""
        for name in specs:
            self._compile(name, ())

    def _compile(self, name: str, above: tuple[str, ...]) -> None:
        """Makes the list's tree; `above` are the lists that led here."""
        if name in self._compiled:
            return
        self._compiled.add(name)
        spec = self.specs[name]
        items = [
            self._item(name, number, text, (*above, name))
            for number, text in enumerate(spec.items if spec.enabled else ())
        ]
        good = tuple(node for node in items if node is not None)
        if len(good) < len(items):
            self.faulty.add(name)
        else:
            self.nodes[name] = Or(good, name)

    def _item(self, name: str, number: int, text: str, above: tuple[str, ...]) -> Node | None:
        used = [used for used in _LIST.findall(text) if used in self.specs]
        again = next((used for used in used if used in above), None)
        if again is not None:
            chain = " → ".join(f"${each}" for each in (*above, again))
            message = f"the list goes round in a circle: {chain}"
            self._tell(name, number, Mistake(message, "Take one of the lists out of the round."))
            return None
        if used and len(above) > MAX_LISTS_DEEP:
            message = f"lists name one another more than {MAX_LISTS_DEEP} deep"
            self._tell(name, number, Mistake(message, "Write the words of the inner lists out."))
            return None
        for each in used:
            self._compile(each, above)
        found = self.parse(parse_item, text)
        if isinstance(found, Mistake):
            self._tell(name, number, found)
            return None
        return found

    @classmethod
    def sound(cls, specs: Mapping[str, ListSpec]) -> Lists:
        """Lists that were found to be without mistakes before."""
        return cls(specs, (), _no_mistake)

    def parse(self, parser: Parser, text: str) -> Node | Mistake:
        """The tree of an expression that may name these lists, or what is wrong with it."""
        try:
            return parser(text, self._named)
        except QueryError as error:
            at = (error.start, error.end)
            if (
                text[error.start : error.start + 1] == "$"
                and text[at[0] + 1 : at[1]] in self.faulty
            ):
                message = f"the list {text[slice(*at)]} has a fault of its own"
                return Mistake(message, "Mend that one first.", at)
            return Mistake(error.message, error.hint, at)

    def query(self, spec: WatchlistSpec, tell: Callable[[Steps, Mistake], None]) -> Query | None:
        """What a watchlist looks for; None where `match` is faulty.

        `tell` hears of each mistake in any of its expressions: where it stands, what is wrong.
        """
        node = self._told(parse, spec.match, ("match",), tell)
        suppressors: list[Suppressor] = []
        for name, text in spec.exceptions.items():
            found = self._told(parse_item, text, ("except", name), tell)
            if found is not None:
                suppressors.append(Suppressor(name, found))
        boosts: list[BoostRule] = []
        for number, boost in enumerate(spec.boost):
            found = self._told(parse_item, boost.when, ("boost", number, "when"), tell)
            if found is not None:
                boosts.append(BoostRule(boost.when, found, boost.points))
        if node is None:
            return None
        language = spec.language.lower()
        return Query(spec.id, node, language, tuple(suppressors), tuple(boosts), spec.threshold)

    def sound_query(self, spec: WatchlistSpec) -> Query:
        """What a watchlist that was found to be without mistakes looks for."""
        query = self.query(spec, _no_mistake)
        if query is None:
            raise AssertionError(f"{spec.id} was without mistakes before")
        return query

    def _told(
        self,
        parser: Parser,
        text: str,
        path: Steps,
        tell: Callable[[Steps, Mistake], None],
    ) -> Node | None:
        found = self.parse(parser, text)
        if isinstance(found, Mistake):
            tell(path, found)
            return None
        return found
