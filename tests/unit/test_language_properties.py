"""The language against an evaluator so naive that it can be seen to be right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from articles import an_article
from service.article import Article
from service.matching.engine import Query, judge
from service.matching.evaluate import Reading
from service.matching.parser import parse
from service.matching.query import needs_text

# Each word with the forms of it that an article may hold; no form belongs to two words.
FORMS = {
    "jet": ["jet", "jets", "Jet", "Jets", "jet's"],
    "strike": ["strike", "struck", "Strikes"],
    "turkiye": ["Türkiye", "TÜRKİYE", "turkiye"],
    "jf": ["JF"],
    "17": ["17"],
    "plan": ["plan", "Plans"],
}
WORD = {form: word for word, forms in FORMS.items() for form in forms}
ZONES = ("title", "lead", "body")
Paragraphs = dict[str, list[list[str]]]
Holds = Callable[[Paragraphs], bool]


@dataclass(frozen=True)
class Said:
    """An expression, and what it means in the naive evaluator's terms."""

    text: str
    holds: Holds


def _plain(word: str) -> str:
    return word.replace("İ", "i").lower().replace("ü", "u")


@st.composite
def terms(draw: st.DrawFn, zones: tuple[str, ...] = ZONES) -> Said:
    """A word or phrase, bare, quoted, cased or capitalised."""
    style = draw(st.sampled_from(["bare", "quoted", "cs", "caps"]))
    length = draw(st.integers(1, 2))
    forms = [draw(st.sampled_from(sorted(WORD))) for _ in range(length)]
    if style == "caps" and not any(map(str.isalpha, "".join(forms))):
        style = "bare"

    def same(want: str, found: str) -> bool:
        if style in ("bare", "caps"):
            return WORD[want] == WORD[found]
        if style == "cs":
            return want == found
        return _plain(want) == _plain(found)

    def holds(article: Paragraphs) -> bool:
        for zone in zones:
            for paragraph in article[zone]:
                for at in range(len(paragraph) - length + 1):
                    run = paragraph[at : at + length]
                    if not all(map(same, forms, run)):
                        continue
                    if style != "caps" or any(char.isupper() for word in run for char in word):
                        return True
        return False

    said = " ".join(forms)
    written = {"bare": said, "quoted": f'"{said}"', "cs": f"cs({said})", "caps": f"caps({said})"}
    return Said(written[style], holds)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3, zones: tuple[str, ...] = ZONES) -> Said:
    """Any nesting of AND, OR, NOT and fields over such terms."""
    kind = draw(st.sampled_from(["term", "term", "and", "or", "not", "field"])) if depth else "term"
    if kind == "term":
        return draw(terms(zones))
    if kind == "field":
        name, inner = draw(
            st.sampled_from([("title", ("title",)), ("body", ("body",)), ("headline", ZONES[:2])])
        )
        narrowed = tuple(zone for zone in zones if zone in inner)
        child = draw(expressions(depth=depth - 1, zones=narrowed))
        return Said(f"{name}:({child.text})", child.holds)
    first = draw(expressions(depth=depth - 1, zones=zones))
    second = draw(expressions(depth=depth - 1, zones=zones))
    if kind == "and":
        return Said(
            f"({first.text}) AND ({second.text})",
            lambda article: first.holds(article) and second.holds(article),
        )
    if kind == "or":
        return Said(
            f"({first.text}) OR ({second.text})",
            lambda article: first.holds(article) or second.holds(article),
        )
    return Said(
        f"({first.text}) AND NOT ({second.text})",
        lambda article: first.holds(article) and not second.holds(article),
    )


PARAGRAPH = st.lists(st.sampled_from([*sorted(WORD), "and"]), min_size=1, max_size=6)
WORD["and"] = "and"
ARTICLES = st.fixed_dictionaries(
    {
        "title": st.lists(PARAGRAPH, max_size=1),
        "lead": st.lists(PARAGRAPH, max_size=1),
        "body": st.lists(PARAGRAPH, max_size=3),
    }
)


def built(paragraphs: Paragraphs) -> Article:
    """The article that holds these words in these zones and paragraphs."""
    return an_article(
        **{
            zone: "\n\n".join(" ".join(words) for words in found)
            for zone, found in paragraphs.items()
        }
    )


@settings(max_examples=400)
@given(expressions(), ARTICLES)
def test_equal_to_the_naive_evaluator(said: Said, paragraphs: Paragraphs) -> None:
    """Every expression holds just where the naive evaluator says so."""
    node = parse(said.text)
    assert needs_text(node)
    judgement = judge(Query("w", node, "en"), Reading(built(paragraphs)))
    assert judgement.finding.holds is said.holds(paragraphs)


@settings(max_examples=200)
@given(expressions(), ARTICLES)
def test_scores_keep_to_the_scale_and_have_reasons(said: Said, paragraphs: Paragraphs) -> None:
    """A score lies above 0 and up to 100, and rests on terms that occur."""
    judgement = judge(Query("w", parse(said.text), "en"), Reading(built(paragraphs)))
    if judgement.score is not None:
        assert 0 < judgement.score.value <= 100
        assert judgement.score.terms
        assert all(0 < weight.value < 1 for weight in judgement.score.clauses)


@settings(max_examples=200)
@given(terms(), terms(), ARTICLES)
def test_the_order_of_parts_does_not_matter(one: Said, other: Said, article: Paragraphs) -> None:
    """A AND B scores as B AND A, and so with OR."""
    reading = Reading(built(article))
    for operator in ("AND", "OR"):
        there = judge(Query("w", parse(f"{one.text} {operator} {other.text}"), "en"), reading)
        back = judge(Query("w", parse(f"{other.text} {operator} {one.text}"), "en"), reading)
        assert (there.score and there.score.value) == (back.score and back.score.value)
