"""Texts of up to 5,000 words: distances, phrases, lists and fields hold wherever words are.

The engine keeps presence as bits of 8, 64 and 512 words. Each property puts words at any place, so
that every edge of these is crossed.
"""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from builders.articles import an_article
from builders.expressions import FORMS, METADATA, expressions
from builders.seeded import seeded
from oracles.plain_matcher import numbers, plainly, queries_of
from service.articles.article import Article
from service.matching.engine.engine import Engine
from service.matching.query import Query
from service.matching.syntax.parser import parse
from service.matching.syntax.tree import Node, Or

LONGEST = 5_000
"""Words of a text, at most."""
FILLER = "and"
DISTANCES = (*range(130), 200, 247, 248, 249, 255, 256, 300, 511, 512, 513, 1_000)
"""Words between two: each small number, and those on both sides of the engine's edges."""
WITHIN = tuple(most for most in DISTANCES if most <= 1_000 and most > 0)

_NEAR = [f"alpha NEAR/{most} gamma" for most in WITHIN]
_ORDERED = [f"alpha ONEAR/{most} gamma" for most in WITHIN]
_BODY = [f"body:(alpha NEAR/{most} gamma)" for most in WITHIN]
_COUNTED = [f"atleast1(alpha NEAR/{most} gamma)" for most in WITHIN]
_FORMS = (_NEAR, _ORDERED, _BODY, _COUNTED)
_REACH = Engine.from_queries(queries_of(*(query for form in _FORMS for query in form)))


def a_text(length: int, words: dict[int, str]) -> str:
    """A text of so many words, all of them filler but for these."""
    return " ".join(words.get(place, FILLER) for place in range(length))


@given(st.integers(0, LONGEST), st.sampled_from(DISTANCES), st.booleans(), st.integers(0, 600))
@settings(max_examples=150)
def test_near_reaches_exactly_as_far_as_it_says(
    before: int, between: int, backwards: bool, after: int
) -> None:
    """NEAR/n holds for up to n words between two, and for no more, wherever the two are."""
    first, second = ("gamma", "alpha") if backwards else ("alpha", "gamma")
    text = a_text(before + between + 2 + after, {before: first, before + between + 1: second})
    expected = [
        between <= most and not (backwards and form is _ORDERED)
        for form in _FORMS
        for most in WITHIN
    ]
    (found,) = numbers(_REACH, [an_article(text)])
    assert found == [number for number, holds in enumerate(expected) if holds]


_PHRASES = Engine.from_queries(
    queries_of(
        "alpha beta",
        '"alpha beta"',
        "alpha beta gamma",
        "body:(alpha beta)",
        "atleast2(alpha beta)",
        "(alpha beta) AND delta",
        "(alpha beta) NEAR/0 gamma",
    )
)


@given(st.integers(0, LONGEST), st.sampled_from([0, 1, 7, 8, 9, 63, 64, 511, 512, 513]))
@settings(max_examples=150)
def test_a_phrase_is_found_wherever_it_is(before: int, between: int) -> None:
    """Its words side by side are the phrase; the same words apart, or turned round, are not."""
    apart = a_text(before + between + 2, {before: "beta", before + between + 1: "alpha"})
    once = a_text(before + 3, {before: "alpha", before + 1: "beta", before + 2: "gamma"})
    articles = [an_article(apart), an_article(once), an_article(f"{once} {apart} beta delta")]
    assert numbers(_PHRASES, articles) == [[], [0, 1, 2, 3, 6], [0, 1, 2, 3, 4, 5, 6]]


_RULE_WORDS = [f"word{number}x" for number in range(200)]
_NAMES: dict[str, Node] = {
    "names": Or(tuple(parse(f"name{number}x") for number in range(40)), "names"),
}
_LISTED = [
    Query(text, parse(text, _NAMES), "en")
    for text in (
        "$names",
        "title:$names",
        "lead:$names",
        "body:$names",
        "headline:$names",
        "any2($names)",
        "atleast2($names)",
        "title:atleast2($names)",
        "delta AND $names",
        "delta AND NOT $names",
        "delta AND NOT title:$names",
        "delta NEAR/3 $names",
        "title:(name0x OR name1x OR name2x)",
        "delta AND lead:(name3x OR name4x OR name5x)",
    )
]
_LISTS_ENGINE = Engine.from_queries([*_LISTED, *queries_of(*_RULE_WORDS)])

