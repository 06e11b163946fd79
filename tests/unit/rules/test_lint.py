"""Advice on rules that are valid but may not mean what their author intends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders.rules import load
from service.matching.syntax.parser import parse
from service.matching.syntax.tree import Or
from service.rules.lint.advice import advise
from service.rules.lint.missed_forms import find_missed_forms
from service.rules.lint.quotes import find_lost_quotes
from service.rules.lint.source import RulesSource

TESTS = "tests: [{match: {title: x}}]"


def advice(rules: str) -> list[str]:
    """What is said of one rules file, each with its line."""
    loaded = load({"rules.yaml": rules}, None)
    assert loaded.faults == ()
    return [f"{one.line}: {one.message}" for one in advise(loaded, {"rules.yaml": rules})]


def on(match: str, more: str = "") -> list[str]:
    """What is said of one watchlist with this expression."""
    said = advice(
        f"watchlists:\n  - id: w\n    match: {match}\n    notify: [desk]\n    {TESTS}\n{more}"
        "subscribers: [{id: desk, relay: 'json://desk.example'}]\n"
    )
    return sorted(one.partition(": w: ")[2] for one in said)


PHRASE = (
    "is one phrase; write operators in capitals: {}. "
    "Put the phrase in quotes if you want it as it is."
)


def phrase(label: str, operator: str) -> str:
    """What is said of a phrase that holds an operator in other case."""
    return f"“{label}” {PHRASE.format(operator)}"


def apart(word: str, lemma: str) -> str:
    """What is said of a word that does not find what it may be a form of."""
    return (
        f"“{word}” does not find “{lemma}”, of which it may be a form: "
        f"write {word} OR {lemma} to find both"
    )


def instead(label: str, what: str) -> str:
    """What is said of a phrase in which another system's operator is."""
    return (
        f"“{label}” is one phrase; write {what}. Put the phrase in quotes if you want it as it is."
    )


def near(label: str, most: int) -> str:
    """What is said of a phrase that holds the name of an operator."""
    return (
        f"“{label}” is one phrase; write NEAR/{most} between words that must be near each other. "
        "Put the phrase in quotes if you want it as it is."
    )


