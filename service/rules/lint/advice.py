"""All advice on a set of rules: what `tocsin check` says besides mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from itertools import chain
from typing import NamedTuple

from service.errors import Fix
from service.matching.evaluation.evaluate import ZONES
from service.matching.syntax.tree import AnyOf, Node, Or, children
from service.rules.lint.breadth import find_broad_words
from service.rules.lint.impossible import find_impossible, implies
from service.rules.lint.metadata import find_unknown_values
from service.rules.lint.missed_forms import find_missed_forms
from service.rules.lint.operators import find_operators
from service.rules.lint.quotes import find_lost_quotes, find_other_quotes
from service.rules.lint.remark import Remark
from service.rules.lint.source import ExpressionPath, RulesSource
from service.rules.lint.twins import find_twins
from service.rules.rules import Rules, Watchlist


@dataclass(frozen=True, slots=True, order=True)
class Advice:
    """Something worth a second look; it is not a fault."""

    file: str
    line: int
    column: int
    message: str
    _: KW_ONLY
    code: str
    """The kind of advice, such as `T504` (`rules.findings.codes`)."""
    width: int = 1
    """Characters that it is about."""
    fix: Fix | None = field(default=None, compare=False)
    """What puts it right without a doubt; None: only a person can say."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: advice: {self.message} ({self.code})"


class Located(NamedTuple):
    """A remark on a watchlist, with the expressions that it may be about."""

    remark: Remark
    paths: tuple[ExpressionPath, ...] = ()
    where: str = ""


def advise(rules: Rules, files: Mapping[str, str]) -> list[Advice]:
    """All advice on a set of rules, by file and line; `files` (name → text) are its files."""
    source = RulesSource(files)
    lists: set[str] = set()
    found = [
        located_advice(watchlist, located, source)
        for watchlist in rules.watchlists.values()
        for located in _advise_watchlist(watchlist, rules, lists)
    ]
    found += [
        located_advice(
            twin.watchlist, Located(twin.remark, ((twin.watchlist.id, "match"),)), source
        )
        for twin in find_twins(rules)
    ]
    # What is told of an operator in a phrase tells what to do with its quotes, too.
    told = {(one.file, one.line) for one in found if one.code in ("T501", "T502")}
    told |= {(one.file, one.line) for one in rules.faults}
    for expression, remark in find_lost_quotes(source):
        if (expression.file, expression.node.start_mark.line + 1) in told:
            continue
        mark = expression.node.start_mark
        width = len(expression.node.value) + 2
        place = expression.file, mark.line + 1, mark.column + 1
        found.append(Advice(*place, remark.message, code=remark.code, width=width))
    return sorted(found)


def located_advice(watchlist: Watchlist, located: Located, source: RulesSource) -> Advice:
    """The advice at the place of what it is about; without one, at that of the watchlist."""
    remark = located.remark
    message = f"{watchlist.id}: {located.where}{remark.message}"
    place = source.find(located.paths, remark.about)
    if place is None:
        return Advice(watchlist.file, watchlist.line, 1, message, code=remark.code)
    certain = remark.instead and place.said.lower() == remark.about.lower()
    return Advice(
        place.file,
        place.line,
        place.column,
        message,
        code=remark.code,
        width=place.width,
        fix=Fix(place.said, remark.instead) if certain else None,
    )


def _advise_watchlist(watchlist: Watchlist, rules: Rules, lists: set[str]) -> Iterator[Located]:
    """Advice on one watchlist, and on the lists that it names.

    `lists`: names of lists that had advice before; they are skipped, and those of this one added.
    """
    query, id_ = watchlist.query, watchlist.id
    expressions: list[tuple[ExpressionPath, str, Node]] = [
        ((id_, "match"), "", query.node),
        *(
            ((id_, "except", one.name), f"except {one.name}: ", one.node)
            for one in query.exceptions
        ),
        *(
            ((id_, "boost", number), f"boost {one.when}: ", one.node)
            for number, one in enumerate(query.boosts)
        ),
    ]
    for path, where, node in expressions:
        found = chain(
            _find_in_nodes(node, query.language, lists, path),
            (Located(one, (path,)) for one in find_impossible(node, (), ZONES)),
        )
        yield from (each._replace(where=where + each.where) for each in dict.fromkeys(found))
    paths = tuple(path for path, _, _ in expressions)
    nodes = [node for _, _, node in expressions]
    yield from (Located(one, paths) for one in find_missed_forms(nodes, query.language))
    for exception in query.exceptions:
        if implies(query.node, exception.node):
            message = "it holds wherever match does, so nothing can alert"
            path = (id_, "except", exception.name)
            yield Located(Remark("T509", message), (path,), f"except {exception.name}: ")
    if 0 < query.threshold < 1:
        message = (
            f"its threshold is {query.threshold:g} of 100 points, which nearly every match has: "
            f"did you mean {100 * query.threshold:g}?"
        )
        yield Located(Remark("T515", message))
    yield from map(Located, _find_nobody(watchlist, rules))
    if not watchlist.checks:
        message = "it has no tests: add one article that must match and one that must not"
        yield Located(Remark("T512", message))


def _find_nobody(watchlist: Watchlist, rules: Rules) -> Iterator[Remark]:
    """Advice on a watchlist whose alerts nobody is sent."""
    if not watchlist.notify:
        yield Remark("T513", "it notifies no subscriber: its alerts are only recorded")
        return
    severity = watchlist.severity
    known = [rules.subscribers[name] for name in watchlist.notify if name in rules.subscribers]
    if known and all(one.severities and severity not in one.severities for one in known):
        message = (
            f"no subscriber of it accepts the severity {severity}: its alerts are only recorded. "
            f"Add {severity} to the severities of {watchlist.notify[0]}, or choose another"
        )
        yield Remark("T514", message)


def _find_in_nodes(
    node: Node, language: str, lists: set[str], path: ExpressionPath
) -> Iterator[Located]:
    for name, each, parent in _walk(node, None, "", lists):
        found = chain(
            find_operators(each, parent),
            find_other_quotes(each),
            find_broad_words(each, language),
            find_unknown_values(each),
        )
        where = f"the list ${name}: " if name else ""
        for one in found:
            yield Located(one, (("lists", name) if name else path,), where)


def _walk(
    node: Node, parent: Node | None, name: str, lists: set[str]
) -> Iterator[tuple[str, Node, Node | None]]:
    """Each node with its parent, and the list that it is in; lists in `lists` are skipped."""
    if isinstance(node, Or | AnyOf) and node.name:
        if node.name in lists:
            return
        lists.add(node.name)
        name = node.name
    else:
        yield name, node, parent
    for child in children(node):
        yield from _walk(child, node, name, lists)
