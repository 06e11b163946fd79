"""What decides before a program is run: anchors, the units that are checked, stretches of words.

All of it may only deny what the plain evaluator denies too.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.articles import an_article
from oracles.plain_matcher import numbers, plainly, queries_of
from service.matching.engine.engine import Engine
from service.matching.engine.opcodes import CHECKED
from service.matching.query import Query, Suppressor
from service.matching.syntax.parser import parse, parse_item

_WORDS = [f"w{number}" for number in range(CHECKED + 3)]


@pytest.mark.parametrize("size", range(2, CHECKED + 4))
def test_alternatives_are_checked_as_the_tree_says(size: int) -> None:
    """As few as are checked and as many as need a program; alone or not, wanted or unwanted."""
    some = " OR ".join(_WORDS[:size])
    other = " OR ".join(f"v{number}" for number in range(size))
    queries = queries_of(
        some,
        f"jet AND ({some})",
        f"jet AND NOT ({some})",
        f"jet AND ship AND ({some}) AND NOT v0",
        f"({some}) AND ({other})",
        f"({some}) AND ({other}) AND NOT jet",
        f"({some}) AND NOT ({other})",
    )
    engine = Engine.from_queries(queries)
    for word in ("", *_WORDS[:size], _WORDS[size - 1] + " " + _WORDS[0], "v0", f"v{size - 1}"):
        for body in (word, f"jet {word}", f"jet ship {word}", f"{word} w1", f"{word} v1 w1"):
            article = an_article(title="", lead="", body=body)
            assert numbers(engine, [article]) == [plainly(queries, article)], body


@pytest.mark.parametrize("but", ["w0", "w0 OR w1", '"w0 w1"', "title:w0", "won*", "NOT w0"])
def test_an_exception_is_checked_as_the_tree_says(but: str) -> None:
    """Words, alternatives, and what only a program can tell."""
    query = Query("0", parse("jet AND ship"), "en", (Suppressor("x", parse_item(but)),))
    engine = Engine.from_queries([query])
    for title in ("", "w0"):
        for body in ("", "w0", "w1", "w0 w1", "w1 w0", "won"):
            article = an_article(title=title, lead="", body=f"{body} jet ship")
            suppressed = plainly([Query("x", parse_item(but), "en")], article) == [0]
            assert numbers(engine, [article]) == [[] if suppressed else [0]]


_APART = (1, 6, 7, 8, 9, 15, 16, 17, 63, 64, 247, 248, 249, 300, 511)
_CLOSE = queries_of(
    '"alpha beta"',
    '"gamma beta alpha"',
    *(f"alpha NEAR/{most} gamma" for most in _APART),
    *(f"gamma ONEAR/{most} alpha" for most in _APART),
)
_ENGINE = Engine.from_queries(_CLOSE)


@given(
    length=st.integers(3, 1_300),
    places=st.lists(st.integers(0, 1_299), min_size=1, max_size=4),
    apart=st.sampled_from([0, *_APART, 250, 512]),
)
@settings(max_examples=100)
def test_stretches_deny_nothing_that_stands_close(
    length: int, places: list[int], apart: int
) -> None:
    """Phrases and NEAR, wherever in a text and across the 512 words after which bits come again."""
    words = ["and"] * length
    for place in places:
        for step, word in enumerate(("alpha", "beta")):
            words[(place + step) % length] = word
        for step, word in enumerate(("gamma", "beta", "alpha")):
            words[(place + 1 + apart + step) % length] = word
    text = " ".join(words)
    at = {name: [n for n, word in enumerate(words) if word == name] for name in ("alpha", "gamma")}
    between = [there - here for here in at["alpha"] for there in at["gamma"]]
    expected = [
        *("alpha beta" in text, "gamma beta alpha" in text),
        *(any(0 < abs(each) <= most + 1 for each in between) for most in _APART),
        *(any(0 < -each <= most + 1 for each in between) for most in _APART),
    ]
    (found,) = numbers(_ENGINE, [an_article(title="", lead="", body=text)])
    assert found == [number for number, holds in enumerate(expected) if holds]
