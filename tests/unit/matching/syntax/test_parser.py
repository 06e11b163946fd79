"""An expression → its tree; what is refused stands in test_query_mistakes.py and _limits.py."""

from __future__ import annotations

import time

import pytest

from builders.articles import an_article
from service.errors import QueryError
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.evaluation.evidence import evidence
from service.matching.evaluation.score import score
from service.matching.syntax.notation import unparse
from service.matching.syntax.parser import parse, parse_item
from service.matching.syntax.symbol_cursor import MAX_NESTING
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Joint,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Style,
    Term,
    Unit,
    Within,
    children,
    needs_text,
    positional,
    terms,
)


def word(said: str) -> Term:
    """A bare word or phrase of plain words."""
    return Term(tuple(said.split()), Style.INFLECTED, said)


A, B, C, D = map(word, "abcd")
TITLE = frozenset({"title"})
LISTS: dict[str, Node] = {
    "turkey": Or((word("Turkey"), word("Ankara")), "turkey"),
    "off": Or((), "off"),
    "bare": A,
}


def words(most: int, *, ordered: bool = False) -> Joint:
    """`NEAR/most`, or `ONEAR/most`."""
    return Joint(Unit.WORDS, most, ordered)


@pytest.mark.parametrize(
    ("expression", "node"),
    [
        ("a OR b OR c", Or((A, B, C))),
        ("a AND NOT b", And((A, Not(B)))),
        ("(a OR b) AND c", And((Or((A, B)), C))),
        ("((a))", A),
        ("a AND b", And((A, B))),
        ("a AND(b OR c)", And((A, Or((B, C))))),
        ("terms and conditions", word("terms and conditions")),
        ("a\n\tb", word("a b")),
        ("“a b”", Term(("a", "b"), Style.EXACT, '"a b"')),
        ("„a“ OR «b» OR »c«", Or(tuple(Term((x,), Style.EXACT, f'"{x}"') for x in "abc"))),
        ('"why? because"', Term(("why", "because"), Style.EXACT, '"why? because"')),
        ("JF-17", Term(("JF", "17"), Style.INFLECTED, "JF-17")),
        ("1,000 jets", Term(("1,000", "jets"), Style.INFLECTED, "1,000 jets")),
        ("U.S.", Term(("US",), Style.INFLECTED, "U.S.")),
        ('cs("a (b)")', Term(("a", "b"), Style.CASED, 'cs("a (b)")')),
        ("caps(Air Force)", Term(("Air", "Force"), Style.CAPITALISED, "caps(Air Force)")),
        ("title:a b", Within("title", TITLE, word("a b"))),
        ("TITLE: a", Within("title", TITLE, A)),
        ("title:body:a", Within("title", TITLE, Within("body", frozenset({"body"}), A))),
        ("a AND source:b*", And((A, Meta("source", "b*")))),
        ("a AND tag: «b  c»", And((A, Meta("tag", "b c")))),
        ("a AND url:https://x.org/a,b?c=*", And((A, Meta("url", "https://x.org/a,b?c=*")))),
    ],
)
def test_words_operators_and_fields(expression: str, node: Node) -> None:
    """What stands in the issue of the main job, and the small print of it."""
    assert parse(expression) == node


@pytest.mark.parametrize(
    ("expression", "node"),
    [
        ("a NEAR/5 b", Near((A, B), (words(5),))),
        ("a NEAR/0 b", Near((A, B), (words(0),))),
        ("a NEAR/1000 b", Near((A, B), (words(1000),))),
        ("a ONEAR/2 b", Near((A, B), (words(2, ordered=True),))),
        ("a NEAR/s b", Near((A, B), (Joint(Unit.SENTENCE),))),
        ("a NEAR/p b", Near((A, B), (Joint(Unit.PARAGRAPH),))),
        ("a NEAR/5 b ONEAR/2 c", Near((A, B, C), (words(5), words(2, ordered=True)))),
        ("a b NEAR/5 c d", Near((word("a b"), word("c d")), (words(5),))),
        ("a NEAR/5 (b OR c)", Near((A, Or((B, C))), (words(5),))),
        ("a NEAR/5(b)", Near((A, B), (words(5),))),
        ("$turkey NEAR/5 a", Near((LISTS["turkey"], A), (words(5),))),
        ("a NEAR/5 b AND c", And((Near((A, B), (words(5),)), C))),
        ("a OR b NEAR/5 c", Or((A, Near((B, C), (words(5),))))),
        ("a AND NOT b NEAR/5 c", And((A, Not(Near((B, C), (words(5),)))))),
        ("title:a NEAR/3 b", Near((Within("title", TITLE, A), B), (words(3),))),
        ("title:(a NEAR/3 b)", Within("title", TITLE, Near((A, B), (words(3),)))),
        ("a NEAR/3 title:b", Near((A, Within("title", TITLE, B)), (words(3),))),
    ],
)
def test_near(expression: str, node: Node) -> None:
    """NEAR binds closer than NOT, AND and OR, a field closer than NEAR."""
    assert parse(expression, LISTS) == node


