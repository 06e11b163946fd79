"""Expressions without what makes no difference: two with one normal form mean the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from service.matching.evaluation.evaluate import ZONES
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Style,
    Term,
    Within,
    children,
)
from service.matching.words.wordform import DOTLESS

_INFLECTED = (Style.INFLECTED, Style.CAPITALISED)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Those of an AND or an OR, in no order."""

    kind: type[And | Or]
    parts: frozenset[Hashable]


class NormalForms:
    """The normal forms of the expressions of one language; those of lists are made once."""

    def __init__(self, language: str) -> None:
        self._is_dotless = language.partition("-")[0] in DOTLESS
        self._lists: dict[tuple[int, frozenset[str], bool], tuple[Node, Hashable]] = {}

    def of_match(self, node: Node, exceptions: Sequence[Node]) -> Hashable:
        """What a match finds of which no exception holds."""
        return self.found(And((node, *map(Not, exceptions))))

    def found(self, node: Node) -> Hashable:
        """Equal for expressions that find the same articles: `a AND (b AND a)` and `b AND a`."""
        return self._of(node, ZONES, scored=False)

    def scored(self, node: Node) -> Hashable:
        """Equal for those that give each article the same score, too.

        Only the order of AND, OR and any counts for nothing: what is there twice counts twice.
        """
        return self._of(node, ZONES, scored=True)

    def _of(self, node: Node, zones: frozenset[str], *, scored: bool) -> Hashable:
        if isinstance(node, Or | AnyOf) and node.name:
            key = id(node), zones, scored
            if key not in self._lists:  # with the node, whose id no other gets meanwhile
                self._lists[key] = node, self._of_operator(node, zones, scored=scored)
            return self._lists[key][1]
        match node:
            case Term():
                return node.style, self._words(node), node.variants, zones
            case Meta(field=field, pattern=pattern):
                return field, pattern.lower() if pattern.isascii() else pattern
            case Within(zones=narrower, child=child):
                form = self._of(child, zones & narrower, scored=scored)
                return (Within, form) if scored else form
            case _:
                return self._of_operator(node, zones, scored=scored)

    def _of_operator(self, node: Node, zones: frozenset[str], *, scored: bool) -> Hashable:
        if isinstance(node, And | Or) and not scored:
            return self._flat(node, zones)
        if isinstance(node, Not) and isinstance(node.child, And | Or) and not scored:
            return self._of_not(node.child, zones)
        # What is counted is counted as often as it is there.
        counts = scored or isinstance(node, AtLeast)
        below = [self._of(each, zones, scored=counts) for each in children(node)]
        match node:
            case Near(joints=joints):
                ordered = scored or any(joint.ordered for joint in joints)
                ways = [(tuple(below), joints), (tuple(below[::-1]), joints[::-1])]
                return Near, frozenset(ways[: 1 if ordered else 2])
            case AtLeast(least=least) | AnyOf(least=least):
                return type(node), least, counted(below)
            case _:
                return type(node), counted(below)

    def _of_not(self, node: And | Or, zones: frozenset[str]) -> Hashable:
        """`NOT (a OR b)` as `NOT a AND NOT b`."""
        if isinstance(node, Or) and node.name:
            return Not, self._of(node, zones, scored=False)
        other = And if isinstance(node, Or) else Or
        return self._flat(other(tuple(map(Not, node.children))), zones)

    def _flat(self, node: And | Or, zones: frozenset[str]) -> Hashable:
        """Each part once, and those of an AND within the AND."""
        parts: set[Hashable] = set()
        for each in node.children:
            form = self._of(each, zones, scored=False)
            is_list = isinstance(each, Or | AnyOf) and each.name
            if isinstance(form, _Parts) and form.kind is type(node) and not is_list:
                parts |= form.parts
            else:
                parts.add(form)
        return parts.pop() if len(parts) == 1 else _Parts(type(node), frozenset(parts))

    def _words(self, term: Term) -> tuple[str, ...]:
        """Its words, in small letters if their case tells nothing."""
        if term.style is Style.CASED or term.variants or self._is_dotless:
            return term.words
        return tuple(
            word.lower()
            if word.isascii() and not (term.style in _INFLECTED and word.isupper())
            else word
            for word in term.words
        )


def counted(parts: Iterable[Hashable]) -> Hashable:
    """The parts in no order, each with how often it is there."""
    return frozenset(Counter(parts).items())
