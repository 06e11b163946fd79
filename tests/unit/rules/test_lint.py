"""Advice on rules that are valid but may not mean what their author intends."""

from __future__ import annotations

import pytest

from builders.rules import load
from service.rules.lint import advise

TESTS = "tests: [{match: {title: x}}]"


def advice(rules: str) -> list[str]:
    """What is said of one rules file, each with its line."""
    loaded = load({"rules.yaml": rules}, None)
    assert loaded.faults == ()
    return [f"{one.line}: {one.message}" for one in advise(loaded)]


def on(match: str, more: str = "") -> list[str]:
    """What is said of one watchlist with this expression."""
    said = advice(
        f"watchlists:\n  - id: w\n    match: {match}\n    notify: [desk]\n    {TESTS}\n{more}"
        "subscribers: [{id: desk, relay: 'json://desk.example'}]\n"
    )
    return [one.removeprefix("2: w: ") for one in said]


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
        ('"jet OR title:(a OR lead:b)"', "", ["“title:lead:b” can never match"]),
        ('"headline:lead:jet"', "", []),
        (
            '"title:a NEAR/3 (body:b OR lead:b)"',
            "",
            ["“title:a NEAR/3 (body:b OR lead:b)” can never match"],
        ),
        ('"title:a NEAR/3 (body:b OR title:b)"', "", []),
        ("jet AND tank AND NOT jet", "", ["“jet AND tank AND NOT jet” can never match"]),
    ],
)
def test_advice(match: str, more: str, expected: list[str]) -> None:
    """On each of a watchlist's expressions."""
    assert on(match, more) == expected


def test_advice_on_a_list_is_given_once() -> None:
    """At the first watchlist that names it."""
    said = advice(
        f"lists: {{makers: [Saab or Dassault]}}\n"
        f"watchlists:\n  - {{id: a, match: $makers AND x, {TESTS}}}\n"
        f"  - {{id: b, match: $makers AND any1($makers), {TESTS}}}\n"
    )
    assert [one for one in said if "phrase" in one] == [
        "3: a: the list $makers: " + phrase("Saab or Dassault", "OR")
    ]


def test_watchlists_without_subscribers_or_tests() -> None:
    """Both are advised on."""
    assert advice("watchlists: [{id: a, match: x}]") == [
        "1: a: it has no tests: add one article that must match and one that must not",
        "1: a: it notifies no subscriber: its alerts are only recorded",
    ]