@pytest.mark.parametrize(
    ("match", "more", "expected"),
    [
        ("jet AND tank", "", []),
        ("'\"terms and conditions\" AND tank'", "", []),
        ("jet and tank", "", [phrase("jet and tank", "AND")]),
        ("jet Or tank", "", [phrase("jet Or tank", "OR")]),
        (
            "apple or orange AND (pie OR cake)",
            "",
            [
                phrase(
                    "apple or orange",
                    "(apple OR orange) AND (pie OR cake), or apple OR (orange AND (pie OR cake))",
                )
            ],
        ),
        (
            "pie AND apple or orange",
            "",
            [phrase("apple or orange", "pie AND (apple OR orange), or (pie AND apple) OR orange")],
        ),
        ("tank AND NOT (a And not b)", "", [phrase("a And not b", "AND")]),
        (
            "jet",
            "    except: {sport: cricket or football}\n",
            ["except sport: " + phrase("cricket or football", "OR")],
        ),
        (
            "jet",
            "    boost: [{when: jet and tank, points: 5}]\n",
            ["boost jet and tank: " + phrase("jet and tank", "AND")],
        ),
        ("shot AND title:plane", "", [apart("shot", "shoot")]),
        ("long shot AND title:plane", "", []),
        ("(shoot OR shot) AND plane", "", []),
        ("(shot OR shoot*) AND plane", "", []),
        ("shoot AND plane", "", []),
        ("shot AND plane", "    except: {sport: shoots}\n", []),
        ('cs(shot) AND "shot put" AND caps(Shot) AND plane', "", []),
        ("shot AND plane", "    language: ur\n", []),
        ('"title:body:jet"', "", ["“title:body:jet” can never match"]),
        ('"jet OR title:(tank OR lead:ship)"', "", ["“title:lead:ship” can never match"]),
        ('"headline:lead:jet"', "", []),
        (
            '"title:jet NEAR/3 (body:tank OR lead:tank)"',
            "",
            ["“title:jet NEAR/3 (body:tank OR lead:tank)” can never match"],
        ),
        ('"title:jet NEAR/3 (body:tank OR title:tank)"', "", []),
        ("jet AND tank AND NOT jet", "", ["“jet AND tank AND NOT jet” can never match"]),
        (
            "shot down AND plane",
            "",
            [
                "“shot” in “shot down” does not find “shoot”, of which it may be a form: "
                "write shot down OR shoot down to find both"
            ],
        ),
        ("building site AND plane", "", []),
        ("tank AND missile near test", "", [near("missile near test", 5)]),
        ("tank AND missile N7 test", "", [near("missile N7 test", 7)]),
        ("near miss", "", []),
        (
            "jet ANDNOT tank",
            "",
            [instead("jet ANDNOT tank", "AND NOT instead of ANDNOT")],
        ),
        ("tesla IN title", "", [instead("tesla IN title", "title:tesla")]),
        (
            "jet AND headline contains tesla recall",
            "",
            [instead("headline contains tesla recall", "headline:tesla recall")],
        ),
        ("jet AND the party's title in doubt", "", []),
        ("tesla WITHOUT ford", "", [instead("tesla WITHOUT ford", "AND NOT instead of WITHOUT")]),
        ("tesla AND THEN recall", "", [instead("THEN recall", "ONEAR/5 instead of THEN")]),
        (
            "tesla SENTENCE recall",
            "",
            [instead("tesla SENTENCE recall", "NEAR/s instead of SENTENCE")],
        ),
        ("tesla ODER ford", "", [instead("tesla ODER ford", "OR instead of ODER")]),
        ("GONE WITH THE WIND AND film", "", []),
        ("tesla ORford", "", [instead("tesla ORford", "OR ford, with a space")]),
        ("US AND jet", "", ["“US” also finds “us”: write cs(US) if you mean the acronym"]),
        ("cs(US) AND jet", "", []),
        (
            "Apple AND jet",
            "",
            ["“Apple” also finds “apple”: write caps(Apple) if you mean the name"],
        ),
        ("(apple OR Apple pie OR caps(Apple)) AND jet", "", []),
        ("Banks AND jet", "    language: de\n", []),
        ("the AND jet", "", ["“the” is in nearly every article: leave it out, or write a phrase"]),
        (
            "'\"C++\" AND jet'",
            "",
            [
                '“"C++"” looks for the one-letter word “C”: other signs are not read. '
                "Write it with the words beside it, as a phrase"
            ],
        ),
        (
            "Рakistan AND jet",
            "",
            [
                "“Рakistan” has Latin and Cyrillic letters that look alike: "
                "type the word again, in one script"
            ],
        ),
        (
            "jet AND country:UK",
            "",
            ["country:UK is no code of a country (ISO 3166): write country:GB"],
        ),
        (
            "jet AND NOT language:english",
            "",
            ["language:english is no code of a language (BCP 47): write language:en"],
        ),
        (
            "jet AND (country:TUR OR language:srp OR language:iw)",
            "",
            [
                "country:TUR is no code of a country (ISO 3166): write country:TR",
                "language:iw is no code of a language (BCP 47): write language:he",
                "language:srp is no code of a language (BCP 47): write language:sr",
            ],
        ),
        ("jet AND country:P* AND language:pt-BR", "", []),
        (
            "jet AND fighter plane",
            "    except: {sport: cricket OR plane}\n",
            ["except sport: it holds wherever match does, so nothing can alert"],
        ),
        ("jet AND plane", "    except: {sport: cricket AND plane}\n", []),
        ("jet OR plane", "    except: {sport: plane}\n", []),
    ],
)
def test_advice(match: str, more: str, expected: list[str]) -> None:
    """On each of a watchlist's expressions."""
    assert on(match, more) == sorted(expected)


