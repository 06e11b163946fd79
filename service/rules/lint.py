"""Advice on rules that are valid and yet may not say what their author means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.matching.evaluation.evaluate import ZONES
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import (
    And,
    AnyOf,
    Near,
    Node,
    Not,
    Or,
    Style,
    Term,
    Within,
    children,
    terms,
)
from service.matching.words.wildcard import is_pattern, word_pattern
from service.matching.words.wordform import lemma
from service.rules.rules import Rules, Watchlist

_OPERATORS = frozenset({"AND", "OR", "NOT"})


APART = {
    "break": "broke", "leave": "left", "rise": "rose", "shake": "shook", "shoot": "shot",
    "swear": "swore", "win": "won", "thief": "thieves", "wife": "wives", "bomb": "bombing",
    "build": "building", "flood": "flooding", "hijack": "hijacking", "kidnap": "kidnapping",
    "warn": "warning",
}  # fmt: skip
"""English words that news is about, each with a form that the dictionary counts as a word of its
own."""


@dataclass(frozen=True, slots=True, order=True)
class Advice:
    """Something worth a second look; it never fails a check."""

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
        for message in _advice(watchlist, lists)
    )


def _advice(watchlist: Watchlist, lists: set[str]) -> Iterator[str]:
    """Advice on one watchlist, and on the lists that it names and none before: they are noted."""
    query = watchlist.query
    expressions: list[tuple[str, Node]] = [
        ("", query.node),
        *((f"except {exception.name}: ", exception.node) for exception in query.exceptions),
        *((f"boost {boost.when}: ", boost.node) for boost in query.boosts),
    ]
    for where, node in expressions:
        found = (*_lower_case(node, lists), *_impossible(node, (), ZONES))
        yield from (f"{where}{said}" for said in dict.fromkeys(found))
    if query.language.partition("-")[0] == "en":
        yield from _apart([node for _, node in expressions])
    if not watchlist.notify:
        yield "it notifies nobody: its alerts are recorded only"
    if not watchlist.checks:
        yield "it has no tests: add one article that must match and one that must not"


def _lower_case(node: Node, lists: set[str]) -> Iterator[str]:
    """Phrases that hold `and`, `or` or `not`."""
    match node:
        case Term(words=words, style=Style.INFLECTED, label=label):
            found = [word.upper() for word in words if word.upper() in _OPERATORS]
            if found:
                yield (
                    f"“{label}” is one phrase; operators are written in capitals: {found[0]}. "
                    "Put the phrase in quotes if you mean it."
                )
        case Or(name=name) | AnyOf(name=name) if name in lists:
            return
        case Or(name=name) | AnyOf(name=name) if name:
            lists.add(name)
            yield from (f"the list ${name}: {said}" for said in _below(node, lists))
            return
    yield from _below(node, lists)


def _below(node: Node, lists: set[str]) -> Iterator[str]:
    for child in children(node):
        yield from _lower_case(child, lists)


def _apart(nodes: Sequence[Node]) -> Iterator[str]:
    """Words of which a form is not found, where no other term finds it."""
    bare = {
        term.words[0].lower()
        for node in nodes
        for term in _own_terms(node)
        if len(term.words) == 1 and term.style is Style.INFLECTED
    }
    for word in sorted(bare.intersection(APART)):
        form = APART[word]
        others = (each for node in nodes for term in terms(node) for each in term.words)
        if not any(_finds(each, form) for each in others):
            yield (
                f"“{word}” does not find “{form}”, which the dictionary counts as a word of its "
                f"own: write {word} OR {form} if you mean both"
            )


def _own_terms(node: Node) -> Iterator[Term]:
    """The terms of an expression, but for those of lists, which are for many."""
    if isinstance(node, Term):
        yield node
    elif not (isinstance(node, Or | AnyOf) and node.name):
        for child in children(node):
            yield from _own_terms(child)


def _finds(word: str, form: str) -> bool:
    """Whether a word of an expression finds an English form."""
    if is_pattern(word):
        return word_pattern(word).fullmatch(form) is not None
    return lemma(word, "en") == lemma(form, "en")


def _impossible(node: Node, fields: tuple[str, ...], zones: frozenset[str]) -> Iterator[str]:
    """What can hold in no article, as far as it is easily seen."""
    never = False
    match node:
        case Or(name=name) | AnyOf(name=name) if name:
            return
        case Within(field=field, zones=narrower):
            fields, zones = (*fields, field), zones & narrower
            never = not zones
            node = node.child if never else node
        case And(children=below):
            denied = {child.child for child in below if isinstance(child, Not)}
            never = any(child in denied for child in below)
        case Near(operands=below):
            never = not frozenset.intersection(*map(_zones, below))
    if never:
        yield f"“{''.join(f'{field}:' for field in fields)}{unparse(node)}” never holds"
        return
    for child in children(node):
        yield from _impossible(child, fields, zones)


def _zones(node: Node) -> frozenset[str]:
    """Where a positional node may be mentioned."""
    match node:
        case Within(zones=zones, child=child):
            return zones & _zones(child)
        case Or(name="", children=below):
            return frozenset[str]().union(*map(_zones, below))
        case _:
            return ZONES
