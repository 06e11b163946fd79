"""The query language, as an analyst would try it out (DESIGN.md §4)."""

from __future__ import annotations

import pytest

from builders.articles import an_article, matches


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("Pakistan AND Turkey", "Turkey and Pakistan met.", True),
        ("Pakistan AND Turkey", "Turkey met nobody.", False),
        ("Pakistan OR Turkey", "Turkey met nobody.", True),
        ("Pakistan AND NOT Turkey", "Pakistan met nobody.", True),
        ("Pakistan AND NOT Turkey", "Pakistan met Turkey.", False),
        ("Pakistan AND (Turkey OR Iran)", "Iran wrote to Pakistan.", True),
        ("Pakistan AND NOT (Turkey OR Iran)", "Iran wrote to Pakistan.", False),
        ("NOT (NOT Pakistan) AND Turkey", "Pakistan, Turkey", True),
        ("fighter jet", "Two fighter jets landed.", True),
        ("fighter jet", "A jet fighter landed.", False),
        ("fighter jet", "A fighter of the jet age.", False),
        ("fighter-jet", "Two fighter jets landed.", True),
        ("fighter jet", "Two fighter-jets landed.", True),
        ("JF-17", "The JF 17 Thunder.", True),
        ("JF-17", "The JF-170 Thunder.", False),
        ("F-16", "Turkey flies F-16s.", True),
    ],
)
def test_operators_and_phrases(expression: str, text: str, expected: bool) -> None:
    """AND, OR, NOT and parentheses mean what they say; adjacent words are a phrase."""
    assert matches(expression, text) is expected


def test_a_phrase_stays_within_paragraph_and_zone() -> None:
    """Neither a blank line nor a zone's end may lie inside a phrase."""
    assert not matches("fighter jet", "He is a fighter.\n\nJet fuel is dear.")
    assert not matches("fighter jet", an_article(title="The fighter", body="Jet fuel is dear."))
    assert matches("fighter jet", "He saw a fighter\njet.")


def test_fields_restrict_the_text() -> None:
    """`title:` `lead:` `body:` `headline:` look in their zones only."""
    article = an_article(title="Missile test", lead="A jet flew.", body="The army spoke.")
    assert matches("title:missile AND lead:jet AND body:army", article)
    assert matches("headline:(missile AND jet)", article)
    assert matches("title:missile test", article)
    assert not matches("title:jet", article)
    assert not matches("headline:army", article)
    assert not matches('title:"missiles"', article)
    assert matches("missile AND NOT title:army", article)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("source:reuters", True),
        ("source:reut*", True),
        ("source:*ers", True),
        ("source:reut", False),
        ('source:"the times"', False),
        ("language:en", True),
        ("language:en-gb", True),
        ("language:fr", False),
        ("country:pk", True),
        ("tag:defence", True),
        ('tag:"foreign policy"', True),
        ("tag:foreign", False),
        ("author:*khan", True),
        ("url:https://example.com/*", True),
        ("url:*sport*", False),
        ("NOT source:bbc", True),
        ("source:(bbc OR reuters)", True),
        ("source:(bbc OR the times)", False),
        ("source:(NOT bbc)", True),
        ("tag:(defence AND foreign policy)", True),
        ('tag:("foreign policy" AND sport)', False),
        ("url:(*/sport/* OR https://example.com/world/1)", True),
        ("source:(a=b OR Reuters)", True),
    ],
)
def test_metadata(expression: str, expected: bool) -> None:
    """Metadata is compared as a whole, in any case, with `*` for anything."""
    article = an_article(
        "jets",
        source="Reuters",
        language="en-gb",
        country="PK",
        author="A. Khan",
        tags=("Defence", "foreign policy"),
        url="https://example.com/world/1",
    )
    assert matches(f"jet AND {expression}", article) is expected


@pytest.mark.parametrize("field", ["source", "author", "language", "country", "tag", "url"])
def test_what_is_not_known_has_no_value(field: str) -> None:
    """So that `NOT author:*` finds articles without one."""
    assert not matches(f"jet AND {field}:*", an_article("jets", language=""))
    assert matches(f"jet AND NOT {field}:*", an_article("jets", language=""))


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("\u200fباكستان\u200f AND\u200f طائرة", "طائرة في باكستان"),
        ("Paki\u00adstan \ufeffAND jet\u200b", "A jet of Pakistan."),
        ("导弹 ＡＮＤ 发射", "发射导弹"),
        ("导弹 AND （试射 OR 发射）", "发射导弹"),
        ("body：missile ＮＥＡＲ/3 test", "A missile test."),
        ("a jet AND NOT\u200e tank", "It is a jet."),
        ("می\u200cخواهم", "من می\u200cخواهم"),
    ],
)
def test_what_nobody_sees_in_an_expression_means_nothing(expression: str, text: str) -> None:
    """Marks of direction and the like are taken out of articles too; wide signs are the others."""
    assert matches(expression, text)


