"""One slot after the other: who is quiet is told once, and when that is over."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from service.alerts.rhythm import evaluation
from service.alerts.rhythm.evaluation import Changes, Quiet, Terms, evaluate, series_of
from service.alerts.rhythm.head import Head
from service.alerts.rhythm.reports import MOST_LISTED, rhythm_events
from service.alerts.rhythm.slot_counts import Series, SlotCounts
from service.alerts.rhythm.slots import SLOTS_A_DAY, SLOTS_AN_HOUR

FIRST = 1000 * SLOTS_A_DAY
WEEKS_4 = 28 * SLOTS_A_DAY
SOURCE: Series = ("source", "asia.example")
STREAM: Series = ("stream", "articles")
WATCHLIST: Series = ("watchlist", "jets")


class Slots:
    """Evaluates slot after slot as a process does, and keeps what is told."""

    def __init__(self, alarms: float = 1.0) -> None:
        self.head = Head.begun(FIRST)
        self.states: dict[Series, bytes] = {}
        self.due: dict[Series, float] = {}
        self.digest: str | None = "one"
        self.told: list[tuple[int, str, str]] = []
        """The slot since the first, what, and of whom."""
        self.alarms = alarms

    def add(self, counts: Mapping[str, SlotCounts], *, tells: bool = True) -> Changes:
        """The next slot is over."""
        slot = self.head.slot
        articles = self.head.after(counts).articles
        due = {
            one
            for one, place in self.due.items()
            if place <= (articles if one[0] == "watchlist" else slot + 1)
        }
        wanted = {*series_of(counts), *(due if tells else ())}
        states = {one: self.states[one] for one in wanted if one in self.states}
        terms = Terms(self.alarms, lambda _: self.digest, tells=tells)
        changes = evaluate(self.head, counts, states, terms, len(self.states))
        self.head = changes.head
        self.states |= changes.states
        self.due |= changes.due
        for one in changes.dropped:
            self.states.pop(one, None)
            self.due.pop(one, None)
        at = slot - FIRST
        self.told += [(at, "quiet", one.name) for one in changes.quiet]
        self.told += [(at, "back", one.name) for one in changes.back]
        self.told += [(at, "spike", one.name) for one in changes.spikes]
        return changes

    def run(self, slots: int, source: int = 12, story: int = 24, articles: int = 12) -> None:
        """So many slots, of which every fourth has articles.

        The source sends in one of `source` slots (0: never), and so on.
        """
        for _ in range(slots):
            at = self.head.slot
            sends = source and at % source == 0
            stories = {"jets": 1} if story and at % story == 0 else {}
            sources = frozenset({"asia.example"} if sends else ())
            count = articles if at % 4 == 0 else 0
            self.add({"articles": SlotCounts(count, sources, stories)})

    def names(self, what: str) -> list[str]:
        """Of whom this was told."""
        return [name for _, each, name in self.told if each == what]


@pytest.fixture(scope="module")
def known() -> Slots:
    """Four weeks in which all went its usual way."""
    slots = Slots()
    slots.run(WEEKS_4)
    return slots


@pytest.fixture
def slots(known: Slots) -> Slots:
    """A copy of it."""
    copy = Slots()
    copy.head, copy.states, copy.due = known.head, dict(known.states), dict(known.due)
    assert known.told == []
    return copy


def test_so_many_series_are_followed_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that come together in one slot count, too; those that are known are followed on."""
    monkeypatch.setattr(evaluation, "MOST_SERIES", 3)
    slots = Slots()
    for names in ("abcde", "fg"):
        slots.add({"articles": SlotCounts(1, frozenset(names), {})})
        assert len(slots.states) == 3
    assert len(slots.add({"articles": SlotCounts(1, frozenset("abcdefg"), {})}).states) == 3


def test_a_slot_that_is_evaluated_again_teaches_nothing(slots: Slots) -> None:
    """A process may end between two writes."""
    counts = {"articles": SlotCounts(12, frozenset({"asia.example"}), {"jets": 1})}
    head = slots.head
    slots.add(counts)
    slots.head = head
    assert slots.add(counts).states == {}


def test_a_source_that_stops_is_told_once_and_that_it_is_back(slots: Slots) -> None:
    """Within some hours, as it sends every hour; days go by, and nothing more is told."""
    slots.run(3 * SLOTS_A_DAY, source=0)
    ((at, what, name),) = slots.told
    assert (what, name) == ("quiet", "asia.example")
    assert 5 <= (at - WEEKS_4) / SLOTS_AN_HOUR <= 12
    slots.run(SLOTS_A_DAY)
    assert slots.names("back") == ["asia.example"]
    assert slots.names("quiet") == ["asia.example"]


def test_a_stream_that_stops_is_told_and_its_sources_are_not(slots: Slots) -> None:
    """One cause is one report; no watchlist is quiet either, as nothing is read."""
    slots.run(2 * SLOTS_A_DAY, source=0, story=0, articles=0)
    ((at, what, name),) = slots.told
    assert (what, name) == ("quiet", "articles")
    assert at - WEEKS_4 <= 4 * SLOTS_AN_HOUR
    slots.run(SLOTS_AN_HOUR)
    assert slots.names("back") == ["articles"]
    assert slots.names("quiet") == ["articles"]


