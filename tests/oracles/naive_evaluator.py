"""A second evaluator and scorer, so naive that it can be seen to be right (DESIGN.md §4, §5).

It looks at every word, every run of words, and every combination of mentions, and is only good for
the small texts of `expressions.Text`.
"""

from __future__ import annotations

import math
from fnmatch import fnmatchcase
from itertools import product

from builders.expressions import FORMS, METADATA, WORD, ZONES, Place, Text
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Joint,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Style,
    Term,
    Unit,
    Within,
)

Span = tuple[int, int]
Zones = frozenset[str]
WEIGHT = {"title": 4, "lead": 2, "body": 1}


class Naive:
    """One text, asked anything."""

    def __init__(self, text: Text) -> None:
        self.places = text.places()

    def mentions(self, node: Node, zones: Zones = ZONES) -> set[Span]:
        """The runs of words that a positional node means."""
        match node:
            case Term():
                runs = range(len(self.places) - len(node.words) + 1)
                every = ((at, at + len(node.words) - 1) for at in runs)
                return {span for span in every if self._means(node, span, zones)}
            case Within(zones=narrower, child=child):
                return self.mentions(child, zones & narrower)
            case Or(children=parts):
                return {span for part in parts for span in self.mentions(part, zones)}
            case _:
                raise AssertionError(node)

    def _means(self, term: Term, span: Span, zones: Zones) -> bool:
        run = self.places[span[0] : span[1] + 1]
        if any(place.zone not in zones or place.paragraph != run[0].paragraph for place in run):
            return False
        if not all(map(_same, term.words, run, [term.style] * len(run))):
            return False
        capital = any(char.isupper() for place in run for char in place.form)
        return capital or term.style is not Style.CAPITALISED

    def chains(self, node: Near, zones: Zones) -> list[tuple[Span, ...]]:
        """Every choice of one mention of each operand that are joined as they should be."""
        operands = [self.mentions(part, zones) for part in node.operands]
        return [
            chain
            for chain in product(*operands)
            if all(map(self._joined, chain, chain[1:], node.joints))
        ]

    def _joined(self, one: Span, other: Span, joint: Joint) -> bool:
        ordered = one[1] < other[0]
        if not ordered and (joint.ordered or not other[1] < one[0]):
            return False
        ends = [self.places[at] for at in (*one, *other)]
        if len({place.zone for place in ends}) > 1:
            return False
        match joint.unit:
            case Unit.SENTENCE:
                return len({place.sentence for place in ends}) == 1
            case Unit.PARAGRAPH:
                return len({place.paragraph for place in ends}) == 1
            case Unit.WORDS:
                between = other[0] - one[1] - 1 if ordered else one[0] - other[1] - 1
                return between <= joint.most

    def takers(self, node: Near, zones: Zones) -> list[set[Span]]:
        """For each operand its mentions that stand in some chain."""
        chains = self.chains(node, zones)
        return [{chain[at] for chain in chains} for at in range(len(node.operands))]

    def occurrences(self, node: Near, zones: Zones) -> dict[str, int]:
        """How often a chain stands in each zone."""
        takers = self.takers(node, zones)
        return {
            zone: min(sum(self.places[at].zone == zone for at, _ in spans) for spans in takers)
            for zone in ZONES
        }

    def count(self, node: Node, zones: Zones) -> int:
        """What atleast compares with its number."""
        if isinstance(node, Within):
            return self.count(node.child, zones & node.zones)
        if isinstance(node, Near):
            return sum(self.occurrences(node, zones).values())
        return _most_apart(sorted(self.mentions(node, zones)))

    def holds(self, node: Node, zones: Zones = ZONES) -> bool:
        """Whether an expression holds."""
        match node:
            case Term():
                return bool(self.mentions(node, zones))
            case And(children=parts):
                return all(self.holds(part, zones) for part in parts)
            case Or(children=parts):
                return any(self.holds(part, zones) for part in parts)
            case Not(child=child):
                return not self.holds(child, zones)
            case Within(zones=narrower, child=child):
                return self.holds(child, zones & narrower)
            case Near():
                return bool(self.chains(node, zones))
            case AtLeast(least=least, child=child):
                return self.count(child, zones) >= least
            case AnyOf(least=least, children=parts):
                return [self.holds(part, zones) for part in parts].count(True) >= least
            case Meta():
                return _is_so(node)

    def without_words(self, node: Node, zones: Zones) -> bool:
        """Whether an expression would hold if its positive words did not occur."""
        match node:
            case Not() | Meta():
                return self.holds(node, zones)
            case And(children=parts):
                return all(self.without_words(part, zones) for part in parts)
            case Or(children=parts):
                return any(self.without_words(part, zones) for part in parts)
            case AnyOf(least=least, children=parts):
                return [self.without_words(part, zones) for part in parts].count(True) >= least
            case Within(zones=narrower, child=child):
                return self.without_words(child, zones & narrower)
            case _:
                return False

    def bearing(self, parts: tuple[Node, ...], zones: Zones) -> list[Node]:
        """The parts that hold, and hold only by words."""
        return [
            part
            for part in parts
            if self.holds(part, zones) and not self.without_words(part, zones)
        ]

    def wanted(self, node: AnyOf, zones: Zones) -> int:
        """How many parts of an `any` words have to fulfil."""
        return node.least - sum(self.without_words(part, zones) for part in node.children)

    def mass(self, node: Node, zones: Zones = ZONES) -> float:
        """The mass of an expression that holds only by words."""
        match node:
            case Term():
                return sum(WEIGHT[self.places[at].zone] for at, _ in self.mentions(node, zones))
            case Near():
                found = self.occurrences(node, zones).items()
                return sum(WEIGHT[zone] * often for zone, often in found)
            case Or(children=parts):
                return sum(self.mass(part, zones) for part in self.bearing(parts, zones))
            case AtLeast(child=child):
                return self.mass(child, zones)
            case Within(zones=narrower, child=child):
                return self.mass(child, zones & narrower)
            case And(children=parts):
                return _mean([self.mass(part, zones) for part in self.bearing(parts, zones)])
            case AnyOf(children=parts):
                masses = [self.mass(part, zones) for part in self.bearing(parts, zones)]
                return _mean(sorted(masses)[-self.wanted(node, zones) :])
            case _:
                raise AssertionError(node)

    def fits(self, node: Node, unit: str, place: int, zones: Zones = ZONES) -> bool:
        """Whether one sentence (or paragraph) has a part in all that the expression wants."""
        match node:
            case Term():
                return self._begins(self.mentions(node, zones), unit, place)
            case Near(operands=parts):
                return all(self._begins(t, unit, place) for t in self.takers(node, zones))
            case And(children=parts):
                return all(self.fits(p, unit, place, zones) for p in self.bearing(parts, zones))
            case Or(children=parts):
                return any(self.fits(p, unit, place, zones) for p in self.bearing(parts, zones))
            case AnyOf(children=parts):
                fit = [self.fits(p, unit, place, zones) for p in self.bearing(parts, zones)]
                return fit.count(True) >= self.wanted(node, zones)
            case AtLeast(child=child):
                return self.fits(child, unit, place, zones)
            case Within(zones=narrower, child=child):
                return self.fits(child, unit, place, zones & narrower)
            case _:
                raise AssertionError(node)

    def _begins(self, spans: set[Span], unit: str, place: int) -> bool:
        return any(place in _stands_in(self.places[at], unit) for at, _ in spans)

    def score(self, node: Node) -> float:
        """The score, 0–100, of an expression that holds, not rounded."""
        closeness = 0.75
        for unit, close in (("paragraph", 0.9), ("sentence", 1.0)):
            if any(self.fits(node, unit, getattr(place, unit)) for place in self.places):
                closeness = close
        mass = self.mass(node)
        return 100 * mass / (mass + 1) * closeness