def test_advice_on_a_list_is_given_once() -> None:
    """At the first watchlist that names it."""
    said = advice(
        f"lists: {{makers: [Saab or Dassault]}}\n"
        f"watchlists:\n  - {{id: a, match: $makers AND jet, {TESTS}}}\n"
        f"  - {{id: b, match: $makers AND any1($makers), {TESTS}}}\n"
    )
    assert [one for one in said if "phrase" in one] == [
        "1: a: the list $makers: " + phrase("Saab or Dassault", "OR")
    ]


def test_watchlists_without_subscribers_or_tests() -> None:
    """Both are advised on."""
    assert advice("watchlists: [{id: a, match: jet}]") == [
        "1: a: it has no tests: add one article that must match and one that must not",
        "1: a: it notifies no subscriber: its alerts are only recorded",
    ]


def test_a_severity_that_nobody_accepts() -> None:
    """Its alerts would be recorded and sent to nobody."""
    rules = (
        f"watchlists: [{{id: a, match: jet, severity: low, notify: [desk], {TESTS}}}]\n"
        "subscribers: [{id: desk, relay: 'json://desk.example', severities: [high]}]\n"
    )
    assert advice(rules) == [
        "1: a: no subscriber of it accepts the severity low: its alerts are only recorded. "
        "Add low to the severities of desk, or choose another"
    ]
    assert advice(rules.replace("low", "high")) == []


@pytest.mark.parametrize(
    ("written", "lost"),
    [
        ('"fighter jet"', True),
        ("'fighter jet'", True),
        ("fighter jet", False),
        ("'\"fighter jet\"'", False),
        ('"jet AND tank"', False),
        ('"title:jet"', False),
        ('"jet"', False),
        ("[", False),
    ],
)
def test_quotes_that_yaml_takes(written: str, lost: bool) -> None:
    """In a watchlist's expressions and in lists."""
    watchlist = f"watchlists:\n- id: a\n  match: {written}\n  except: {{x: {written}}}\n"
    lists = f"lists:\n  all: [{written}]\n"
    found = list(find_lost_quotes(RulesSource({"w": watchlist, "l": lists})))
    places = [(one.file, one.node.start_mark.line + 1) for one, _ in found]
    assert places == [("w", 3), ("w", 4), ("l", 2)] * lost
    assert all("fighter jet" in remark.message for _, remark in found)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("    match: tank AND Apple\n", (3, 21, 5)),
        ("    match: 'tank AND\n      Apple'\n", (4, 7, 5)),
        ("    match: |\n      tank AND\n      Apple\n", (5, 7, 5)),
        ("    match: pineApple AND Apple\n", (3, 26, 5)),
        ("    match: tank\n    except: {Apple: Apple}\n", (4, 21, 5)),
        (
            "    match: tank\n    boost: [{when: a, points: 1}, {when: Apple, points: 1}]\n",
            (4, 42, 5),
        ),
        ('    match: tank AND caps(Apple) AND "\\u0041pple"\n', None),
    ],
)
def test_advice_points_at_the_words(written: str, expected: tuple[int, int, int] | None) -> None:
    """Where they stand in the file: line, column and width."""
    text = f"watchlists:\n  - id: w\n{written}"
    said = advise(load({"r": text}, None), {"r": text})
    found = [(one.line, one.column, one.width) for one in said if one.code == "T504"]
    assert found == ([expected] if expected else [])


def test_a_word_of_a_list_is_no_advice_for_each_watchlist() -> None:
    """A list serves many of them."""
    words = parse("shot OR plane")
    assert isinstance(words, Or)
    assert [one.code for one in find_missed_forms([words], "en")] == ["T510"]
    assert [*find_missed_forms([replace(words, name="words")], "en")] == []