def test_a_watchlist_without_stories_is_told_once(slots: Slots) -> None:
    """And that it has one again."""
    slots.run(4 * SLOTS_A_DAY, story=0)
    assert slots.names("quiet") == ["jets"]
    slots.run(SLOTS_A_DAY)
    assert slots.names("back") == ["jets"]


def test_a_watchlist_that_was_changed_starts_anew(slots: Slots) -> None:
    """It is neither quiet nor back: what it did before was by other rules."""
    slots.digest = "two"
    slots.run(4 * SLOTS_A_DAY, story=0)
    assert WATCHLIST not in slots.states
    slots.run(SLOTS_A_DAY)
    assert slots.told == []


def test_a_watchlist_that_was_removed_is_forgotten(slots: Slots) -> None:
    """Also while an article of its last hours is still counted."""
    slots.digest = None
    slots.run(4 * SLOTS_A_DAY)
    assert WATCHLIST not in slots.states
    assert slots.told == []


def test_far_more_stories_than_usual_are_told_once_a_day(slots: Slots) -> None:
    """Twelve a day are usual."""
    day = -slots.head.slot % SLOTS_A_DAY
    slots.run(day)
    for _ in range(60):
        slots.add({"articles": SlotCounts(3, frozenset(), {"jets": 1})})
    assert slots.names("spike") == ["jets"]
    slots.run(day or SLOTS_A_DAY)
    assert slots.names("spike") == ["jets"]


def test_a_feed_that_doubles_is_no_spike(slots: Slots) -> None:
    """Twice the articles with twice the stories."""
    for _ in range(SLOTS_A_DAY):
        stories = {"jets": 1} if slots.head.slot % 12 == 0 else {}
        slots.add({"articles": SlotCounts(6, frozenset({"asia.example"}), stories)})
    assert slots.told == []


def test_a_slot_of_which_not_all_is_known_is_no_silence(slots: Slots) -> None:
    """More names came than are counted."""
    for _ in range(2 * SLOTS_A_DAY):
        slots.add({"articles": SlotCounts(9000, whole=False)})
    assert slots.told == []


def test_slots_that_were_over_long_ago_tell_nothing(slots: Slots) -> None:
    """The first slot that is told of takes them all in."""
    for _ in range(2 * SLOTS_A_DAY):
        slots.add({"articles": SlotCounts(2)}, tells=False)
    assert slots.told == []
    slots.run(1, source=0, story=0)
    assert sorted(slots.names("quiet")) == ["asia.example", "jets"]


def test_little_is_told_of_who_is_new() -> None:
    """A source of a week is forgotten again two weeks after its end, without a word."""
    slots = Slots()
    slots.run(2 * SLOTS_A_DAY)
    slots.run(15 * SLOTS_A_DAY, source=0, story=0)
    assert slots.told == []
    assert SOURCE not in slots.states
    assert STREAM in slots.states


def test_nothing_is_told_with_no_false_alarm_allowed(slots: Slots) -> None:
    """The setting is 0."""
    slots.alarms = 0.0
    slots.run(SLOTS_A_DAY)
    slots.run(2 * SLOTS_A_DAY, source=0, story=0)
    for _ in range(60):
        slots.add({"articles": SlotCounts(3, frozenset(), {"jets": 5})})
    assert slots.told == []


def test_what_cannot_be_read_begins_anew() -> None:
    """Somebody else wrote it."""
    slots = Slots()
    slots.states = {SOURCE: b"?", WATCHLIST: b"[1]", STREAM: b""}
    counts = {"articles": SlotCounts(3, frozenset({"asia.example"}), {"jets": 1})}
    slots.add(counts)
    assert {len(state) > 20 for state in slots.states.values()} == {True}
    slots.states = {SOURCE: b"?", WATCHLIST: b"{}"}
    slots.due = dict.fromkeys(slots.states, 0.0)
    slots.add({"articles": SlotCounts(3)})
    assert slots.states.keys() == {STREAM}


def test_a_stream_that_was_left_out_begins_anew() -> None:
    """Its slots have a gap, of which nothing is known."""
    head = Head.begun(FIRST).after({"a": SlotCounts(1), "b": SlotCounts(1)})
    head = head.after({"a": SlotCounts(1)}).after({"a": SlotCounts(1), "b": SlotCounts()})
    assert len(head.looked["a"].seen) == 3
    assert (head.looked["b"].first, len(head.looked["b"].seen)) == (FIRST + 2, 1)
    assert np.array_equal(head.sent["b"].seen, [False])


def test_a_report_lists_so_many_at_most(slots: Slots) -> None:
    """And says how many there are; nobody is told where nobody wants reports."""
    changes = Changes(slots.head)
    slots.run(3 * SLOTS_A_DAY, source=0)
    found = evaluate(slots.head, {"articles": SlotCounts(1)}, {}, Terms(1.0, lambda _: None))
    assert [*rhythm_events(found, 1, ("ops",), str)] == []
    changes.quiet = [Quiet("source", f"s{i}", 5, 9.0, 2.0, "articles") for i in range(130)]
    (event,) = rhythm_events(changes, 1, ("ops",), str)
    assert (event.data["count"], len(event.data["sources"])) == (130, MOST_LISTED)
    assert "And 127 more." in str(event.data["message"])
    assert [*rhythm_events(changes, 1, (), str)] == []