def test_lists_are_the_or_of_their_items() -> None:
    """`$name` stands for any item of the list."""
    lists = {"turkey": "caps(Turkey) OR Türkiye OR Ankara"}
    assert matches("$turkey AND jet", "Ankara buys jets.", lists=lists)
    assert not matches("$turkey AND jet", "Roast turkey on a jet.", lists=lists)


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("missile NEAR/3 test", "Tests of the missile.", True),
        ("missile NEAR/2 test", "Tests of the missile.", True),
        ("missile NEAR/1 test", "Tests of the missile.", False),
        ("missile NEAR/0 test", "A missile test.", True),
        ("missile NEAR/0 test", "Test. Missile.", True),
        ("missile ONEAR/0 test", "A test missile.", False),
        ("missile ONEAR/3 test", "The missile, in a test, flew.", True),
        ("missile NEAR/5 test", "The missile.\n\nA test.", True),
        ("missile NEAR/s test", "The missile flew. A test.", False),
        (
            "missile NEAR/s test",
            "U.S. officials said a missile flew. Mr. Khan left the test.",
            False,
        ),
        ("missile NEAR/s Khan", "U.S. officials say that Mr. Khan saw the missile.", True),
        ("missile NEAR/p test", "The missile flew. A test.", True),
        ("missile NEAR/p test", "The missile flew.\n\nA test.", False),
        ("missile NEAR/5 missile", "A missile.", False),
        ("missile NEAR/5 missile", "A missile and missiles.", True),
        ("fighter jet NEAR/1 jet engine", "A fighter jet engine.", False),
        ("fighter jet NEAR/1 jet engine", "A fighter jet, a jet engine.", True),
        ("fighter jet NEAR/s pilot", "He is a fighter. Jet pilots left.", False),
        ("fighter jet NEAR/p pilot", "He is a fighter. Jet pilots left.", True),
        ("(missile OR rocket) NEAR/2 (test OR launch)", "The launch of rockets.", True),
        ("missil* NEAR/2 caps(Turkey)", "Missiles for Turkey.", True),
        ("missil* NEAR/2 caps(Turkey)", "Missiles for turkey.", False),
        ("a NEAR/1 b NEAR/1 c", "b a b c", True),
        ("a NEAR/1 b NEAR/1 c", "a b x x b c", False),
        ("a ONEAR/1 b NEAR/1 c", "c x b a", False),
        ("a NEAR/s b NEAR/p c", "A b. C.", True),
        ("a NEAR/5 b AND NOT a NEAR/1 b", "a x x b", True),
        ("a NEAR/5 b AND NOT a NEAR/1 b", "a x x b a", False),
    ],
)
def test_nearness(expression: str, text: str, expected: bool) -> None:
    """NEAR counts the words between; sentences and paragraphs hold their words wholly."""
    assert matches(expression, text) is expected


def test_nearness_stays_within_a_zone() -> None:
    """The last word of the title is not near the first of the lead."""
    article = an_article(title="A missile", lead="A test.", body="A missile test.")
    assert matches("title:missile AND lead:test", article)
    assert not matches("title:missile NEAR/9 test", article)
    assert not matches("title:missile NEAR/p lead:test", article)
    assert matches("missile NEAR/0 body:test", article)
    assert matches("title:missile NEAR/s test", an_article(title="Missile flies. A test follows"))


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("atleast2(missile)", "A missile.", False),
        ("atleast2(missile)", "A missile, missiles.", True),
        ("atleast3(missile OR rocket)", "A missile, a rocket, missiles.", True),
        ("atleast2(jet OR fighter jet OR jet fighter)", "fighter jet fighter", False),
        ("atleast2(a b OR b a)", "a b a b", True),
        ("atleast2(a b OR b a)", "a b a", False),
        ("atleast3(a b OR b a)", "a b a b a", False),
        ("atleast3(a)", "a\n\na. A", True),
        ("atleast2(a NEAR/1 b)", "a b x x x b a", True),
        ("atleast2(a NEAR/1 b)", "a b a", False),
        ("atleast2(a NEAR/1 b)", "a x x x b", False),
        ("NOT atleast2(a) AND a", "a", True),
        ("any2(a, b, c)", "a c", True),
        ("any2(a, b, c)", "a a", False),
        ("any3(a, b, c)", "a b c", True),
        ("any1(a AND b, c OR d)", "d", True),
        ("any2(a, NOT b)", "a", True),
        ("any2(a, NOT b)", "a b", False),
        ("any2(a, any1(b, c), atleast2(d))", "c d d", True),
        ("NOT any2(a, b) AND c", "a c", True),
    ],
)
def test_counts(expression: str, text: str, expected: bool) -> None:
    """`atleast` counts mentions that share no word, `any` the parts that hold."""
    assert matches(expression, text) is expected


def test_atleast_counts_through_the_article() -> None:
    """All zones together, or those of its field."""
    article = an_article(title="A missile", lead="Missiles.", body="One missile test.")
    assert matches("atleast3(missile)", article)
    assert not matches("atleast3(headline:missile)", article)
    assert matches("headline:atleast2(missile)", article)
    assert not matches("atleast2(title:(missile NEAR/1 test))", article)


def test_any_of_a_list_counts_its_items() -> None:
    """A list alone stands for its items; beside others it is one part."""
    lists = {"deal": "order OR sign OR contract"}
    assert matches("any2($deal)", "They signed the order.", lists=lists)
    assert not matches("any2($deal)", "They signed, signed and signed.", lists=lists)
    assert not matches("any2($deal, jet)", "They signed the order.", lists=lists)
    assert matches("any2($deal, jet)", "They signed for a jet.", lists=lists)


def test_metadata_is_compared_in_steps_that_grow_with_its_length() -> None:
    """Many stars against a long address do not take for ever."""
    article = an_article("jet", url="a" * 50_000)
    assert not matches(f"jet AND url:{'*a' * 50}b", article)
    assert not matches(f"jet AND aaa{'*a' * 50}b", an_article("jet " + "a" * 50_000))
