"""Random expressions over the whole grammar, and small texts to try them on.

The words of the texts come in few forms, so that expressions often hold; which form is a form of
which word is known here without asking the code that is tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st

from builders.articles import an_article
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


@cache
def texts(*zones: str, filler: str = "and") -> st.SearchStrategy[Text]:
    """Small texts whose words stand in these zones (without any: in all)."""
    words = st.lists(st.sampled_from([*sorted(WORD), filler, filler]), min_size=2, max_size=5).map(
        tuple
    )
    paragraph = st.lists(words, min_size=1, max_size=2).map(tuple)
    sizes = {"title": 1, "lead": 1, "body": 3}
    return st.builds(
        Text,
        **{
            zone: st.lists(paragraph, max_size=sizes[zone]).map(tuple)
            for zone in zones or ("title", "lead", "body")
        },
    )


def terms() -> st.SearchStrategy[Node]:
    """A word or phrase, bare, quoted, cased or capitalised, with wildcards where they may stand."""
    return _TERMS


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


_TERMS: st.SearchStrategy[Node] = st.tuples(
    st.sampled_from(Style),
    st.lists(st.sampled_from([*sorted(WORD), *PATTERNS]), min_size=1, max_size=2).map(tuple),
).map(lambda pair: _term(*pair))


@st.composite
def positionals(draw: st.DrawFn, depth: int = 2) -> Node:
    """What NEAR may stand between: terms, ORs of them, lists of them, and these within fields."""
    return draw(_positionals(depth))


@cache
def _positionals(depth: int) -> st.SearchStrategy[Node]:
    if depth == 0:
        return terms()
    inner = positionals(depth - 1)
    return st.one_of(
        terms(),
        terms(),
        st.just(LISTS["air"]),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.tuples(st.sampled_from(sorted(FIELDS)), inner).map(lambda pair: _within(*pair)),
    )


def _within(field: str, child: Node) -> Node:
    return Within(field, FIELDS[field], child)


_JOINTS = st.sampled_from(
    [
        Joint(Unit.SENTENCE),
        Joint(Unit.PARAGRAPH),
        *(Joint(Unit.WORDS, most, ordered) for most in range(7) for ordered in (False, True)),
    ]
)


@cache
def nears() -> st.SearchStrategy[Node]:
    """A chain of two or three operands: NEAR/n, ONEAR/n, NEAR/s, NEAR/p."""
    part = positionals()
    pairs = st.tuples(part, _JOINTS, part).map(lambda chain: Near(chain[::2], chain[1::2]))
    chains = st.tuples(part, _JOINTS, part, _JOINTS, part)
    return pairs | chains.map(lambda chain: Near(chain[::2], chain[1::2]))


@cache
def counts() -> st.SearchStrategy[Node]:
    """`atleast` of what it can count."""
    plain = positionals() | nears()
    child = plain | st.tuples(_NAMES, plain).map(lambda pair: _within(*pair))
    return st.tuples(st.integers(1, 4), child).map(lambda pair: AtLeast(*pair))


@st.composite
def nodes(draw: st.DrawFn, depth: int = 3) -> Node:
    """Any expression or part of one, over the whole grammar."""
    return draw(_nodes(depth))


@cache
def _nodes(depth: int) -> st.SearchStrategy[Node]:
    lists = st.sampled_from(sorted(LISTS))
    leaves = terms() | nears() | counts() | lists.map(LISTS.__getitem__)
    if depth == 0:
        return leaves
    inner = nodes(depth - 1)
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        leaves,
        st.sampled_from(TESTS),
        inner.map(Not),
        several.map(And),
        several.map(Or),
        st.tuples(st.integers(1, 3), several).map(lambda pair: _any(*pair)),
        st.tuples(st.integers(1, 3), lists).map(lambda pair: _any_of_list(*pair)),
        st.tuples(_NAMES, inner.filter(needs_text)).map(lambda pair: _within(*pair)),
    )


_NAMES = st.sampled_from(sorted(FIELDS))


def _any(least: int, parts: tuple[Node, ...]) -> Node:
    return AnyOf(min(least, len(parts)), parts)


def _any_of_list(least: int, name: str) -> Node:
    items = LISTS[name].children
    return AnyOf(min(least, len(items)), items, name)


@cache
def expressions(depth: int = 3) -> st.SearchStrategy[Node]:
    """Whole expressions: they need some word to occur."""
    return nodes(depth).filter(needs_text)
