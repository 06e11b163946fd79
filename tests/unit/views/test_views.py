"""What people and programs see of alerts, subscribers, silences, dead letters and names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders.events import created, retracted
from service.alerts.people.silence import Silence
from service.store.dead_letters.dead_letters import StoredLetter
from service.views.alerts.alert import alert_view
from service.views.dead_letter import dead_letter_details
from service.views.rules.names import read_names, unknown_name
from service.views.silence import silence_views
from service.views.word_forms import term_forms

RULES = """
watchlists:
  - {id: jets, match: fighter jet, tags: [defence, air]}
  - {id: broken, match: jet AND}
  - {id: ships, match: frigate, notify: [desk]}
subscribers:
  - {id: desk, webhook: {url: "${DESK_URL}", secret: "${DESK_SECRET}"}}
  - {id: off, enabled: false, webhook: {url: "${DESK_URL}", secret: "${DESK_SECRET}"}}
  - {id: nowhere}
"""


def test_an_alert_has_its_headline_score_and_sentences() -> None:
    """The same facts that every channel for people shows."""
    body = created()
    view = alert_view(json.loads(body), body)
    data = json.loads(body)["data"]
    assert view.type == "alert.created"
    assert (view.severity, view.watchlist) == ("high", "Pakistan–Turkey fighter jets")
    assert view.score == data["score"]["value"]
    assert "".join(each.text for each in view.headline) == data["article"]["title"]
    assert any(each.marked for quote in view.quotes for each in quote.sentence)
    assert view.score_sum.endswith(f"= {view.score:g}")


def test_a_retraction_has_no_sum() -> None:
    """What no longer matches has no score that explains it."""
    body = retracted()
    view = alert_view(json.loads(body), body)
    assert (view.news, view.score_sum) == ("No longer matches after a correction", "")


def a_silence(id_: str, until: str) -> Silence:
    """A silence of one watchlist."""
    return Silence(id_, "watchlist", "jets", until, "air show", "2026-11-23T12:00:00Z")


def test_a_silence_in_several_streams_is_one() -> None:
    """With the streams in which it is in force; first the silence that ends first."""
    late = a_silence("sil_1", "2026-11-25T12:00:00Z")
    soon = a_silence("sil_2", "2026-11-24T12:00:00Z")
    found = silence_views({"a": [late, soon], "b": [late]})
    assert [(one.id, one.streams) for one in found] == [("sil_2", ("a",)), ("sil_1", ("a", "b"))]


def test_fields_of_a_dead_letter_are_text_whatever_they_were() -> None:
    """Bytes that are not UTF-8 are visible and do not stop the output."""
    letter = StoredLetter(
        "1-0", "0-1", "2026-11-23T12:00:00Z", "no text", 2, 9, {b"t\xff": b"\xfe"}
    )
    found = dead_letter_details(letter, "articles")
    assert (found.stream, found.entry, found.bytes) == ("articles", "0-1", 9)
    assert found.fields == {"t\\xff": "\\xfe"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("desk", ""),
        ("dosk", "there is no subscriber dosk; did you mean desk?"),
        ("zzz", "there is no subscriber zzz; `tocsin check` lists the faults of the rules"),
    ],
)
def test_an_unknown_name_is_answered_with_the_closest(name: str, expected: str) -> None:
    """A known one with nothing."""
    assert unknown_name("subscriber", name, {"desk", "editors"}) == expected


def test_an_unknown_name_that_no_rule_has_is_answered_with_where_it_stands() -> None:
    """`tocsin check` knows nothing of streams."""
    said = unknown_name("stream", "zzz", ["articles"], "TOCSIN_STREAMS has articles")
    assert said == "there is no stream zzz; TOCSIN_STREAMS has articles"


def test_the_rules_name_what_is_disabled_or_faulty_too(tmp_path: Path) -> None:
    """An operator may mean it; only what can be used is a subscriber."""
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    found = read_names(tmp_path)
    assert {*found.subscriber_ids} == {"desk", "off", "nowhere"}
    assert {*found.subscribers} == {"desk"}
    assert {*found.faulty} == {"nowhere"}
    assert {*found.watchlist_ids} >= {"jets"}
    assert {*found.tags} == {"defence", "air"}
    assert [[*found.notified(one)] for one in ("jets", "ships", "tanks")] == [[], ["desk"], []]


def test_a_word_of_a_language_without_a_list_of_forms_is_not_known() -> None:
    """It is found as it is written."""
    (word,) = term_forms("rumah", "ms").words
    assert (word.tabled, word.known, word.finds) == (False, False, ("rumah",))