@pytest.mark.parametrize(
    ("expression", "node"),
    [
        ("atleast3(a)", AtLeast(3, A)),
        ("atleast03(a OR b)", AtLeast(3, Or((A, B)))),
        ("atleast1000($turkey)", AtLeast(1000, LISTS["turkey"])),
        ("atleast2(a NEAR/5 b)", AtLeast(2, Near((A, B), (words(5),)))),
        ("atleast2(title:(a))", AtLeast(2, Within("title", TITLE, A))),
        (
            "atleast2(title:(a NEAR/5 b))",
            AtLeast(2, Within("title", TITLE, Near((A, B), (words(5),)))),
        ),
        ("title:atleast2(a)", Within("title", TITLE, AtLeast(2, A))),
        ("any2(a, b, c)", AnyOf(2, (A, B, C))),
        ("any2(a,b,c d)", AnyOf(2, (A, B, word("c d")))),
        ("any1(a)", AnyOf(1, (A,))),
        ("any2(1,000, 2,000)", AnyOf(2, (word("1,000"), word("2,000")))),
        ("any2(a OR b, c AND d)", AnyOf(2, (Or((A, B)), And((C, D))))),
        ("any2(NOT a, b, source:c)", None),
        ("any3(NOT a, b, source:c)", AnyOf(3, (Not(A), B, Meta("source", "c")))),
        ("any2(a, any1(b, c))", AnyOf(2, (A, AnyOf(1, (B, C))))),
        ("any2($turkey)", AnyOf(2, (word("Turkey"), word("Ankara")), "turkey")),
        ("any2($turkey, a)", AnyOf(2, (LISTS["turkey"], A))),
        ("any1(($turkey))", AnyOf(1, (LISTS["turkey"],))),
        ("any2($off) OR a", Or((AnyOf(2, (), "off"), A))),
        ("any1($bare)", AnyOf(1, (A,), "bare")),
        ("NOT any2(a, b) AND c", And((Not(AnyOf(2, (A, B))), C))),
    ],
)
def test_counts(expression: str, node: Node | None) -> None:
    """`atleast` counts mentions, `any` counts parts; a list alone stands for its items."""
    if node is None:
        with pytest.raises(QueryError, match="none of your words occur"):
            parse(expression, LISTS)
    else:
        assert parse(expression, LISTS) == node


@pytest.mark.parametrize(
    ("expression", "found", "style"),
    [
        ("missil*", ("missil*",), Style.INFLECTED),
        ("wom?n", ("wom?n",), Style.INFLECTED),
        ("jet?", ("jet?",), Style.INFLECTED),
        ("m*s*e", ("m*s*e",), Style.INFLECTED),
        ("ballistic missil*", ("ballistic", "missil*"), Style.INFLECTED),
        ("anti-missil*", ("anti", "missil*"), Style.INFLECTED),
        ("l’avio*", ("l", "avio*"), Style.INFLECTED),
        ("самол?т*", ("самол?т*",), Style.INFLECTED),
        ("caps(Turk*)", ("Turk*",), Style.CAPITALISED),
    ],
)
def test_wildcards(expression: str, found: tuple[str, ...], style: Style) -> None:
    """A word with `*` or `?` stays as it is written, alone or in a phrase."""
    assert parse(expression) == Term(found, style, expression)


@pytest.mark.parametrize(
    "node",
    [
        Meta("source", "a (b)"),
        Meta("source", "a,b"),
        Meta("tag", 'a "b"'),
        Meta("url", "https://x.org/a,b"),
        Meta("url", "a,"),
        Meta("author", "AND"),
        Near((Or((A, B)), C), (words(3),)),
        Not(Not(A)),
        Not(Near((A, B), (words(3),))),
        And((And((A, B)), C)),
        AnyOf(1, (And((A, B)), Or((A, B)))),
    ],
)
def test_what_is_written_out_reads_the_same(node: Node) -> None:
    """Also where values hold what would end them; the whole grammar is a property elsewhere."""
    assert parse_item(unparse(node)) == node


@pytest.mark.parametrize("word", ["any2x", "anyone", "atleast2nd", "xany2", "ANY2"])
def test_a_word_that_begins_as_a_count_is_a_word(word: str) -> None:
    """It need not be quoted."""
    node = parse(f"{word} rocket")
    assert isinstance(node, Term)
    assert node.words == (word, "rocket")


def test_a_phrase_in_unusual_quotes_is_written_out_in_usual_ones() -> None:
    """Quotation marks within it do not end it."""
    node = parse("«a “b” c»")
    assert node == Term(("a", "b", "c"), Style.EXACT, '"a b c"')
    assert parse(unparse(node)) == node