def _stands_in(place: Place, unit: str) -> set[int]:
    """A title stands in its own paragraph and in the one after it."""
    number = getattr(place, unit)
    both = unit == "paragraph" and place.zone == "title"
    return {number, number + 1} if both else {number}


def is_form(want: str, form: str) -> bool:
    """Whether a text's word is a form of a bare word, or fits a pattern."""
    if "*" in want or "?" in want:
        return fnmatchcase(_plain(form), _plain(want))
    return WORD[want] == WORD.get(form)


def _same(want: str, place: Place, style: Style) -> bool:
    if style is Style.CAPITALISED and _is_inflected_name(want):
        style = Style.EXACT
    match style:
        case Style.INFLECTED:
            return is_form(want, place.form)
        case Style.CAPITALISED:
            # A word with a capital is a name: what it may be a form of does not count.
            is_lemma = want.islower() or _plain(want) in FORMS or {*want} & {*"*?"}
            return is_form(want, place.form) if is_lemma else _same(want, place, Style.EXACT)
        case Style.CASED:
            return want in (place.form, _without_possessive(place.form))
        case Style.EXACT:
            return _plain(want) in (_plain(place.form), _plain(_without_possessive(place.form)))


def _is_inflected_name(want: str) -> bool:
    """Whether a word of `caps` is a name, as Banks is: it means no other form of its word."""
    return any(map(str.isupper, want)) and want in WORD and _plain(want) != WORD[want]


def _without_possessive(word: str) -> str:
    return word.removesuffix("'s")


def _plain(word: str) -> str:
    return word.replace("İ", "i").lower().replace("ü", "u")


def _most_apart(spans: list[Span]) -> int:
    """The greatest number of spans of which no two share a word: the first is in or out."""
    if not spans:
        return 0
    (_, last), *rest = spans
    return max(_most_apart(rest), 1 + _most_apart([span for span in rest if span[0] > last]))


def _mean(masses: list[float]) -> float:
    value = math.prod(mass / (mass + 1) for mass in masses) ** (1 / len(masses))
    return value / (1 - value)


def _is_so(node: Meta) -> bool:
    tags = METADATA["tags"]
    values = {"source": [METADATA["source"]], "country": [METADATA["country"]], "tag": [*tags]}
    return any(fnmatchcase(value.lower(), node.pattern) for value in values[node.field])
