"""What decides before a program is run: anchors, the units that are checked, stretches of words.

All of it may only deny what the plain evaluator denies too.
"""

from __future__ import annotations

import pytest

from builders.articles import an_article
from oracles.plain_matcher import numbers, plainly, queries_of
from service.matching.engine.engine import Engine
from service.matching.engine.opcodes import MAX_CHECKED
from service.matching.query import Query, Suppressor
from service.matching.syntax.parser import parse, parse_item

_WORDS = [f"w{number}" for number in range(MAX_CHECKED + 3)]


@pytest.mark.parametrize("size", range(2, MAX_CHECKED + 4))
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
