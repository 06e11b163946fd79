"""A large set and what changed since answer as one set that was compiled as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.articles import an_article
from builders.expressions import Text, expressions, texts
from oracles.plain_matcher import plainly
from service.matching.engine.engine import Engine
from service.matching.engine.layers import GONE, Layer, LayeredEngine, only_engine, whole_engine
from service.matching.evaluation.judge import Match
from service.matching.query import Query
from service.matching.syntax.parser import parse
from service.matching.syntax.tree import Node

JET = parse("jet")


def layered(before: list[Query], now: list[Query]) -> LayeredEngine:
    """The second set, of which what the first one has is not compiled again."""
    places = [now.index(query) if query in now else GONE for query in before]
    changed = [number for number, query in enumerate(now) if query not in before]
    return LayeredEngine(
        [
            Layer(Engine.from_queries(before), np.array(places, np.int32)),
            Layer(Engine.from_queries([now[at] for at in changed]), np.array(changed, np.int32)),
        ]
    )


@given(
    st.lists(expressions(2), max_size=6),
    st.lists(expressions(2), max_size=4),
    st.sets(st.integers(0, 5)),
    st.randoms(use_true_random=False),
    texts(),
)
@settings(max_examples=60)
def test_layers_answer_as_one_set(
    old: list[Node], new: list[Node], gone: set[int], chance: Random, text: Text
) -> None:
    """Numbers, scores and evidence, whatever came, went and changed its place."""
    before = [Query(f"old {at}", node, "en") for at, node in enumerate(old)]
    now = [query for at, query in enumerate(before) if at not in gone]
    now += [Query(f"new {at}", node, "en") for at, node in enumerate(new)]
    chance.shuffle(now)
    articles = [text.article(), an_article(body="Nothing."), an_article(title="Jets strike")]
    engine, fresh = layered(before, now), Engine.from_queries(now)
    numbers = engine.matching_queries(articles)
    assert [list(each) for each in numbers] == [plainly(now, each) for each in articles]
    one, other = (each.score_batch(articles, numbers, max_evidence=3) for each in (engine, fresh))
    assert [by_id(each) for each in one] == [by_id(each) for each in other]
    assert by_id(engine.match(articles[0], max_evidence=3)) == by_id(one[0])
    assert by_id(engine.score_plainly(articles[0], numbers[0], max_evidence=3)) == by_id(one[0])


def by_id(matches: Sequence[Match]) -> dict[str, Match]:
    """Matches by their queries: layers have no common order."""
    found = {match.query_id: match for match in matches}
    assert len(found) == len(matches)
    return found


def test_all_layers_are_prepared() -> None:
    """Also for another language; words and articles are counted once."""
    engine = layered([Query("a", JET, "en")], [Query("a", JET, "en"), Query("b", JET, "de")])
    assert engine.is_prepared("tr")
    engine.prepare()
    assert not engine.is_prepared("tr")
    engine.prepare_language("tr")
    assert engine.is_prepared("tr")
    article = an_article(title="Jets", body="A jet.")
    engine.matching_queries([article, article])
    with pytest.raises(TypeError, match="not compiled as a whole"):
        only_engine(engine)
    assert whole_engine(engine) is only_engine(engine.layers[0].engine)
    counts, articles = engine.word_counts()
    assert counts["jet"] == 2
    assert articles > 2
    assert engine.remembered_forms() > 2
