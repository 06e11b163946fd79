"""What the numbers in a query's plan stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from service.matching.evaluation.score import Boost
from service.matching.query import Query
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import And, Node, Term, Within, children


class QueryLabels(NamedTuple):
    """The labels of one query."""

    id: str
    threshold: float
    clauses: tuple[str, ...]
    """By the number of the child of the outermost AND; of any other expression its own."""
    terms: tuple[str, ...]
    """All terms, in reading order."""
    boosts: tuple[Boost, ...]


def query_labels(query: Query) -> QueryLabels:
    """The labels of a query's clauses, terms and boosts."""
    node = query.node
    clauses = node.children if isinstance(node, And) else (node,)
    return QueryLabels(
        query.id,
        query.threshold,
        tuple([one.label if isinstance(one, Term) else unparse(one) for one in clauses]),
        tuple(_term_labels(node, "")),
        tuple([Boost(boost.when, boost.points) for boost in query.boosts]),
    )


def _term_labels(node: Node, field: str) -> Iterator[str]:
    if isinstance(node, Term):
        yield field + node.label
    if isinstance(node, Within):
        field = f"{node.field}:"
    for child in children(node):
        yield from _term_labels(child, field)
