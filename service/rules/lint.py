"""Advice on rules that are valid but may not mean what their author intends."""

from __future__ import annotations

import re
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
from service.matching.words.inflection import forms, missed_forms
from service.matching.words.wildcard import is_pattern, word_pattern
from service.matching.words.wordform import fold
from service.rules.rules import Rules, Watchlist

_OPERATORS = frozenset({"AND", "OR", "NOT"})


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
        for message in _advise_watchlist(watchlist, lists)
    )


def _advise_watchlist(watchlist: Watchlist, lists: set[str]) -> Iterator[str]:
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
        found = (*_find_lower_case_operators(node, lists), *_find_impossible(node, (), ZONES))
        yield from (f"{where}{message}" for message in dict.fromkeys(found))
    yield from _find_missed_words([node for _, node in expressions], query.language)
    if not watchlist.notify:
        yield "it notifies no subscriber: its alerts are only recorded"
    if not watchlist.checks:
        yield "it has no tests: add one article that must match and one that must not"


def _find_lower_case_operators(
    node: Node, lists: set[str], parent: Node | None = None
) -> Iterator[str]:
    """Advice on phrases that contain `and`, `or` or `not`."""
    match node:
        case Term(words=words, style=Style.INFLECTED, label=label):
            found = [word.upper() for word in words if word.upper() in _OPERATORS]
            if found:
                instead = _both_bracketings(node, parent) or found[0]
                yield (
                    f"“{label}” is one phrase; write operators in capitals: {instead}. "
                    "Put the phrase in quotes if you want it as it is."
                )
        case Or(name=name) | AnyOf(name=name) if name in lists:
            return
        case Or(name=name) | AnyOf(name=name) if name:
            lists.add(name)
            yield from (
                f"the list ${name}: {message}" for message in _find_in_children(node, lists)
            )
            return
    yield from _find_in_children(node, lists)


def _find_in_children(node: Node, lists: set[str]) -> Iterator[str]:
    for child in children(node):
        yield from _find_lower_case_operators(child, lists, node)


def _both_bracketings(phrase: Node, parent: Node | None) -> str:
    """The two meanings of `apple or orange AND pie`, in which AND binds first; else ""."""
    if not isinstance(parent, And) or len(parent.children) != 2:
        return ""
    parts = re.split(r"\s+or\s+", unparse(phrase), flags=re.IGNORECASE)
    if len(parts) != 2:
        return ""
    (left, right), (first, last) = parts, parent.children
    if first is phrase:
        other = unparse(And((last,)))
        return f"({left} OR {right}) AND {other}, or {left} OR ({right} AND {other})"
    other = unparse(And((first,)))
    return f"{other} AND ({left} OR {right}), or ({other} AND {left}) OR {right}"


def _find_missed_words(nodes: Sequence[Node], language: str) -> Iterator[str]:
    """Advice on words that may be forms of a word that neither they nor another term find."""
    primary = language.partition("-")[0]
    own = {
        word
        for node in nodes
        for term in _own_terms(node)
        if term.style is Style.INFLECTED and len(term.words) == 1  # a phrase says what is meant
        for word in term.words
        if not is_pattern(word)
    }
    every = {each for node in nodes for term in terms(node) for each in term.words}
    for word in sorted(own):
        for lemma in missed_forms(word, primary):
            if not any(_finds(each, lemma, primary) for each in every):
                yield (
                    f"“{word}” does not find “{lemma}”, of which it may be a form: "
                    f"write {word} OR {lemma} to find both"
                )


def _own_terms(node: Node) -> Iterator[Term]:
    """The terms of an expression, except those of lists, which serve many watchlists."""
    if isinstance(node, Term):
        yield node
    elif not (isinstance(node, Or | AnyOf) and node.name):
        for child in children(node):
            yield from _own_terms(child)


def _finds(word: str, form: str, language: str) -> bool:
    """Whether a word of an expression finds a form."""
    if is_pattern(word):
        return word_pattern(word).fullmatch(fold(form)) is not None
    return forms(word, language).include(form, fold(form))


def _find_impossible(node: Node, fields: tuple[str, ...], zones: frozenset[str]) -> Iterator[str]:
    """Advice on what is true for no article, as far as that is easy to see."""
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
        yield f"“{''.join(f'{field}:' for field in fields)}{unparse(node)}” can never match"
        return
    for child in children(node):
        yield from _find_impossible(child, fields, zones)


def _zones(node: Node) -> frozenset[str]:
    """The zones in which a positional node may match."""
    match node:
        case Within(zones=zones, child=child):
            return zones & _zones(child)
        case Or(name="", children=below):
            return frozenset[str]().union(*map(_zones, below))
        case _:
            return ZONES
