"""Watchlists that are written twice."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from builders.expressions import Text, expressions, texts
from builders.rules import load
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import judge
from service.matching.query import Query
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Near,
    Node,
    Not,
    Or,
    Within,
    needs_text,
)
from service.rules.lint.normal_form import NormalForms
from service.rules.lint.twins import find_twins

LISTS = "lists: {ports: [Hull, Genoa], docks: [Genoa, Hull]}\n"
SUBSCRIBERS = (
    "subscribers:\n"
    "  - {id: desk, relay: 'json://desk.example'}\n"
    "  - {id: duty, relay: 'json://duty.example'}\n"
    "  - {id: chief, relay: 'json://chief.example', min_score: 50}\n"
)


def twins(one: str, other: str) -> list[tuple[str, ...]]:
    """Who is sent each article twice, by the keys of two watchlists; desk by default."""
    keys = [each if "notify" in each else f"{each}, notify: [desk]" for each in (one, other)]
    text = f"{LISTS}watchlists:\n  - {{id: a, {keys[0]}}}\n  - {{id: b, {keys[1]}}}\n{SUBSCRIBERS}"
    rules = load({"r.yaml": text}, None)
    assert rules.faults == ()
    found = [*find_twins(rules)]
    assert all((each.watchlist.id, each.other.id) == ("b", "a") for each in found)
    return [each.twice for each in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jet AND tank", "tank AND jet"),
        ("jet OR tank OR ship", "ship OR jet OR tank"),
        ("jet AND tank", "((jet) AND (tank))"),
        ("jet AND tank AND ship", "jet AND (tank AND (ship AND jet))"),
        ("jet OR tank", "jet OR tank OR jet"),
        ("Fighter Jet AND tank", "fighter jet AND Tank"),
        ('"fighter jet"', "“Fighter Jet”"),
        ("fighter-jet", "fighter jet"),
        ("TITLE:jet", "title:jet"),
        ("title:(jet AND tank)", "title:jet AND title:tank"),
        ("title:headline:jet", "title:jet"),
        ("jet AND source:Reuters", 'jet AND source:"reuters"'),
        ("cs(US)", 'cs("US")'),
        ("jet NEAR/5 tank", "tank NEAR/5 jet"),
        ("jet NEAR/5 tank NEAR/2 ship", "ship NEAR/2 tank NEAR/5 jet"),
        ("(jet OR tank) NEAR/s ship", "ship NEAR/s (tank OR jet)"),
        ("any2(jet, tank, ship)", "any2(ship, jet, tank)"),
        ("atleast2(jet OR tank)", "atleast2(tank OR jet)"),
        ("jet AND NOT (ship OR tank)", "jet AND NOT tank AND NOT ship"),
        ("$ports AND strike", "strike AND (Hull OR Genoa)"),
        ("$ports", "$docks"),
        ("strike AND any2($ports)", "strike AND any2(Hull, Genoa)"),
    ],
)
def test_what_makes_no_difference(one: str, other: str) -> None:
    """Order, parentheses, repetition, case, and quotes without a meaning; and the same again."""
    assert twins(f"match: '{one}'", f"match: '{other}'") == [("desk",)]
    assert twins(f"match: '{other}'", f"match: '{other}'") == [("desk",)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jet AND tank", "jet OR tank"),
        ("jet", '"jet"'),
        ("cs(US)", "US"),
        ("US", "us"),
        ("cs(us)", "cs(US)"),
        ("caps(Turkey)", "Turkey"),
        ("title:jet", "jet"),
        ("title:jet", "lead:jet"),
        ("jet ONEAR/5 tank", "tank ONEAR/5 jet"),
        ("jet NEAR/5 tank", "jet NEAR/4 tank"),
        ("jet NEAR/5 tank NEAR/2 ship", "jet NEAR/2 tank NEAR/5 ship"),
        ("jet tank", "jet AND tank"),
        ("atleast2(jet)", "atleast3(jet)"),
        ("atleast2(jet OR jet)", "atleast2(jet)"),
        ("any2(jet, jet, tank)", "any2(jet, tank, tank)"),
        ("jet AND NOT (ship AND tank)", "jet AND NOT ship AND NOT tank"),
        ("missil*", "missile"),
        ("A-10 AND jet", "a-10 AND jet"),
        ("jet AND source:reuters", "jet AND author:reuters"),
    ],
)
def test_what_makes_a_difference(one: str, other: str) -> None:
    """Another word, form, case, place, distance or count."""
    assert twins(f"match: '{one}'", f"match: '{other}'") == []


@pytest.mark.parametrize(
    ("one", "other", "twice"),
    [
        ("name: Jets, tags: [air]", "name: Planes", [("desk",)]),
        ("except: {x: ship, y: tank}", "except: {z: tank OR ship}", [("desk",)]),
        ("notify: [duty, desk]", "notify: [desk, chief, duty]", [("desk", "duty")]),
        ("notify: []", "notify: []", [()]),
        ("boost: [{when: tank, points: 5}]", "", [("desk",)]),
        ("language: en", "language: fr", []),
        ("severity: high", "", []),
        ("repeat: article", "", []),
        ("throttle: {max: 5, per: 1h}", "", []),
        ("throttle: {max: 5, per: 1h}", "throttle: {max: 5, per: 60m}", [("desk",)]),
        ("threshold: 30", "", []),
        ("threshold: 30", "threshold: 30", [("desk",)]),
        ("threshold: 30, boost: [{when: tank, points: 5}]", "threshold: 30", []),
        ("except: {x: ship}", "", []),
        ("notify: [desk]", "notify: [duty]", []),
        ("notify: []", "notify: [desk]", []),
        (
            "notify: [chief], boost: [{when: tank, points: 5}]",
            "notify: [chief], boost: [{when: ship, points: 5}]",
            [],
        ),
        (
            "notify: [chief], boost: [{when: tank OR ship, points: 5}]",
            "notify: [chief], boost: [{when: ship OR tank, points: 5}]",
            [("chief",)],
        ),
    ],
)
def test_what_else_must_be_the_same(one: str, other: str, twice: list[tuple[str, ...]]) -> None:
    """All that decides whether, when and to whom an alert is sent."""
    assert twins(*(f"match: jet, {each}".rstrip(", ") for each in (one, other))) == twice


@pytest.mark.parametrize("keys", ["notify: [chief]", "threshold: 40", "notify: [desk, chief]"])
def test_what_changes_the_score_makes_a_difference_where_it_counts(keys: str) -> None:
    """A part that is there twice counts twice in a score."""
    only_desk = [("desk",)] if "desk" in keys else []
    assert twins(f"match: jet OR tank, {keys}", f"match: jet OR tank OR jet, {keys}") == only_desk
    assert twins(f"match: jet OR tank, {keys}", f"match: tank OR jet, {keys}") != []


def test_a_third_is_told_of_the_first() -> None:
    """Each but the first is told once."""
    items = "".join(f"  - {{id: {name}, match: jet, notify: [desk]}}\n" for name in "abc")
    rules = load({"r.yaml": f"watchlists:\n{items}{SUBSCRIBERS}"}, None)
    found = [(each.watchlist.id, each.other.id) for each in find_twins(rules)]
    assert found == [("b", "a"), ("c", "a")]


def changed(chance: Random, node: Node) -> Node:
    """The expression with one thing in it otherwise, which may make a difference or none."""
    match node:
        case And(children=below):
            return And(_changed_parts(chance, And, below))
        case Or(children=below, name=""):
            return Or(_changed_parts(chance, Or, below))
        case AnyOf(least=least, children=below, name=""):
            return AnyOf(least, _changed_parts(chance, And, below))
        case Near(operands=operands, joints=joints):
            return Near(operands[::-1], joints[::-1])
        case Not(child=And(children=below)):
            return Or(tuple(map(Not, below)))
        case Not(child=child):
            return Not(changed(chance, child))
        case Within(field=field, zones=zones, child=child):
            return Within(field, zones, changed(chance, child))
        case AtLeast(least=least, child=Or(children=below)):
            return AtLeast(least, Or((*below[::-1], *below[: chance.randrange(2)])))
        case AtLeast():
            return node
        case _:
            return And((node, node)) if chance.randrange(2) else Or((node,))


def _changed_parts(
    chance: Random, kind: type[And | Or], below: tuple[Node, ...]
) -> tuple[Node, ...]:
    parts = [*below]
    match chance.randrange(5):
        case 0:
            chance.shuffle(parts)
        case 1:
            parts.append(chance.choice(parts))
        case 2:
            parts.append(Or((parts[0], parts.pop(0))))
        case 3:
            parts[:2] = [kind(tuple(parts[:2]))]
        case _:
            at = chance.randrange(len(parts))
            parts[at] = changed(chance, parts[at])
    return tuple(parts)


@settings(max_examples=150)
@given(expressions(), st.lists(texts(), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_one_normal_form_is_one_meaning(node: Node, found: list[Text], chance: Random) -> None:
    """Of expressions with one form both hold for an article, or none; and score it alike."""
    other = changed(chance, changed(chance, node))
    assume(needs_text(other))
    forms = NormalForms("en")
    for text in found:
        index = ArticleIndex(text.article())
        one, two = (judge(Query("w", each, "en"), index) for each in (node, other))
        if forms.found(node) == forms.found(other):
            assert one.result.holds is two.result.holds
        if forms.scored(node) == forms.scored(other):
            assert (one.score and one.score.value) == (two.score and two.score.value)
