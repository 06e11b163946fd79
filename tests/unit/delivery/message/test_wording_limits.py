"""How much of each field of an event a message says, and what it says nothing of."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import events
from service.delivery.message.fields import moment, number
from service.delivery.message.message import Message, Stretch, marked, plain
from service.delivery.message.plaintext import COLUMNS, details, text
from service.delivery.message.wording import message

LIMITS: list[tuple[bytes, tuple[str | int, ...], int]] = [
    (events.created(), ("watchlist", "name"), 100),
    (events.created(), ("watchlist", "id"), 100),
    (events.created(), ("id",), 100),
    (events.updated(), ("alert_id",), 100),
    (events.created(), ("article", "title"), 300),
    (events.created(article={**events.ARTICLE, "title": ""}), ("article", "summary"), 300),
    (events.created(), ("article", "source"), 100),
    (events.created(), ("article", "author"), 100),
    (events.created(), ("story", "id"), 100),
    (events.created(), ("story", "sources", 1), 60),
    (events.created(), ("evidence", 3, "sentence"), 600),
    (events.created(), ("evidence", 3, "zone"), 20),
    (events.created(), ("score", "clauses", 0, "clause"), 24),
    (events.created(), ("score", "boosts", 0, "when"), 24),
    (events.updated(), ("changes", 0, "from"), 300),  # as the topic
    (events.updated(), ("changes", 0, "to"), 200),
    (events.updated(), ("changes", 1, "from"), 200),
    (events.digest(), ("id",), 100),
    (events.digest(), ("watchlist", "id"), 100),
    (events.digest(), ("alerts", 0, "article", "title"), 300),
    (events.digest(), ("alerts", 0, "article", "source"), 60),
    (events.digest(), ("others", 0, "title"), 300),
    (events.of_a_subscriber(), ("watchlists", 0, "name"), 100),
    (events.report(), ("id",), 100),
    (events.report(), ("message",), 600),
    (events.report(), ("command",), 200),
    (events.report(), ("reason",), 200),
]
"""Of each field, the most characters of it that are said."""


def with_value(body: bytes, place: tuple[str | int, ...], value: object) -> Message:
    """The message of an event in which one field is otherwise."""
    event = json.loads(body)
    inner: Any = event["data"]
    for step in place[:-1]:
        inner[step] = copy.copy(inner[step])
        inner = inner[step]
    inner[place[-1]] = value
    return message(json.dumps(event).encode())


@pytest.mark.parametrize(
    ("body", "place", "most"), LIMITS, ids=["-".join(map(str, place)) for _, place, _ in LIMITS]
)
def test_a_field_is_said_up_to_its_limit(
    body: bytes, place: tuple[str | int, ...], most: int
) -> None:
    """All of it at the limit; beyond, one character less and the sign that some is left out."""
    whole, longer = (repr(asdict(with_value(body, place, "q" * n))) for n in (most, most + 1))
    assert "q" * most in whole
    assert "q" * most not in longer
    assert "q" * (most - 1) + "…" in longer


def test_one_source_has_not_been_joined() -> None:
    """Who else reported is a fact as soon as there is anybody else."""
    names = [
        [name for name, _ in with_value(events.created(), ("story", "sources"), sources).facts]
        for sources in ([], ["Dawn"], ["Dawn", "Asian Lite"])
    ]
    assert ["Reported by" in each for each in names] == [False, False, True]


@pytest.mark.parametrize("number", [1, 2])
def test_one_article_is_no_story(number: int) -> None:
    """A story is told of from its second article on."""
    said = with_value(events.created(), ("story", "articles"), number)
    assert ("Story" in dict(said.facts)) is (number > 1)


def test_a_retraction_has_no_score() -> None:
    """Whatever its event says: nothing matches any more."""
    score = events.alert_data()["score"]
    assert with_value(events.retracted(), ("score",), score).score == ""


@pytest.mark.parametrize("place", [("alerts", 0, "article", "url"), ("others", 0, "url")])
def test_an_address_stays_in_one_piece(place: tuple[str | int, ...]) -> None:
    """However long it is: a mail program makes a link of one line."""
    address = "https://news.example/" + "a/" * COLUMNS
    lines = text(with_value(events.digest(), place, address)).split("\n")
    assert [line for line in lines if address in line] == [f"  {address}"]
    assert address in text(with_value(events.created(), ("article", "url"), address)).split("\n")


@pytest.mark.parametrize("severity", ["info", "low", "medium", "high", "critical"])
def test_each_severity_is_said(severity: str) -> None:
    """What is none counts as medium."""
    assert with_value(events.created(), ("watchlist", "severity"), severity).severity == severity
    assert with_value(events.created(), ("watchlist", "severity"), "grave").severity == "medium"


@given(st.text("ab "), st.lists(st.text("ab ", max_size=3), max_size=3))
def test_marks_change_no_text(said: str, phrases: list[str]) -> None:
    """The stretches are the text, in order, and all that is marked is of the phrases."""
    found = marked(said, phrases)
    assert found == (*found,)
    assert "".join(each.text for each in found) == said
    assert all(each.text for each in found) or found == (Stretch(""),)
    occurs = any(phrase in said for phrase in phrases if phrase)
    assert any(each.marked for each in found) == occurs


@pytest.mark.parametrize(
    "odd", ["2026-11-23T08:41:59Z tomorrow", "on 2026-11-23T08:41:59Z", "2026-11-23T08:41:59+01:00"]
)
def test_what_is_no_moment_stays_as_it_is(odd: str) -> None:
    """Nothing of it is lost."""
    assert moment(odd) == odd


def test_what_has_no_score_says_none() -> None:
    """As it may be in an event that somebody changed."""
    assert with_value(events.created(), ("score",), {}).score == ""


@pytest.mark.parametrize(("alerts", "said"), [(0, False), (1, True), (2, True)])
def test_a_digest_says_how_many_it_shows_in_full(alerts: int, said: bool) -> None:
    """Where there are more than it shows, and it shows any."""
    shown = [{"type": "alert.created", **events.alert_data()}] * alerts
    facts = dict(with_value(events.digest(), ("alerts",), shown).facts)
    assert ("In full" in facts) is said
    assert "In full" not in dict(message(events.of_a_subscriber()).facts)


@pytest.mark.parametrize(
    ("kind", "severity", "label"),
    [
        ("subscriber.test", "info", "Test"),
        ("subscriber.disabled", "high", "Disabled"),
        ("delivery.exhausted", "high", "Not delivered"),
        ("rules.fault", "high", "Rules"),
        ("something.new", "info", "Tocsin"),
    ],
)
def test_each_notice_says_what_it_is(kind: str, severity: str, label: str) -> None:
    """One whose kind is not known says its kind."""
    said = message(events.notice(kind))
    assert (said.severity, said.label) == (severity, label)
    assert len(plain(said.headline)) > 10
    assert (plain(said.headline) == kind) is (label == "Tocsin")


@pytest.mark.parametrize(("value", "said"), [(True, "yes"), (False, "no"), (0, "0"), (1.50, "1.5")])
def test_what_is_no_text_is_said_in_words(value: object, said: str) -> None:
    """Yes and no, and numbers without what says nothing."""
    facts = dict(with_value(events.notice(), ("retried",), value).facts)
    assert facts["Retried"] == said


def test_only_words_that_were_found_in_the_title_are_marked_there() -> None:
    """What was found in the text only may stand in the title as another word."""
    evidence = [events.evidence("line", "line", "The line runs.")]
    assert not any(one.marked for one in message(events.created(evidence=evidence)).headline)
    evidence[0]["zone"] = "title"
    assert any(one.marked for one in message(events.created(evidence=evidence)).headline)


@pytest.mark.parametrize("id_", ["alr_1", ""])
@pytest.mark.parametrize("body", [*events.ALL.values()], ids=[*events.ALL])
@pytest.mark.parametrize("written", [text, details])
def test_a_text_has_no_empty_lines_around_it(
    written: Callable[[Message], str], body: bytes, id_: str
) -> None:
    """One line break ends it, with a footer or without."""
    found = written(with_value(body, ("id",), id_))
    assert found == found.strip() + "\n"


@pytest.mark.parametrize(("sources", "said"), [(0, ""), (1, ""), (2, ", 2 sources")])
def test_a_story_spreads_from_its_second_source_on(sources: int, said: str) -> None:
    """One source alone is no number worth telling."""
    found = with_value(events.spread(), ("story", "sources"), ["Dawn", "Anadolu"][:sources])
    assert found.news == f"Spreading{said}"


def test_a_phrase_is_looked_for_as_it_is_written() -> None:
    """Its signs mean nothing else."""
    found = marked("Prices rise (again) by 3.5 %, or 315 %.", ["(again)", "3.5"])
    assert [each.text for each in found if each.marked] == ["(again)", "3.5"]


@pytest.mark.parametrize(("value", "said"), [(True, 0), (10**9, 0), ("7", 0), (-2.5, -2.5)])
def test_only_numbers_of_a_usual_size_are_counted(value: object, said: float) -> None:
    """Yes is none of them."""
    assert number(value) == said


def test_an_unknown_kind_is_said_up_to_its_limit() -> None:
    """As the headline."""
    for length, shown in ((60, "k" * 60), (61, "k" * 59 + "…")):
        assert plain(message(events.notice("k" * length)).headline) == shown
