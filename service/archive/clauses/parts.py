"""The parts of a watchlist, each with the query that is left without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from service.archive.clauses.relaxations import relaxations
from service.matching.query import Query
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import And, Node, Or, Within

PartKind = Literal["clause", "distance", "alternative", "exception"]
MOST_PARTS = 200
"""Of one watchlist; an expression with more is a list in disguise."""


@dataclass(frozen=True, slots=True)
class PartlessQuery:
    """A query without one of its parts. It finds the same where nothing needed the part."""

    kind: PartKind
    part: str
    """As it is written; the name of an exception."""
    change: str
    """What stands in its place; empty: nothing."""
    query: Query


def partless_queries(query: Query) -> Iterator[PartlessQuery]:
    """The query without each clause, exception and alternative; some are not left out, as all
    would match then.
    """
    names = {f"except {each.name}": each.name for each in query.exceptions}
    for each in relaxations(query):
        if each.clause in names:
            yield PartlessQuery("exception", names[each.clause], "", each.query)
        else:
            kind: PartKind = "distance" if each.change else "clause"
            yield PartlessQuery(kind, each.clause, each.change, each.query)
    for alternative, node in _without_alternatives(query.node):
        yield PartlessQuery("alternative", unparse(alternative), "", replace(query, node=node))


def _without_alternatives(node: Node) -> Iterator[tuple[Node, Node]]:
    """Each alternative of an OR that has no name, and the expression without it."""
    match node:
        case Or(name="", children=below):
            for place, each in enumerate(below):
                others = (*below[:place], *below[place + 1 :])
                yield each, others[0] if len(others) == 1 else Or(others)
        case And(children=below):
            for place, each in enumerate(below):
                for alternative, left in _without_alternatives(each):
                    yield alternative, And((*below[:place], left, *below[place + 1 :]))
        case Within(child=child):
            for alternative, left in _without_alternatives(child):
                yield alternative, replace(node, child=left)
        case _:
            return
