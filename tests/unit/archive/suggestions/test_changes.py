"""What may be changed in a watchlist, and that it can be written down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from builders.articles import a_query, an_article
from service.archive.suggestions.changes import exception, tighter_matches
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Verdict, judge
from service.matching.query import Query
from service.matching.syntax.parser import parse, parse_item

TEXTS = (
    "A fighter jet for Turkey.", "The jet of a fighter. Turkey.", "Turkey.\n\nA fighter jet.",
    "A jet. " + "It rains over Turkey. " * 9 + "A fighter.", "Turkey bought a fighter, and a jet.",
)  # fmt: skip


def becomes(expression: str) -> set[str]:
    """What parts of an expression may become."""
    return {each.becomes for each in tighter_matches(a_query(expression))}


def test_a_part_is_asked_for_in_a_field_and_pairs_near_one_another() -> None:
    """Words also as a phrase; what is near already, negated or metadata stays."""
    assert becomes("jet") == {"title:jet", "headline:jet"}
    assert becomes("title:jet AND NOT toy AND source:bbc") == set()
    assert becomes("jet AND Turkey") == {
        "title:jet", "headline:jet", "title:Turkey", "headline:Turkey", "jet Turkey",
        "jet NEAR/5 Turkey", "jet NEAR/10 Turkey", "jet NEAR/25 Turkey", "jet NEAR/s Turkey",
        "jet NEAR/p Turkey",
    }  # fmt: skip
    assert "(jet OR plane) NEAR/s caps(Turkey)" in becomes("(jet OR plane) AND caps(Turkey)")
    assert "(jet NEAR/3 Turkey) NEAR/s deal" not in becomes("(jet NEAR/3 Turkey) AND deal")


@pytest.mark.parametrize(
    "expression",
    ["jet", "jet AND Turkey", "jet AND Turkey AND fighter AND NOT toy", "(jet OR x) AND fighter"],
)
def test_a_tighter_match_finds_nothing_new_and_is_what_is_written(expression: str) -> None:
    """Whatever it is tried on; its text means the same tree."""
    query = a_query(expression)
    for change in tighter_matches(query):
        assert parse(change.written) == change.query.node
        parse_item(change.instead_of)
        for text in TEXTS:
            for article in (an_article(text, title="x"), an_article("x", title=text)):
                if holds(change.query, article):
                    assert holds(query, article), (change.written, text)


def holds(query: Query, article: object) -> bool:
    """Whether a query alerts an article, by the plain evaluator."""
    return judge(query, ArticleIndex(article)).verdict is Verdict.MATCHED  # type: ignore[arg-type]


def test_an_exception_gets_a_name_of_its_own() -> None:
    """Of its words, that no other exception has."""
    query = a_query("jet", excepts={"test-match": "cricket", "x": "y"})
    found = exception(query, "test match")
    assert found is not None
    assert (found.name, found.written) == ("test-match-2", "test match")
    assert [each.name for each in found.query.exceptions] == ["test-match", "x", "test-match-2"]
    assert found.query.node == query.node


def test_names_that_are_taken_are_numbered_on() -> None:
    """As far as needed; what would be read as an operator or a field is quoted."""
    query = a_query("jet", excepts={"rain": "x", "rain-2": "y"})
    found = exception(query, "rain")
    assert found is not None
    assert found.name == "rain-3"
    quoted = exception(query, "near/5")
    assert quoted is not None
    assert (quoted.name, quoted.written) == ("near-5", '"near/5"')


def test_of_many_parts_the_first_eight_are_tried() -> None:
    """Pairs of all of them would be tried for minutes."""
    parts = [f"word{number}" for number in range(12)]
    found = becomes(" AND ".join(parts))
    assert len([each for each in found if "NEAR/s" in each]) == 8 * 7 // 2
    assert {each for each in found if ":" in each} == {
        f"{field}:{part}" for field in ("title", "headline") for part in parts[:8]
    }


def test_a_change_keeps_its_id() -> None:
    """Whatever else is suggested; another watchlist's has another."""
    one, same = exception(a_query("jet"), "toy"), exception(a_query("jet AND Turkey"), "toy")
    other = exception(a_query("jet"), "toys")
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.id == same.id != other.id
    assert one.id.startswith("sug_")


@given(some.text(min_size=1, max_size=20))
def test_any_phrase_is_one_term_or_none(phrase: str) -> None:
    """What stands in an article never becomes an operator or a field."""
    found = exception(a_query("jet"), phrase.casefold())
    if found is not None:
        assert parse_item(found.written) == found.query.exceptions[-1].node
        assert found.name.strip()
