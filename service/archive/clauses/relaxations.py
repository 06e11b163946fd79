"""A watchlist without one of its clauses: what would it find that it does not find now?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.matching.query import Query
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import And, Near, Node, needs_text


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A query that finds what the watchlist's query finds, and perhaps more."""

    clause: str
    """What it does without, as the analyst wrote it."""
    change: str
    """What it has in its place; empty where it has nothing."""
    query: Query


def relaxations(query: Query) -> Iterator[Relaxation]:
    """The query without each part of its outermost AND, and without each exception.

    Where a part is a NEAR, there is one more, with its words however far apart. A part is not left
    out if no other one requires a word: the query would hold for any text.
    """
    yield from _without_parts(query)
    for exception in query.exceptions:
        others = tuple(each for each in query.exceptions if each is not exception)
        yield Relaxation(f"except {exception.name}", "", replace(query, exceptions=others))


def _without_parts(query: Query) -> Iterator[Relaxation]:
    node = query.node
    parts = node.children if isinstance(node, And) else (node,)
    for place, part in enumerate(parts):
        others = (*parts[:place], *parts[place + 1 :])
        if isinstance(part, Near):
            apart = And(part.operands)
            loose = _together((*parts[:place], apart, *parts[place + 1 :]))
            yield Relaxation(unparse(part), unparse(apart), replace(query, node=loose))
        if others and needs_text(_together(others)):
            yield Relaxation(unparse(part), "", replace(query, node=_together(others)))


def _together(parts: tuple[Node, ...]) -> Node:
    return parts[0] if len(parts) == 1 else And(parts)
