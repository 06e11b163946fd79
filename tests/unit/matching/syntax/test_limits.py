"""How long and how deep an expression may be, and what is said of one that is more."""

from __future__ import annotations

import pytest

from builders.query_errors import mistake
from service.matching.syntax.grammar import MAX_TERMS
from service.matching.syntax.lists import NamedLists
from service.matching.syntax.operands import MAX_CHAIN
from service.matching.syntax.parser import parse
from service.matching.syntax.phrase import MAX_PHRASE
from service.matching.syntax.symbol_cursor import MAX_NESTING
from service.matching.syntax.tree import Node, Or


def test_the_bracketings_of_a_long_mixture_are_left_to_its_author() -> None:
    """A message stays readable, however long the expression."""
    error = mistake(" OR b AND ".join(["a"] * 1000))
    assert error.hint == "Put parentheses around what belongs together."


def test_an_expression_has_a_greatest_length() -> None:
    """64 KiB of UTF-8."""
    for expression in ("a" * (64 * 1024 + 1), "é" * (32 * 1024 + 1), "a OR " * 20_000 + "a"):
        error = mistake(expression)
        assert error.message == "the expression is longer than 64 KiB"
        assert error.hint == "Move groups of alternatives into `lists` and name them with $name."
        assert error.start == 0


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("(", ")"), ("NOT ", ""), ("title:", ""), ("any1(", ")"), ("any2(x AND ", ", y)")],
)
def test_nesting_has_a_greatest_depth(opening: str, closing: str) -> None:
    """Parentheses, NOTs, fields and functions: 100 are taken, the next is pointed at."""
    head, tail = ("x AND ", "") if opening == "NOT " else ("", "")
    deep = f"{head}{opening * MAX_NESTING}a{closing * MAX_NESTING}{tail}"
    parse(deep)
    error = mistake(f"{head}{opening * (MAX_NESTING + 1)}a{closing * (MAX_NESTING + 1)}{tail}")
    assert error.message == "nested more than 100 levels deep"
    assert error.hint == "Move inner groups into `lists` and name them with $name."
    assert error.start == len(head) + len(opening) * MAX_NESTING


def test_lists_count_into_the_depth_of_what_names_them() -> None:
    """A list is as deep as its items; so no chain of lists is deeper than an expression may be."""
    trees: dict[str, Node] = {"0": parse("a")}
    lists = NamedLists(trees)
    for number in range(1, 101):
        trees[str(number)] = Or((parse(f"${number - 1}", lists),), str(number))
    parse("b OR $100", lists)
    error = mistake("b OR ($100)", lists)
    assert (error.message, error.start, error.end) == ("nested more than 100 levels deep", 6, 10)
    assert error.hint == "Name fewer lists within lists."


def test_lists_that_multiply_are_refused() -> None:
    """Each names the one before ten times; the sixth would stand for a million words."""
    trees: dict[str, Node] = {"0": Or((parse("a"),) * 10, "0")}
    lists = NamedLists(trees)
    for number in range(1, 5):
        item = " OR ".join([f"${number - 1}"] * 10)
        trees[str(number)] = Or((parse(item, lists),), str(number))
    assert lists.extent("4").terms == MAX_TERMS
    parse("$4", lists)
    error = mistake("$4 AND $0", lists)
    assert error.message == "the lists named up to here contain more than 100,000 words and phrases"
    assert error.hint == "Name smaller lists, or each list only once."
    assert (error.start, error.end) == (7, 9)


def test_a_phrase_has_a_greatest_length() -> None:
    """100 words; an operator in lower case is the likely reason for more."""
    parse(" ".join(["a"] * MAX_PHRASE))
    error = mistake("b AND " + " ".join(["a"] * 101))
    assert error.message == "this phrase has 101 words; 100 is the most"
    assert error.hint == "Write AND or OR between words that need not follow one another."
    assert (error.start, error.end) == (6, 6 + 201)
    error = mistake(" or ".join(["a"] * 60))
    assert error.hint == "Operators are written in capitals: OR."
    assert mistake("a-" * 1000 + "a").message == "this phrase has 1001 words; 100 is the most"


def test_a_chain_has_a_greatest_length() -> None:
    """NEAR joins 20 parts; the 20th NEAR is pointed at."""
    parse(" NEAR/5 ".join(["a"] * MAX_CHAIN))
    error = mistake(" NEAR/5 ".join(["a"] * 30))
    assert error.message == "NEAR joins 20 parts at most"
    assert error.hint == "Write two chains and AND between them."
    assert (error.start, error.end) == (19 * len("a NEAR/5 ") + 2, 20 * len("a NEAR/5 ") - 1)


def test_what_is_very_long_is_cut_in_messages() -> None:
    """A message repeats no more than the beginning of what was written."""
    for said in (
        "a" * 9000 + "!",
        "a" * 9000 + "(b)",
        "near/" + "9" * 9000,
        "*" * 9000,
        "~" * 9000,
    ):
        error = mistake(f"b OR {said}")
        assert len(error.message) + len(error.hint) < 400