_ZONE_WORDS = st.lists(
    st.sampled_from(["name0x", "name1x", "name3x", "name39x", "delta", FILLER]), max_size=3
)


@given(
    st.integers(0, len(_RULE_WORDS)),
    st.fixed_dictionaries({"title": _ZONE_WORDS, "lead": _ZONE_WORDS, "body": _ZONE_WORDS}),
)
@settings(max_examples=200)
def test_lists_hold_in_their_field_after_any_number_of_rule_words(
    before: int, zones: dict[str, list[str]]
) -> None:
    """A list is decided by the words of its field, however many words of rules precede them."""
    preceding = _RULE_WORDS[:before]
    article = an_article(
        " ".join([*preceding, *zones["body"]]),
        title=" ".join(zones["title"]),
        lead=" ".join(zones["lead"]),
    )
    (found,) = numbers(_LISTS_ENGINE, [article])
    said = [number for number in found if number < len(_LISTED)]
    assert said == [number for number, query in enumerate(_LISTED) if holds(query, zones)]
    assert len(found) - len(said) == before


def holds(query: Query, zones: dict[str, list[str]]) -> bool:
    """Whether one of the queries above holds, told from the words of each zone alone."""
    title, lead, body = zones["title"], zones["lead"], zones["body"]
    everywhere = [*title, *lead, *body]

    def names(words: list[str]) -> int:
        return sum(word.startswith("name") for word in words)

    delta = "delta" in everywhere
    first = {"name0x", "name1x"}
    answers = {
        "$names": names(everywhere) > 0,
        "title:$names": names(title) > 0,
        "lead:$names": names(lead) > 0,
        "body:$names": names(body) > 0,
        "headline:$names": names(title) + names(lead) > 0,
        "any2($names)": len({word for word in everywhere if word.startswith("name")}) > 1,
        "atleast2($names)": names(everywhere) > 1,
        "title:atleast2($names)": names(title) > 1,
        "delta AND $names": delta and names(everywhere) > 0,
        "delta AND NOT $names": delta and not names(everywhere),
        "delta AND NOT title:$names": delta and not names(title),
        "delta NEAR/3 $names": any("delta" in words and names(words) for words in zones.values()),
        "title:(name0x OR name1x OR name2x)": bool(first & set(title)),
        "delta AND lead:(name3x OR name4x OR name5x)": delta and "name3x" in lead,
    }
    return answers[query.id]


_FORM_WORDS = [form for forms in FORMS.values() for form in forms]
_EDGES = (8, 63, 64, 65, 511, 512, 513, 1_023, 1_024)


def a_long_article(chance: Random) -> Article:
    """Of 1 to 5,000 words: filler, with words of the expressions at any place."""
    length = chance.randint(1, chance.choice((20, 80, 600, LONGEST)))
    words: dict[int, str] = {}
    for _ in range(chance.randint(0, 12)):
        place = chance.choice([chance.randrange(length), chance.choice(_EDGES) % length])
        words[place] = chance.choice(_FORM_WORDS)
        words.setdefault(place + chance.randint(1, 9), chance.choice(_FORM_WORDS))
    ends = {chance.randrange(length) for _ in range(chance.randint(0, 6))}
    text = [words.get(place, FILLER) + ("." if place in ends else "") for place in range(length)]
    first, second = sorted(chance.randint(0, length) for _ in range(2))
    title, lead, body = text[: min(first, 30)], text[first:second], text[second:]
    return an_article(" ".join(body), title=" ".join(title), lead=" ".join(lead), **METADATA)


@given(
    st.lists(expressions(2), min_size=1, max_size=8), st.lists(seeded(a_long_article), max_size=3)
)
@settings(max_examples=60)
def test_the_engine_agrees_with_the_evaluator_on_long_texts(
    nodes: list[Node], articles: list[Article]
) -> None:
    """All constructs on texts of any length: the engine finds what the plain evaluator finds.

    So it does with the scores, and with the evidence of each.
    """
    queries = [Query(f"{number}", node, "en") for number, node in enumerate(nodes)]
    expected = [plainly(queries, article) for article in articles]
    engine = Engine.from_queries(queries)
    assert numbers(engine, articles) == expected
    assert engine.score_batch(articles, expected, max_evidence=5) == [
        engine.score_plainly(article, each, max_evidence=5)
        for article, each in zip(articles, expected, strict=True)
    ]
