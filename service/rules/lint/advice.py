"""All advice on a set of rules: what `tocsin check` says besides mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from service.matching.evaluation.evaluate import ZONES
from service.matching.syntax.tree import AnyOf, Node, Or, children
from service.rules.lint.breadth import find_broad_words
from service.rules.lint.impossible import find_impossible, implies
from service.rules.lint.metadata import find_unknown_values
from service.rules.lint.missed_forms import find_missed_forms
from service.rules.lint.operators import find_operators
from service.rules.rules import Rules, Watchlist


@dataclass(frozen=True, slots=True, order=True)
class Advice:
    """Something worth a second look; it is not a fault."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: advice: {self.message}"


def advise(rules: Rules) -> list[Advice]:
    """All advice on a set of rules, by file and line."""
    lists: set[str] = set()
    return sorted(
        Advice(watchlist.file, watchlist.line, f"{watchlist.id}: {message}")
        for watchlist in rules.watchlists.values()
        for message in _advise_watchlist(watchlist, rules, lists)
    )


def _advise_watchlist(watchlist: Watchlist, rules: Rules, lists: set[str]) -> Iterator[str]:
    """Advice on one watchlist, and on the lists that it names.

    `lists`: names of lists that had advice before; they are skipped, and those of this one added.
    """
    query = watchlist.query
    expressions: list[tuple[str, Node]] = [
        ("", query.node),
        *((f"except {exception.name}: ", exception.node) for exception in query.exceptions),
        *((f"boost {boost.when}: ", boost.node) for boost in query.boosts),
    ]
    for where, node in expressions:
        found = chain(_find_in_nodes(node, query.language, lists), find_impossible(node, (), ZONES))
        yield from (f"{where}{message}" for message in dict.fromkeys(found))
    yield from find_missed_forms([node for _, node in expressions], query.language)
    for exception in query.exceptions:
        if implies(query.node, exception.node):
            yield f"except {exception.name}: it holds wherever match does, so nothing can alert"
    yield from _find_nobody(watchlist, rules)
    if not watchlist.checks:
        yield "it has no tests: add one article that must match and one that must not"


def _find_nobody(watchlist: Watchlist, rules: Rules) -> Iterator[str]:
    """Advice on a watchlist whose alerts nobody is sent."""
    if not watchlist.notify:
        yield "it notifies no subscriber: its alerts are only recorded"
        return
    severity = watchlist.severity
    known = [rules.subscribers[name] for name in watchlist.notify if name in rules.subscribers]
    if known and all(one.severities and severity not in one.severities for one in known):
        yield (
            f"no subscriber of it accepts the severity {severity}: its alerts are only recorded. "
            f"Add {severity} to the severities of {watchlist.notify[0]}, or choose another"
        )


def _find_in_nodes(node: Node, language: str, lists: set[str]) -> Iterator[str]:
    for where, each, parent in _walk(node, None, "", lists):
        found = chain(
            find_operators(each, parent),
            find_broad_words(each, language),
            find_unknown_values(each),
        )
        yield from (f"{where}{message}" for message in found)


def _walk(
    node: Node, parent: Node | None, where: str, lists: set[str]
) -> Iterator[tuple[str, Node, Node | None]]:
    """Every node with its parent, and with the list that it is in; lists in `lists` are skipped."""
    if isinstance(node, Or | AnyOf) and node.name:
        if node.name in lists:
            return
        lists.add(node.name)
        where = f"the list ${node.name}: "
    else:
        yield where, node, parent
    for child in children(node):
        yield from _walk(child, node, where, lists)
