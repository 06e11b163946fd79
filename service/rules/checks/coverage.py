"""Which clauses, exceptions and boosts of a watchlist its own tests try."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import NodeResult, evaluate
from service.matching.query import Query
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import And, AnyOf, Node, Not, Or, Within
from service.rules.checks.own_tests import CheckResult


@dataclass
class Coverage:
    """What of one watchlist holds in at least one article of its tests."""

    tried: dict[str, bool] = field(default_factory=dict)
    """Clauses as they are written, `except NAME` and `boost EXPRESSION`."""

    @property
    def untried(self) -> list[str]:
        """What holds in none: no test would tell if it were wrong."""
        return [name for name, is_tried in self.tried.items() if not is_tried]


def coverage(results: Iterable[CheckResult]) -> dict[str, Coverage]:
    """By watchlist, of those that have tests. A list counts as one clause."""
    found: dict[str, Coverage] = {}
    for result in results:
        if result.judgement is None:
            continue
        tried = found.setdefault(result.watchlist.id, Coverage()).tried
        for name, holds in _parts(result.judgement.query, result.judgement.index):
            tried[name] = tried.get(name, False) or holds
    return found


def _parts(query: Query, index: ArticleIndex) -> Iterator[tuple[str, bool]]:
    def holds(node: Node) -> bool:
        return evaluate(node, index, query.language).holds

    yield from _clauses(evaluate(query.node, index, query.language), "")
    for exception in query.exceptions:
        yield f"except {exception.name}", holds(exception.node)
    for boost in query.boosts:
        yield f"boost {boost.when}", holds(boost.node)


def _clauses(result: NodeResult, fields: str) -> Iterator[tuple[str, bool]]:
    """The parts that hold or do not by themselves, with the fields that they are looked for in."""
    match result.node:
        case Or(name=name) | AnyOf(name=name) if name:
            yield fields + unparse(result.node), result.holds
        case Within(field=name):
            yield from _clauses(result.children[0], f"{fields}{name}:")
        case And() | Or() | Not() | AnyOf():
            for child in result.children:
                yield from _clauses(child, fields)
        case node:
            yield fields + unparse(node), result.holds


def share_tried(found: Iterable[Coverage]) -> float:
    """The share of all parts that are tried, in percent; 100 where there is none."""
    parts = [is_tried for each in found for is_tried in each.tried.values()]
    return 100 * sum(parts) / len(parts) if parts else 100.0
