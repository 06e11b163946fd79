"""The words that an expression cannot hold without, and the few that its query is indexed under."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import NamedTuple

from service.matching.engine.opcodes import MAX_CHECKED
from service.matching.engine.programs.arena import Arena
from service.matching.engine.programs.program import is_any_word
from service.matching.engine.vocabulary import ALL_ZONES, RequiredWords, zone_bits
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
    written,
)

_INFLECTED = Style.INFLECTED  # Python 3.11 looks up a global a dozen times as fast
_BY_SHARE = attrgetter("share")
_SHARE_OF_CANDIDATE = itemgetter(0)


class IndexEntry(NamedTuple):
    """Where a query is found, and what remains to be tested once it is."""

    first: tuple[int, ...]
    """The units under each of which the query is indexed."""
    second: int | None
    """A unit that must occur too; None if the query needs no other single unit."""
    checked: tuple[int, ...]
    """A few more units, of which one must occur, or none may; empty if there are none to test."""
    none_occurs: bool
    """Whether none of `checked` may occur."""
    rest: list[Node]
    """The conjuncts that these units do not decide."""


def index_under(node: Node, exceptions: Sequence[Node], requirements: Requirements) -> IndexEntry:
    """The index entry of a query that holds where `node` holds and none of its exceptions does.

    The query is indexed under its rarest required words (`first`), because few articles have one of
    them. The next rarest that are a single unit are `second`, the next that are few enough are
    `checked`; if there are none, the words of an exclusion are. A conjunct that holds exactly where
    chosen words occur is decided: no program has to test it.
    """
    conjuncts = [*_conjuncts(node), *map(Not, exceptions)]
    candidates = [
        (required.share, number, required)
        for number, conjunct in enumerate(conjuncts)
        for required in requirements.of(conjunct)
    ]
    candidates.sort(key=_SHARE_OF_CANDIDATE)
    _, number, rarest = candidates[0]
    first = rarest.units  # none at all for a list that is switched off
    second: int | None = None
    checked: tuple[int, ...] = ()
    decided = {number} if rarest.exact else set[int]()
    for _, number, (units, _, exact) in candidates[1:]:
        if units == first or (len(units) == 1 and units[0] == second):
            continue  # they were chosen before
        if second is None and len(units) == 1:
            second = units[0]
        elif not checked and len(units) <= MAX_CHECKED:
            checked = units
        else:
            continue
        if exact:
            decided.add(number)
    none_occurs = False
    for number, conjunct in enumerate(conjuncts):
        if not checked and type(conjunct) is Not:
            units = requirements.equivalent_units(conjunct.child)
            if 0 < len(units) <= MAX_CHECKED:
                checked, none_occurs = units, True
                decided.add(number)
    rest = [each for number, each in enumerate(conjuncts) if number not in decided]
    return IndexEntry(first, second, checked, none_occurs, rest)


def _conjuncts(node: Node) -> list[Node]:
    if not isinstance(node, And):
        return [node]
    if And not in map(type, node.children):
        return list(node.children)
    return [conjunct for child in node.children for conjunct in _conjuncts(child)]


class Requirements:
    """The words that nodes require, in one language.

    A term requires each of its words, and so does what contains it, except: an OR requires one of
    its parts, and so one unit of all of them together; an `any` requires one of so many parts that
    the others could not reach its number; a negation and a test of metadata require no word.
    """

    __slots__ = ("_arena", "_known", "_language", "_vocabulary")

    def __init__(self, language: str, arena: Arena) -> None:
        self._language, self._arena, self._vocabulary = language, arena, arena.vocabulary
        self._known = arena.vocabulary.required_bare_words(language)

    def of(self, node: Node, zones: int = ALL_ZONES) -> Sequence[RequiredWords]:
        """What a node requires, each by itself; empty if it can hold without any word."""
        if type(node) is Term and node.style is _INFLECTED and zones == ALL_ZONES:  # most nodes
            words = node.words
            known = self._known.get(words[0])
            if known is not None and len(words) == 1 and not node.variants:
                return known
        match node:
            case Term(variants=others) if others:
                ways = written(node)
                return self._one_of(ways, len(ways), zones, exact=False)
            case Term():
                return self._of_term(node, zones)
            case And(children=below) | Near(operands=below):
                return self._of_each(below, zones)
            case Or():
                return self._of_or(node, zones)
            case AnyOf():
                return self._of_any(node, zones)
            case Within(zones=narrower, child=child):
                return self.of(child, zones & zone_bits(narrower))
            case AtLeast(child=child):
                return self._of_each((child,), zones)
            case Not() | Meta():
                return []

    def equivalent_units(self, node: Node) -> tuple[int, ...]:
        """The units of which one occurs exactly where a node holds; empty if there are none."""
        if not is_any_word(node):
            return ()
        (required,) = self.of(node)
        return required.units

    def _of_term(self, term: Term, zones: int) -> Sequence[RequiredWords]:
        if len(term.words) == 1 and zones == ALL_ZONES:  # most terms are one word without a field
            return self._vocabulary.required_word(term, self._language)
        keys, shares = self._vocabulary.keys(term, self._language), self._vocabulary.shares
        return [RequiredWords((key,), shares[key], exact=False) for key in keys]

    def _of_each(self, nodes: Iterable[Node], zones: int) -> Sequence[RequiredWords]:
        return [
            RequiredWords(required.units, required.share, exact=False)
            for node in nodes
            for required in self.of(node, zones)
        ]

    def _of_or(self, node: Or, zones: int) -> Sequence[RequiredWords]:
        if node.name:
            exact = zones == ALL_ZONES and is_any_word(node)
            found = self._of_list(node, len(node.children))
            return [required._replace(exact=exact) for required in found]
        keys = self._vocabulary.bare_keys(node.children, self._language)
        if keys:  # most ORs
            shares = self._vocabulary.shares
            units = tuple(dict.fromkeys(sorted(keys, key=shares.__getitem__)))
            return [self._any_unit(units, exact=zones == ALL_ZONES)]
        exact = zones == ALL_ZONES and is_any_word(node)
        return self._one_of(node.children, len(node.children), zones, exact=exact)

    def _of_any(self, node: AnyOf, zones: int) -> Sequence[RequiredWords]:
        # If all parts but `least - 1` are absent, the others cannot reach `least`.
        needed = len(node.children) - node.least + 1
        if node.name:
            return self._of_list(node, needed)
        return self._one_of(node.children, needed, zones, exact=False)

    def _of_list(self, node: Or | AnyOf, needed: int) -> Sequence[RequiredWords]:
        """One unit for all of the keys of which any `needed` of a list's items require one.

        A list that is looked for in some zones only requires the same words as anywhere.
        """

        def work_out() -> Sequence[RequiredWords]:
            found = self._one_of(node.children, needed, ALL_ZONES, exact=False)
            if not found:
                return found
            unit = self._vocabulary.add_list(found[0].units)
            return [RequiredWords((unit,), self._vocabulary.shares[unit], exact=False)]

        return self._arena.required_words(node, needed, self._language, work_out)

    def _one_of(
        self, nodes: Sequence[Node], needed: int, zones: int, *, exact: bool
    ) -> Sequence[RequiredWords]:
        """What any `needed` of the nodes require: one unit of the rarest that each requires."""
        best = [
            found[0] if len(found) == 1 else min(found, key=_BY_SHARE)
            for node in nodes
            if (found := self.of(node, zones))
        ]
        if len(best) < needed:
            return []
        best.sort(key=_BY_SHARE)
        units = tuple(dict.fromkeys(unit for required in best[:needed] for unit in required.units))
        return [self._any_unit(units, exact=exact)]

    def _any_unit(self, units: tuple[int, ...], *, exact: bool) -> RequiredWords:
        share = sum(map(self._vocabulary.shares.__getitem__, units))
        return RequiredWords(units, min(1.0, share), exact)
