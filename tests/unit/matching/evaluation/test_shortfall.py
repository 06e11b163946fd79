"""The smallest set of clauses that would have had to hold."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, example, given, settings

from builders.articles import an_article, judged
from builders.expressions import Text, expressions, texts
from builders.seeded import sized
from service.articles.article import Article
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import ZONES, NodeResult, evaluate
from service.matching.evaluation.near_misses import required_clause
from service.matching.evaluation.shortfall import MAX_WAYS, Gap, shortfall
from service.matching.syntax.parser import parse
from service.matching.syntax.tree import And, AnyOf, Meta, Near, Not, Or, Style, Term, Within
from service.rules.checks.explanation import reasons

TEXT = "A missile flew. It was a test of one missile, and of no more than that."


def lacking(expression: str, article: Article | str = TEXT) -> list[str]:
    """The clauses that an expression lacks."""
    return said(shortfall(judged(expression, article).result))


def said(gaps: tuple[Gap, ...] | None) -> list[str]:
    """The clauses of the gaps."""
    assert gaps is not None
    return [required_clause(clause) for gap in gaps for clause in gap.lacks]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("missile AND jet AND tank", ["jet", "tank"]),
        ("jet OR tank", ["jet"]),
        ("(jet AND tank) OR ship", ["ship"]),
        ("(jet AND tank) OR (missile AND ship)", ["ship"]),
        ("missile AND NOT test", ["NOT test"]),
        ("missile AND NOT (test AND flew)", ["NOT test"]),
        ("missile AND NOT (test OR flew)", ["NOT test", "NOT flew"]),
        ("any2(missile, jet, tank)", ["jet"]),
        ("any3(missile, jet AND ship, tank, boat)", ["tank", "boat"]),
        ("missile AND NOT any2(test, flew, jet)", ["NOT test"]),
        ("title:missile", ["title:missile"]),
        ("title:(missile NEAR/s test)", ["title:missile", "title:test"]),
        ("missile NEAR/5 (jet OR tank)", ["jet"]),
        ("missile ONEAR/1 test", ["missile ONEAR/1 test"]),
        ("atleast3(missile)", ["atleast3(missile)"]),
        ("missile AND source:bbc", ["source:bbc"]),
        ("(jet OR tank) AND (tank OR ship)", ["tank"]),
        ("(jet OR tank) AND (NOT jet OR ship)", ["tank"]),
        ("(jet OR (tank AND ship)) AND (NOT jet OR (boat AND car))", ["tank", "ship"]),
    ],
)
def test_the_fewest_clauses_that_are_lacking(expression: str, expected: list[str]) -> None:
    """Of sets as small, the one that comes first."""
    assert lacking(expression) == expected


def test_nothing_can_be_lacking() -> None:
    """What holds lacks nothing; what refuses itself cannot be mended."""
    assert shortfall(judged("missile", TEXT).result) == ()
    assert shortfall(judged("jet AND NOT jet", TEXT).result) is None


def test_other_ways_that_are_as_small_are_told() -> None:
    """The first few of them, and how many there are in all."""
    gaps = shortfall(judged("missile AND (jet OR (tank AND ship) OR boat OR car)", TEXT).result)
    assert gaps is not None
    (gap,) = gaps
    assert [[required_clause(clause) for clause in way] for way in gap.alternatives] == [
        ["boat"],
        ["car"],
    ]
    assert gap.ways == 3
    pairs = shortfall(judged("any2(jet, tank, ship)", TEXT).result)
    assert pairs is not None
    assert pairs[0].ways == 3
    assert [[required_clause(clause) for clause in way] for way in pairs[0].alternatives] == [
        ["jet", "ship"]
    ]


# --- against all sets --------------------------------------------------------------------------

Key = tuple[frozenset[str], Any]
Cases = npt.NDArray[np.bool_]


def key(result: NodeResult, zones: frozenset[str]) -> Key:
    """What makes two clauses one: the same, looked for in the same zones."""
    return (ZONES if isinstance(result.node, Meta) else zones, result.node)


def value(result: NodeResult, zones: frozenset[str], flipped: Callable[[Key], Cases]) -> Cases:
    """Whether an expression holds as a formula of its clauses, by cases.

    `flipped` says in which of them a clause is otherwise than found.
    """
    node = result.node
    if isinstance(node, Within):
        return value(result.children[0], zones & node.zones, flipped)
    near = isinstance(node, Near) and not all(child.holds for child in result.children)
    if not near and not isinstance(node, And | Or | AnyOf | Not):
        return flipped(key(result, zones)) ^ result.holds
    below = np.array([value(child, zones, flipped) for child in result.children])
    match node:
        case Or():
            held = np.any(below, axis=0)
        case AnyOf(least=least):
            held = np.sum(below, axis=0) >= least
        case Not():
            held = ~below[0]
        case _:
            held = np.all(below, axis=0)
    return np.asarray(held)


def holds_with(result: NodeResult, flips: set[Key]) -> bool:
    """Whether the expression holds when these clauses are otherwise."""
    return value(result, ZONES, lambda clause: np.array([clause in flips])).item()


def sizes(result: NodeResult) -> list[int]:
    """How large they are: all sets of clauses that make the expression hold when otherwise."""
    clauses: set[Key] = set()

    def noted(clause: Key) -> Cases:
        clauses.add(clause)
        return np.array([False])

    value(result, ZONES, noted)
    assume(len(clauses) <= 12)
    sets = np.arange(2 ** len(clauses))
    flips = {clause: (sets >> bit & 1).astype(bool) for bit, clause in enumerate(clauses)}
    return [int(some).bit_count() for some in sets[value(result, ZONES, flips.__getitem__)]]


@settings(max_examples=400)
@given(expressions(), texts())
@example(parse("(strike OR plan OR jet NEAR/2 17) AND NOT 17"), Text((), (), ((("17", "17"),),)))
def test_no_smaller_set_would_do(node: Any, text: Text) -> None:
    """Each clause by itself; of all smaller sets none makes the expression hold, and this does."""
    result = evaluate(node, ArticleIndex(text.article()), "en")
    gaps = shortfall(result)
    if gaps is None:
        assert not sizes(result)
        return
    lacks = [clause for gap in gaps for clause in gap.lacks]
    found = {(_zones(lack.fields), lack.result.node) for lack in lacks}
    assert len(found) == len(lacks)
    assert holds_with(result, found)
    assert min(sizes(result)) == len(found)
    for gap in gaps:
        for way in gap.alternatives:
            assert len(way) == len(gap.lacks)
            other = {(_zones(lack.fields), lack.result.node) for lack in way}
            rest = found - {(_zones(lack.fields), lack.result.node) for lack in gap.lacks}
            assert holds_with(result, rest | other)


def _zones(fields: tuple[str, ...]) -> frozenset[str]:
    named = {"headline": frozenset({"title", "lead"})}
    found = ZONES
    for field in fields:
        found &= named.get(field, frozenset({field}))
    return found


def once_each(chance: Random, size: int) -> Any:
    """An expression in which no word stands twice."""
    numbers = iter(range(100))

    def node(depth: int) -> Any:
        kind = chance.choice(["term", "and", "or", "any", "not"] if depth else ["term"])
        if kind == "term":
            word = chance.choice(["w", "said"]) + str(next(numbers))
            return Term((word,), Style.INFLECTED, word)
        if kind == "not":
            return Not(node(depth - 1))
        parts = tuple(node(depth - 1) for _ in range(chance.randint(2, 3)))
        if kind == "any":
            return AnyOf(chance.randint(1, len(parts)), parts)
        return And(parts) if kind == "and" else Or(parts)

    return node(size)


@settings(max_examples=200)
@given(sized(once_each, 3))
def test_the_other_ways_are_counted(node: Any) -> None:
    """As many as there are, where no clause stands twice."""
    article = an_article(" ".join(f"said{number}" for number in range(100)))
    result = evaluate(node, ArticleIndex(article), "en")
    gaps = shortfall(result)
    assert gaps is not None
    number = 1
    for gap in gaps:
        number *= gap.ways
    assert number == sizes(result).count(sum(len(gap.lacks) for gap in gaps))


@pytest.mark.parametrize(
    ("expression", "number", "many"),
    [
        (" OR ".join(f"w{number}" for number in range(5_000)), 1, MAX_WAYS),
        (" AND ".join(f"w{number}" for number in range(5_000)), 5_000, 1),
        (f"any20({', '.join(f'w{number}' for number in range(5_000))})", 20, MAX_WAYS),
        ("(jet OR " * 50 + "(tank AND " * 50 + "ship" + ")" * 100, 1, 1),
        (" AND ".join(f"(a{n % 50} OR b{n % 49} OR c{n % 48})" for n in range(1_000)), None, None),
        (" AND ".join(f"(NOT a{n % 50} OR a{n * 7 % 50})" for n in range(900)) + " AND b", 1, 1),
    ],
)
def test_large_expressions_are_no_trouble(
    expression: str, number: int | None, many: int | None
) -> None:
    """Wide, deep, and with clauses that stand in many places."""
    result = judged(expression, TEXT).result
    begun = time.process_time()
    gaps = shortfall(result)
    assert time.process_time() - begun < 5
    assert gaps is not None
    if number is not None:
        assert sum(len(gap.lacks) for gap in gaps) == number
        assert max(gap.ways for gap in gaps) == many


# --- what is there instead -----------------------------------------------------------------------

ARTICLE = an_article(
    "A missile flew over turkey. It was a test of one missile.\n\nNobody saw it.",
    title="News",
    lead="A test.",
    source="Reuters",
    tags=("defence",),
    language="en-GB",
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("jet", ["jet: not mentioned"]),
        ("missil? AND jet*", ["jet*: not mentioned"]),
        ("jet OR tank", ["jet: not mentioned; or tank"]),
        ("jet OR (jet OR tank) OR tank", ["jet: not mentioned; or tank"]),
        (
            "any2(jet, tank, ship)",
            ["jet: not mentioned", "tank: not mentioned", "or jet AND ship and 1 more"],
        ),
        ("a1 OR a2 OR a3 OR a4 OR a5 OR a6", ["a1: not mentioned; or a2, a3, a4, a5 and 1 more"]),
        ("title:missile", ["title:missile: mentioned, but in the body only"]),
        ("caps(Turkey)", ["caps(Turkey): mentioned only as “turkey”"]),
        ('"tests"', ['"tests": mentioned only as “test”']),
        ("missile AND NOT test", ["NOT test: mentioned (lead, body)"]),
        ("flew NEAR/2 one", ["flew NEAR/2 one: both mentioned, 7 words apart at the closest"]),
        (
            "missile ONEAR/5 news",
            ["missile ONEAR/5 news: both mentioned, but not in that order in one zone"],
        ),
        ("news NEAR/5 flew", ["news NEAR/5 flew: both mentioned, but not in one zone"]),
        ("flew NEAR/s saw", ["flew NEAR/s saw: both mentioned, but not in one sentence"]),
        ("flew NEAR/p saw", ["flew NEAR/p saw: both mentioned, but not in one paragraph"]),
        (
            "over NEAR/1 turkey NEAR/1 saw",
            [
                "over NEAR/1 turkey NEAR/1 saw: "
                "all mentioned, 8 words apart at the closest: turkey, saw"
            ],
        ),
        (
            "over NEAR/2 missile NEAR/1 one",
            ["over NEAR/2 missile NEAR/1 one: all mentioned, but not all together anywhere"],
        ),
        (
            "saw AND NOT missile NEAR/1 flew",
            ["NOT (missile NEAR/1 flew): they are that near (body)"],
        ),
        ("atleast3(missile)", ["atleast3(missile): 2 of 3"]),
        ("atleast3(jet)", ["atleast3(jet): 0 of 3"]),
        ("flew AND NOT atleast2(missile)", ["NOT atleast2(missile): mentioned 2 times"]),
        ("missile AND source:bbc", ["source:bbc: the source is Reuters"]),
        ("missile AND author:Ann", ["author:Ann: the author is not known"]),
        ("missile AND tag:sport", ["tag:sport: the tags are defence"]),
        ("missile AND NOT source:Reuters", ["NOT source:Reuters: the source is Reuters"]),
        ("missile AND language:fr", ["language:fr: the language is en-GB"]),
        (
            "jet AND NOT jet",
            ["its clauses contradict one another, so no change to the article would make it match"],
        ),
    ],
)
def test_each_clause_says_what_is_there_instead(expression: str, expected: list[str]) -> None:
    """As an analyst would put it."""
    assert reasons(judged(expression, ARTICLE)) == expected


def test_a_word_is_named_that_is_another_word_here() -> None:
    """What stands there may be taken for a form of what is looked for: in a phrase, too."""
    article = an_article(body="The police shoot first.", language="en")
    assert reasons(judged("first shot", article)) == [
        "first shot: “shoot” stands there, which is no form of “shot” here: "
        "write first shot OR first shoot to find both"
    ]
