"""Random expressions over the whole grammar, and small texts to try them on.

The words of the texts come in few forms, so that expressions often hold; which form is a form of
which word is known here without asking the code that is tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

from builders.articles import an_article
from builders.seeded import seeded, sized
from service.articles.article import Article
from service.matching.syntax.parser import parse_item
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
    needs_text,
)

# Each word with the forms of it that an article may hold; no form belongs to two words.
FORMS = {
    "jet": ["jet", "jets", "Jet", "Jets", "jet's"],
    "strike": ["strike", "struck", "Strikes"],
    "turkiye": ["Türkiye", "TÜRKİYE", "turkiye"],
    "jf": ["JF", "jf"],
    "17": ["17"],
    "plan": ["plan", "Plans"],
    "the": ["The"],
    "today": ["today"],
}
WORD = {form: word for word, forms in FORMS.items() for form in forms}
PATTERNS = ["jet*", "je?s", "st?*ke*", "pla?*", "tur*ye", "Tür*", "t?da?"]
ZONES = frozenset({"title", "lead", "body"})
FIELDS = {
    "title": frozenset({"title"}),
    "lead": frozenset({"lead"}),
    "body": frozenset({"body"}),
    "headline": frozenset({"title", "lead"}),
}
METADATA: dict[str, Any] = {
    "source": "Reuters",
    "tags": ("Defence", "foreign policy"),
    "country": "PK",
}
TESTS = [
    Meta("source", "reut*"),
    Meta("source", "bbc"),
    Meta("tag", "foreign policy"),
    Meta("country", "tr"),
]


def _list(name: str, *items: str, lists: Mapping[str, Node] | None = None) -> Or:
    return Or(tuple(parse_item(item, lists) for item in items), name)


LISTS: dict[str, Or] = {
    "air": _list("air", "jet", "cs(JF) OR jf 17"),
    "acts": _list("acts", "str?ke*", "plan", "jet NEAR/2 17"),
}
LISTS["all"] = _list("all", "$air", "$acts", "source:bbc", lists=LISTS)


@dataclass(frozen=True, slots=True)
class Place:
    """One word of a text, and where it stands."""

    form: str
    zone: str
    paragraph: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Text:
    """Zones of paragraphs of sentences of words; every sentence runs “The … today.”."""

    title: tuple[tuple[tuple[str, ...], ...], ...] = ()
    lead: tuple[tuple[tuple[str, ...], ...], ...] = ()
    body: tuple[tuple[tuple[str, ...], ...], ...] = ()

    def article(self) -> Article:
        """The article that says so."""
        zones = {
            zone: "\n\n".join(
                " ".join(f"The {' '.join((*words, 'today'))}." for words in paragraph)
                for paragraph in getattr(self, zone)
            )
            for zone in ("title", "lead", "body")
        }
        return an_article(**zones, **METADATA)

    def places(self) -> list[Place]:
        """Every word in reading order; the title is one sentence."""
        found: list[Place] = []
        paragraphs = sentences = 0
        for zone in ("title", "lead", "body"):
            for paragraph in getattr(self, zone):
                for words in paragraph:
                    number = -1 if zone == "title" else sentences
                    said = ("The", *words, "today")
                    found += [Place(form, zone, paragraphs, number) for form in said]
                    sentences += 1
                paragraphs += 1
        return found


Zone = tuple[tuple[tuple[str, ...], ...], ...]


def texts(*zones: str, filler: str = "and") -> st.SearchStrategy[Text]:
    """Small texts whose words stand in these zones (without any: in all)."""
    return seeded(lambda chance: a_text(chance, *zones, filler=filler))


def a_text(chance: Random, *zones: str, filler: str = "and") -> Text:
    """One of them."""
    words = [*_WORDS, filler, filler]

    def paragraph() -> tuple[tuple[str, ...], ...]:
        return tuple(
            tuple(chance.choices(words, k=chance.randint(2, 5)))
            for _ in range(chance.randint(1, 2))
        )

    def zone(most: int) -> Zone:
        return tuple(paragraph() for _ in range(chance.randint(0, most)))

    sizes = {"title": 1, "lead": 1, "body": 3}
    return Text(**{name: zone(sizes[name]) for name in zones or sizes})


_WORDS = sorted(WORD)
_LIST_NAMES = sorted(LISTS)
_FIELD_NAMES = sorted(FIELDS)
_JOINTS = [
    Joint(Unit.SENTENCE),
    Joint(Unit.PARAGRAPH),
    *(Joint(Unit.WORDS, most, ordered) for most in range(7) for ordered in (False, True)),
]


class ExpressionMaker:
    """Makes the parts of one expression by chance; a term may be in several of its places."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._terms: list[Term] = []

    def term(self) -> Term:
        """A word or phrase, bare, quoted, cased or capitalised; some with wildcards."""
        if self._terms and self._chance.randrange(3) == 0:
            return self._chance.choice(self._terms)
        style = self._chance.choice([*Style])
        words = tuple(self._chance.choices([*_WORDS, *PATTERNS], k=self._chance.randint(1, 2)))
        self._terms.append(_term(style, words))
        return self._terms[-1]

    def positional(self, depth: int = 2) -> Node:
        """What NEAR may stand between: terms, ORs of them, lists of them, and these in fields."""
        match self._chance.randrange(5) if depth else 0:
            case 2:
                return LISTS["air"]
            case 3:
                number = self._chance.randint(2, 3)
                return Or(tuple(self.positional(depth - 1) for _ in range(number)))
            case 4:
                return self._within(self.positional(depth - 1))
            case _:
                return self.term()

    def near(self, operands: int) -> Node:
        """A chain of so many operands: NEAR/n, ONEAR/n, NEAR/s, NEAR/p."""
        parts = tuple(self.positional() for _ in range(operands))
        return Near(parts, tuple(self._chance.choices(_JOINTS, k=operands - 1)))

    def count(self) -> Node:
        """`atleast` of what it can count."""
        kind = self._chance.randrange(3)
        child = self.near(kind + 1) if kind else self.positional()
        if self._chance.randrange(4) == 0:
            child = self._within(child)
        return AtLeast(self._chance.randint(1, 4), child)

    def node(self, depth: int) -> Node:
        """Any expression or part of one, over the whole grammar."""
        match self._chance.randrange(12 if depth else 5):
            case 0:
                return self.term()
            case 1 | 2 as operands:
                return self.near(operands + 1)
            case 3:
                return self.count()
            case 4:
                return LISTS[self._chance.choice(_LIST_NAMES)]
            case 5:
                return self._chance.choice(TESTS)
            case 6:
                return Not(self.node(depth - 1))
            case 7:
                return And(self._several(depth - 1))
            case 8:
                return Or(self._several(depth - 1))
            case 9:
                parts = self._several(depth - 1)
                return AnyOf(min(self._chance.randint(1, 3), len(parts)), parts)
            case 10:
                name = self._chance.choice(_LIST_NAMES)
                items = LISTS[name].children
                return AnyOf(min(self._chance.randint(1, 3), len(items)), items, name)
            case _:
                return self._within(self.expression(depth - 1))

    def expression(self, depth: int) -> Node:
        """A whole expression: it needs some word to occur."""
        while not needs_text(node := self.node(depth)):
            pass
        return node

    def _several(self, depth: int) -> tuple[Node, ...]:
        return tuple(self.node(depth) for _ in range(self._chance.randint(2, 3)))

    def _within(self, child: Node) -> Node:
        field = self._chance.choice(_FIELD_NAMES)
        return Within(field, FIELDS[field], child)


def _term(style: Style, words: tuple[str, ...]) -> Term:
    if style in (Style.EXACT, Style.CASED) and not set(words) <= WORD.keys():
        style = Style.INFLECTED
    said = " ".join(words)
    if style is Style.CAPITALISED and not any(map(str.isalpha, said)):
        style = Style.INFLECTED
    written = {
        Style.INFLECTED: said,
        Style.EXACT: f'"{said}"',
        Style.CASED: f"cs({said})",
        Style.CAPITALISED: f"caps({said})",
    }
    return Term(words, style, written[style])


def nears() -> st.SearchStrategy[Node]:
    """Chains of two or three operands."""
    return seeded(lambda chance: ExpressionMaker(chance).near(chance.randint(2, 3)))


def nodes(depth: int = 3) -> st.SearchStrategy[Node]:
    """Expressions and parts of them, so deep at most."""
    return sized(lambda chance, size: ExpressionMaker(chance).node(size), depth)


def expressions(depth: int = 3) -> st.SearchStrategy[Node]:
    """Whole expressions, so deep at most."""
    return sized(lambda chance, size: ExpressionMaker(chance).expression(size), depth)
