"""What holds of every score, whatever the expression (docs/scoring.md)."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.expressions import WORD, Text, expressions, texts
from builders.held_expressions import held_expressions
from oracles.naive_evaluator import Naive, is_form
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.evaluation.evidence import evidence
from service.matching.evaluation.score import Boost, Score, geometric_mean, score
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Near,
    Node,
    Not,
    Or,
    Within,
    children,
    terms,
)

FILLER = "and"
Pair = tuple[Node, Text]
"""An expression, and a text in which it holds."""


def scored(node: Node, text: Text) -> Score | None:
    """The score of an expression, None where it does not hold."""
    result = evaluate(node, ArticleIndex(text.article()), "en")
    return score(result) if result.holds else None


def score_of(node: Node, text: Text) -> Score:
    """The score of an expression that holds."""
    found = scored(node, text)
    assert found is not None
    return found


@settings(max_examples=120)
@given(held_expressions())
def test_equal_to_the_naive_scorer(pair: Pair) -> None:
    """Masses, means and closeness of the whole grammar are those of the second scorer."""
    node, text = pair
    assert score_of(node, text).value == pytest.approx(Naive(text).score(node), abs=0.0501)


@settings(max_examples=60)
@given(held_expressions())
def test_scores_keep_to_the_scale_and_have_reasons(pair: Pair) -> None:
    """A score lies above 0 and up to 100, and rests on terms that occur and are shown."""
    node, text = pair
    index = ArticleIndex(text.article())
    result = evaluate(node, index, "en")
    found = score(result)
    assert 0 < found.value <= 100
    assert found.terms
    assert all(0 < weight.value < 1 for weight in (*found.clauses, *found.terms))
    proof = evidence(result, index, 5)
    assert {term for shown in proof for term in shown.terms} == {one.label for one in found.terms}


@settings(max_examples=60)
@given(held_expressions(), st.lists(st.floats(-100, 100), max_size=4))
def test_boosts_keep_to_the_scale_and_add_up(pair: Pair, points: list[float]) -> None:
    """Whatever is added or taken off in whatever order, the score lies between 0 and 100."""
    node, text = pair
    result = evaluate(node, ArticleIndex(text.article()), "en")
    boosts = [Boost("jet", each) for each in points]
    found = score(result, boosts)
    assert 0 <= found.value <= 100
    assert found.value == score(result, boosts[::-1]).value
    plain = 100 * geometric_mean([clause.value for clause in found.clauses]) * found.closeness
    assert found.value == pytest.approx(min(100, max(0, plain + sum(points))), abs=0.0501)


def refused(node: Node, *, below: bool = False) -> set[str]:
    """The words that stand below a NOT."""
    if below:
        return {word for term in terms(node) for word in term.words}
    parts = (refused(child, below=isinstance(node, Not)) for child in children(node))
    return set().union(*parts)


def with_word(text: Text, at: int, form: str) -> Text:
    """The text with its `at`th filler replaced by a word, so that all others stay in place."""
    fillers = iter(range(1000))

    def said(word: str) -> str:
        return form if word == FILLER and next(fillers) == at else word

    def zone(name: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
        paragraphs = getattr(text, name)
        return tuple(
            tuple(tuple(map(said, sentence)) for sentence in paragraph) for paragraph in paragraphs
        )

    return Text(title=zone("title"), lead=zone("lead"), body=zone("body"))


@settings(max_examples=60)
@given(held_expressions(filler=True), st.data())
def test_one_more_mention_never_lowers_the_score(pair: Pair, data: st.DataObject) -> None:
    """Of a word that the expression does not refuse, anywhere in the text."""
    node, text = pair
    below_not = refused(node)
    forms = [form for form in WORD if not any(is_form(word, form) for word in below_not)]
    form = data.draw(st.sampled_from([*sorted(forms), "another"]))
    fillers = [place for place in text.places() if place.form == FILLER]
    at = data.draw(st.integers(0, len(fillers) - 1))
    before, after = score_of(node, text), score_of(node, with_word(text, at, form))
    assert after.value >= before.value


@settings(max_examples=60)
@given(held_expressions("body", plain=True))
def test_a_stronger_zone_never_lowers_the_score(pair: Pair) -> None:
    """The same text as lead scores at least as much as in the body; as title, as the lead."""
    node, text = pair
    body = score_of(node, text)
    lead, title = (score_of(node, one) for one in (Text(lead=text.body), Text(title=text.body)))
    assert body.value <= lead.value <= title.value


@settings(max_examples=60)
@given(held_expressions("lead", "body", plain=True))
def test_a_lead_that_becomes_the_title_never_lowers_the_score(pair: Pair) -> None:
    """Nor does the body when it becomes the lead; whatever stands in the other zone stays."""
    node, text = pair
    titled = Text(title=text.lead, body=text.body)
    before, after = score_of(node, text), score_of(node, titled)
    assert before.value <= after.value
    assert after.value <= score_of(node, Text(title=text.lead, lead=text.body)).value


def shuffled(node: Node, chance: random.Random) -> Node:
    """The expression with its parts in another order, those of a NEAR backwards."""
    match node:
        case And() | Or() | AnyOf():
            parts = [shuffled(child, chance) for child in node.children]
            chance.shuffle(parts)
            return replace(node, children=tuple(parts))
        case Not() | Within() | AtLeast():
            return replace(node, child=shuffled(node.child, chance))
        case Near() if not any(joint.ordered for joint in node.joints):
            return Near(node.operands[::-1], node.joints[::-1])
        case _:
            return node


@settings(max_examples=60)
@given(held_expressions(), st.randoms())
def test_the_order_of_parts_does_not_matter(pair: Pair, chance: random.Random) -> None:
    """A AND B holds and scores as B AND A, and so with OR, `any` and NEAR, however deep."""
    node, text = pair
    there, back = score_of(node, text), score_of(shuffled(node, chance), text)
    assert (there.value, there.closeness) == (back.value, back.closeness)


@settings(max_examples=100)
@given(expressions(), texts(), st.randoms())
def test_what_does_not_hold_holds_in_no_order(
    node: Node, text: Text, chance: random.Random
) -> None:
    """Of any expression and any text."""
    assert (scored(node, text) is None) is (scored(shuffled(node, chance), text) is None)
