"""What may be changed in a watchlist so that it finds less: one more exception, a tighter match."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from service.errors import QueryError
from service.matching.query import Query, Suppressor
from service.matching.syntax.notation import unparse
from service.matching.syntax.parser import parse_item
from service.matching.syntax.symbols import TEXT_FIELDS
from service.matching.syntax.tree import (
    And,
    Joint,
    Near,
    Node,
    Style,
    Term,
    Unit,
    Within,
    needs_text,
    positional,
)

DISTANCES = (
    Joint(Unit.WORDS, 5),
    Joint(Unit.WORDS, 10),
    Joint(Unit.WORDS, 25),
    Joint(Unit.SENTENCE),
    Joint(Unit.PARAGRAPH),
)
"""How near to one another two parts of an AND may have to stand."""
FIELDS = ("title", "headline")
"""Where a part may have to stand."""
MAX_PARTS = 8
"""Parts of an AND that are tried: pairs of them are many."""
MAX_NAME_CHARS = 40


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a watchlist: what it finds then, it finds now."""

    kind: Literal["exception", "match"]
    name: str
    """Of the exception; empty for another match."""
    written: str
    """The expression of the exception, or the whole of the new match."""
    instead_of: str
    """The part of the match that gets tighter; empty for an exception."""
    becomes: str
    """What takes its place."""
    query: Query

    @property
    def id(self) -> str:
        """The same for the same change of the same watchlist, whatever else is suggested."""
        told = f"{self.query.id}\0{self.kind}\0{self.written}"
        return "sug_" + hashlib.blake2b(told.encode(), digest_size=4).hexdigest()


def exception(query: Query, phrase: str) -> Change | None:
    """The query with a phrase as an exception; None: it cannot be written as an expression."""
    name = _name(phrase, {each.name for each in query.exceptions})
    for written in (phrase, f'"{phrase}"'):
        try:
            node = parse_item(written)
        except QueryError:
            continue
        if isinstance(node, Term):
            more = (*query.exceptions, Suppressor(name, node))
            return Change("exception", name, written, "", "", replace(query, exceptions=more))
    return None


def tighter_matches(query: Query) -> Iterator[Change]:
    """The query with one or two parts of its outermost AND tighter."""
    node = query.node
    parts = node.children if isinstance(node, And) else (node,)
    places = [at for at, part in enumerate(parts) if positional(part) and needs_text(part)]
    for at in places[:MAX_PARTS]:
        for field in FIELDS:
            if not isinstance(parts[at], Within):
                inside = Within(field, TEXT_FIELDS[field], parts[at])
                yield _match(query, parts, (at,), inside)
    for first, second in combinations(places[:MAX_PARTS], 2):
        phrase = _phrase(parts[first], parts[second])
        if phrase is not None:
            yield _match(query, parts, (first, second), phrase)
        for joint in DISTANCES:
            near = Near((parts[first], parts[second]), (joint,))
            yield _match(query, parts, (first, second), near)


def _match(query: Query, parts: Sequence[Node], places: Sequence[int], tighter: Node) -> Change:
    others = [part for at, part in enumerate(parts) if at not in places]
    whole = (*others[: places[0]], tighter, *others[places[0] :])
    node = whole[0] if len(whole) == 1 else And(whole)
    instead_of = unparse(And(tuple(parts[at] for at in places)) if places[1:] else parts[places[0]])
    return Change(
        "match", "", unparse(node), instead_of, unparse(tighter), replace(query, node=node)
    )


def _phrase(first: Node, second: Node) -> Node | None:
    """The words of two bare terms as one phrase."""
    for part in (first, second):
        if not (isinstance(part, Term) and part.style is Style.INFLECTED):
            return None
    try:
        found = parse_item(f"{unparse(first)} {unparse(second)}")
    except QueryError:
        return None
    return found if isinstance(found, Term) else None


def _name(phrase: str, taken: set[str]) -> str:
    """A name for an exception that no other one of the watchlist has."""
    base = re.sub(r"[\W_]+", "-", phrase).strip("-")[:MAX_NAME_CHARS] or "noise"
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(each for each in numbered if each not in taken)