def test_terms_and_children_come_in_reading_order() -> None:
    """Through every kind of node."""
    node = parse("any1(a NEAR/5 (b OR c), NOT d AND title:e) AND atleast2(f) AND tag:x")
    assert [term.label for term in terms(node)] == list("abcdef")
    assert [unparse(child) for child in children(node)] == [
        "any1(a NEAR/5 (b OR c), NOT d AND title:e)",
        "atleast2(f)",
        "tag:x",
    ]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a NEAR/5 b", True),
        ("atleast1(a)", True),
        ("any1(a, b)", True),
        ("any2(NOT a, b)", True),
        ("any1(NOT a, b)", False),
        ("any2(NOT a, source:b, c)", False),
        ("NOT atleast2(a)", False),
    ],
)
def test_what_needs_words(expression: str, expected: bool) -> None:
    """`any` does when fewer parts than it asks for can hold without."""
    assert needs_text(parse_item(expression)) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a", True),
        ("title:(a OR $turkey)", True),
        ("a AND b", False),
        ("a OR b NEAR/5 c", False),
        ("atleast2(a)", False),
    ],
)
def test_what_has_mentions_of_its_own(expression: str, expected: bool) -> None:
    """Terms, ORs of them, lists of them, and these within fields."""
    assert positional(parse_item(expression, LISTS)) is expected


K = 64 * 1024
LONG = {
    "ORs only": "OR " * (K // 3),
    "NOTs only": "NOT " * (K // 4),
    "NEARs only": "NEAR/5 " * (K // 7),
    "opening": "(" * K,
    "closing": ")" * K,
    "commas": "," * K,
    "quotes": '"' * K,
    "lists": "$a " * (K // 3),
    "fields": "title:" * (K // 6),
    "metadata": "url:" * (K // 4),
    "functions": "any2(" * (K // 5),
    "5,000-way OR": " OR ".join(f"w{number}" for number in range(5_000)),
    "5,000-way AND": " AND ".join(f"w{number}" for number in range(5_000)),
    "5,000-way any": f"any500({', '.join(f'w{number}' for number in range(5_000))})",
    "4,500 NEARs": " OR ".join(["a NEAR/5 b"] * 4_500),
    "family": " OR ".join(f"{'a' * length}*" for length in range(3, 350)),
    "stars": "aaa" + "*a" * 30_000,
    "20,000 words": "a " * 20_000,
    "hyphens": "a-" * (K // 2),
    "apostrophes": "a'" * (K // 2),
    "one word": "x" * K,
    "white space": " " * (K - 1) + "a",
    "mixture": " AND b OR ".join(["a"] * 5_000),
    "unclosed": "a OR " * 12_000 + '"b',
    "digits": "1," * (K // 2),
    "tildes": "~" * K,
    "question marks": '"' + "x?" * 30_000 + '"',
    "far NEAR": "a NEAR/" + "9" * 60_000 + " b",
}


@pytest.mark.parametrize("expression", LONG.values(), ids=LONG)
def test_an_expression_of_64_kib_is_read_at_once(expression: str) -> None:
    """In time that grows with its length only, or it is refused as fast."""
    begin = time.process_time()
    try:
        parse(expression)
    except QueryError as error:
        assert len(error.message) + len(error.hint) < 500
    assert time.process_time() - begin < 1.0


DEEP = {
    "parentheses": "(" * 100 + "a" + ")" * 100,
    "NOTs": "b AND " + "NOT " * 100 + "a",
    "NOTs of groups": "b AND " + "NOT (b AND " * 50 + "a" + ")" * 50,
    "ORs": "(b OR " * 100 + "a" + ")" * 100,
    "ANDs": "(b AND " * 100 + "a" + ")" * 100,
    "fields": "body:" * 100 + "a",
    "fields of groups": "body:(b AND " * 50 + "a" + ")" * 50,
    "an operand of NEAR": "a NEAR/5 " + "(b OR " * 100 + "a" + ")" * 100,
    "an operand of atleast": "atleast1(" + "(b OR " * 99 + "a" + ")" * 100,
    "any": "any1(" * 100 + "a" + ")" * 100,
    "any of ANDs": "any2(b AND " * 100 + "a" + ", b)" * 100,
    "any of NEARs": "any1(" * 100 + "a NEAR/5 b" + ", b)" * 100,
}


@pytest.mark.parametrize("expression", DEEP.values(), ids=DEEP)
def test_the_deepest_nesting_is_handled_by_everything(expression: str) -> None:
    """Nothing that walks a tree runs out of stack at the depth that the parser takes."""
    assert MAX_NESTING == 100
    node = parse(expression)
    index = ArticleIndex(an_article("a b c. " * 3))
    result = evaluate(node, index, "en")
    assert result.holds
    assert 0 < score(result).value <= 100
    assert evidence(result, index, 5)
    assert parse(unparse(node)) == node
    assert {term.label for term in terms(node)} <= {"a", "b"}
