"""Expressions together with a text in which they hold, so that every draw of a property counts.

Of expressions and texts that are drawn apart, five pairs of six do not match.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from random import Random

from hypothesis import strategies as st

from builders.expressions import WORD, ExpressionMaker, Text, a_text
from builders.seeded import sized
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Near,
    Node,
    Not,
    Or,
    Style,
    Term,
    Within,
)

SENTENCE = (("and",),)
"""A paragraph for a text that has none; its one word stands for any that may be put there."""


def held_expressions(
    *zones: str, plain: bool = False, filler: bool = False
) -> st.SearchStrategy[tuple[Node, Text]]:
    """An expression, and a text with words in these zones (without any: in all) where it holds.

    `plain`: without NOT and without fields. `filler`: the text has a word that may be replaced.
    """
    return sized(partial(_held_expression, zones, plain, filler), 2)


def _held_expression(
    zones: Sequence[str], plain: bool, filler: bool, chance: Random, depth: int
) -> tuple[Node, Text]:
    text = a_text(chance, *zones)
    last = zones[-1] if zones else "body"
    if filler or not text.places():
        text = replace(text, **{last: (*getattr(text, last), SENTENCE)})
    maker = ExpressionMaker(chance)
    nodes = [maker.expression(depth), maker.expression(depth)]
    nodes = [_plain(node) for node in nodes] if plain else nodes
    index = ArticleIndex(text.article())
    held = [node for node in nodes if evaluate(node, index, "en").holds]
    # A second clause, of a word that stands anywhere: most conjunctions would fail otherwise.
    words = sorted({place.form for place in text.places() if place.form in WORD})
    parts = (*held, *(_term(chance.choice(words)) for _ in range(2)))
    joined = [And(parts), Or(parts), AnyOf(2, parts), *held]
    if len(held) < len(nodes):
        missed = next(node for node in nodes if node not in held)
        joined += [Or((missed, *parts)), AnyOf(1, (missed, *parts))]
        joined += [] if plain else [And((*parts, Not(missed)))]
    return chance.choice(joined), text


def _term(word: str) -> Term:
    return Term((word,), Style.INFLECTED, word)


def _plain(node: Node) -> Node:
    """The expression with what stands below a NOT or a field in its place."""
    match node:
        case Not() | Within():
            return _plain(node.child)
        case And() | Or() | AnyOf():
            return replace(node, children=tuple(map(_plain, node.children)))
        case AtLeast():
            return replace(node, child=_plain(node.child))
        case Near():
            return replace(node, operands=tuple(map(_plain, node.operands)))
        case _:
            return node
