"""Each kind of mistake in an expression: its exact text, place and advice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import QueryError
from service.matching.parser import MAX_NESTING, parse
from service.matching.query import And, Node, Not, Or, Style, Term, unparse

LISTS: dict[str, Node] = {"turkey": Term(("Turkey",), Style.INFLECTED, "Turkey")}


@pytest.mark.parametrize(
    ("expression", "place", "message", "hint"),
    [
        ("", "", "the expression is empty", "Write the words to look for."),
        ("(A", "(", "this “(” is never closed", "Add a “)” where the group ends."),
        ("A)", ")", "this “)” closes nothing", "Remove it, or add the “(” that it closes."),
        (
            "A AND",
            "AND",
            "nothing follows AND",
            "Write what should follow it, or remove AND.",
        ),
        (
            "OR A",
            "OR",
            "nothing stands before OR",
            'Write a word before OR. To look for the word itself, put it in quotes: "or".',
        ),
        (
            "A AND OR B",
            "OR",
            "OR follows AND directly",
            "Remove one of them, or write a word between AND and OR.",
        ),
        (
            "()",
            "()",
            "these parentheses are empty",
            "Write something between the parentheses, or remove them.",
        ),
        (
            "A (B)",
            "(",
            "there is no operator before an opening parenthesis",
            "Write AND or OR between them; words of one phrase go into one pair of quotes.",
        ),
        ("A NOT B", "NOT", "NOT cannot join two parts", "Write AND NOT instead."),
        (
            "NOT A",
            "NOT A",
            "this would match articles in which none of your words occur",
            "Add a word that must occur, with AND: for example “missile AND NOT test”.",
        ),
        (
            "A OR NOT B",
            "A OR NOT B",
            "this would match articles in which none of your words occur",
            "Add a word that must occur, with AND: for example “missile AND NOT test”.",
        ),
        (
            'A AND "b c',
            '"',
            "this quotation mark is never closed",
            'Add a closing " after the last word of the phrase.',
        ),
        (
            "section:news AND A",
            "section:",
            "“section:” is not a field",
            "The fields are title:, lead:, body:, headline:, author:, country:, language:, "
            "source:, tag:, url:. If the colon belongs to the text, leave it out.",
        ),
        (
            "missil*",
            "missil*",
            "“missil*”: a word cannot hold * or ?",
            "Write the word itself: its inflected forms match; or list the words with OR.",
        ),
        (
            "jet NEAR/5 tank",
            "NEAR/5",
            "“NEAR/5” is not an operator here",
            "Write AND; the score is higher the closer the words stand.",
        ),
        ("A && B", "&&", "“&&” is not an operator here", "Write AND instead."),
        (
            "A -B",
            "-B",
            "“-” before a word means nothing here",
            "To leave articles out, write AND NOT B.",
        ),
        ("$turky AND A", "$turky", "there is no list $turky", "Did you mean $turkey?"),
        (
            "$x AND A",
            "$x",
            "there is no list $x",
            "Add it under `lists:`, or write the words.",
        ),
        (
            "cs() AND A",
            "cs(",
            "cs(…) is empty",
            "Write a word between the parentheses: cs(Turkey).",
        ),
        (
            "cs(A OR B)",
            "OR",
            "cs(…) takes words only, not OR",
            "Write one word or phrase: cs(US) OR cs(USA).",
        ),
        (
            "caps(17) AND A",
            "caps(",
            "caps(17) holds no letter",
            "Without a letter there is nothing to capitalise; write the word alone.",
        ),
        (
            "title: AND A",
            "title:",
            "title: needs a word",
            "Write what to look for there: title:missile.",
        ),
        (
            "A AND source:",
            "source:",
            "source: needs a value",
            'Write one value, in quotes if it has spaces: source:"some value".',
        ),
        (
            "fighter(jet)",
            "fighter(",
            "“fighter(” is not a function",
            "Put a space and AND or OR between “fighter” and “(”; "
            "the functions are cs(…), caps(…).",
        ),
        (
            "A AND —",
            "—",
            "“—” holds no letter and no digit",
            "Remove it: only letters and digits are matched.",
        ),
        (
            "A OR B, C",
            ",",
            "“,” means nothing here",
            "Write OR between alternatives, or put a phrase that holds it in quotes.",
        ),
        (
            'A AND "?!"',
            '"?!"',
            "there is no word to look for",
            "Write at least one letter or digit between the quotation marks.",
        ),
        (
            "A AND body:source:x",
            "body:",
            "body: holds no text",
            "body: takes words, phrases, lists or groups of them.",
        ),
    ],
)
def test_mistakes(expression: str, place: str, message: str, hint: str) -> None:
    """Every kind of mistake says what is wrong, where, and what to write instead."""
    with pytest.raises(QueryError) as caught:
        parse(expression, LISTS)
    error = caught.value
    assert (expression[error.start : error.end], error.message, error.hint) == (
        place,
        message,
        hint,
    )


@pytest.mark.parametrize(
    ("expression", "first", "second"),
    [
        ("A AND B OR C", "(A AND B) OR C", "A AND (B OR C)"),
        ("A OR B AND C", "A OR (B AND C)", "(A OR B) AND C"),
        ("A AND NOT B OR C", "(A AND NOT B) OR C", "A AND (NOT B OR C)"),
        (
            "A AND (x OR y) OR cs(C) AND title:D",
            "(A AND (x OR y)) OR (cs(C) AND title:D)",
            "A AND ((x OR y) OR cs(C)) AND title:D",
        ),
    ],
)
def test_a_mixture_shows_both_bracketings(expression: str, first: str, second: str) -> None:
    """AND beside OR is refused, and both readings are offered; the offers are valid."""
    with pytest.raises(QueryError) as caught:
        parse(expression)
    assert caught.value.message == "AND and OR stand side by side without parentheses"
    assert caught.value.hint == f"Write {first} or {second}, whichever you mean."
    parse(first)


def test_a_mixture_is_pointed_at_where_it_is() -> None:
    """Inside a group only the group is underlined."""
    expression = "x AND (A AND B OR C)"
    with pytest.raises(QueryError) as caught:
        parse(expression)
    assert expression[caught.value.start : caught.value.end] == "A AND B OR C"


def test_limits() -> None:
    """Nesting and length have bounds, and meeting them is allowed."""
    deep = "(" * MAX_NESTING + "A" + ")" * MAX_NESTING
    assert parse(deep) == parse("A")
    with pytest.raises(QueryError, match="nested more than 100 deep"):
        parse(f"({deep})")
    with pytest.raises(QueryError, match="nested more than 100 deep"):
        parse("NOT " * 10_000 + "A")
    with pytest.raises(QueryError, match="longer than 64 KiB"):
        parse("a OR " * 20_000 + "a")
    assert isinstance(parse(" OR ".join(f"w{number}" for number in range(5_000))), Or)


def test_lower_case_operators_are_words() -> None:
    """`terms and conditions` is a phrase of three words."""
    assert parse("terms and conditions") == Term(
        ("terms", "and", "conditions"), Style.INFLECTED, "terms and conditions"
    )


def test_a_url_value_reaches_to_the_white_space() -> None:
    """A web address needs no quotes."""
    node = parse("jet AND url:https://example.com/a*")
    assert unparse(node) == "jet AND url:https://example.com/a*"


WORDS = st.sampled_from(["jet", "Turkey", "JF-17", "cs(US)", '"fighter jet"', "$turkey"])


@st.composite
def nodes(draw: st.DrawFn, depth: int = 3) -> Node:
    """Trees as a parser builds them: no AND right under an AND is needed to make one."""
    if depth == 0 or draw(st.booleans()):
        return parse(draw(WORDS), {"turkey": Or((parse("Ankara"),), "turkey")})
    kind = draw(st.sampled_from(["and", "or", "not"]))
    parts = tuple(draw(st.lists(nodes(depth=depth - 1), min_size=2, max_size=3)))
    if kind == "not":
        return And((parts[0], Not(parts[1])))
    return And(parts) if kind == "and" else Or(parts)


@given(nodes())
def test_what_is_written_out_reads_the_same(node: Node) -> None:
    """`unparse` gives an expression of the same tree."""
    assert parse(unparse(node), {"turkey": Or((parse("Ankara"),), "turkey")}) == node


@given(st.text(alphabet='AB ()"“”$:*ANDORNOTcs,-title:é日', max_size=60))
def test_whatever_is_written_gives_a_tree_or_a_query_error(text: str) -> None:
    """The parser is total, and points into the expression."""
    try:
        parse(text)
    except QueryError as error:
        assert 0 <= error.start < error.end <= max(len(text), 1)
        assert error.hint
