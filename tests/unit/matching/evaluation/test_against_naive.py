"""The whole language against an evaluator so naive that it can be seen to be right."""

from __future__ import annotations

from hypothesis import given, settings

from builders.expressions import LISTS, Text, expressions, nears, nodes, texts
from oracles.naive_evaluator import Naive
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.syntax.notation import unparse
from service.matching.syntax.parser import parse, parse_item
from service.matching.syntax.tree import AtLeast, Node, needs_text


@settings(max_examples=100)
@given(texts())
def test_texts_are_read_as_they_are_made(text: Text) -> None:
    """What the other properties take for granted: words, paragraphs and sentences."""
    read = ArticleIndex(text.article()).words
    words = [read[at] for at in range(len(read))]
    sentences: dict[int, int] = {}
    for word, place in zip(words, text.places(), strict=True):
        assert (word.surface, word.zone, word.paragraph) == (
            place.form,
            place.zone,
            place.paragraph,
        )
        assert sentences.setdefault(word.sentence, place.sentence) == place.sentence


@settings(max_examples=150)
@given(expressions(), texts())
def test_equal_to_the_naive_evaluator(node: Node, text: Text) -> None:
    """Every expression holds just where the naive evaluator says so."""
    assert needs_text(node)
    assert evaluate(node, ArticleIndex(text.article()), "en").holds is Naive(text).holds(node)


@settings(max_examples=120)
@given(nodes(), texts())
def test_parts_of_expressions_too(node: Node, text: Text) -> None:
    """Also what needs no words: an item of a list, an exception, a boost."""
    assert evaluate(node, ArticleIndex(text.article()), "en").holds is Naive(text).holds(node)


@settings(max_examples=120)
@given(nears(), texts())
def test_near_is_counted_like_the_naive_evaluator_counts(node: Node, text: Text) -> None:
    """As many occurrences as make `atleast` hold, and no more."""
    counted = Naive(text).count(node, frozenset({"title", "lead", "body"}))
    index = ArticleIndex(text.article())
    assert evaluate(AtLeast(counted + 1, node), index, "en").holds is False
    assert counted == 0 or evaluate(AtLeast(counted, node), index, "en").holds


@settings(max_examples=120)
@given(nodes(4))
def test_what_is_written_out_reads_the_same(node: Node) -> None:
    """`unparse` gives an expression of the same tree."""
    assert parse_item(unparse(node), LISTS) == node
    if needs_text(node):
        assert parse(unparse(node), LISTS) == node
