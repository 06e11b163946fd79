"""The rhythm of a source: nights take no time, and a silence is told after 5 to 10 usual gaps."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.alerts.rhythm.seen_slots import KEPT, SeenSlots
from service.alerts.rhythm.slots import (
    SLOTS_A_DAY,
    SLOTS_A_WEEK,
    SLOTS_AN_HOUR,
    hour_of_week,
)
from service.alerts.rhythm.source import SourceRhythm

WEEKS = 8
ALL = SeenSlots(0, np.ones((WEEKS + 4) * SLOTS_A_WEEK, np.bool_))


def learnt(arrivals: list[int], seen: SeenSlots = ALL, alarms: float = 1.0) -> SourceRhythm:
    """What is known after arrivals in these slots."""
    rhythm = SourceRhythm.begun(arrivals[0])
    for slot in arrivals[1:]:
        rhythm = rhythm.arrived(slot, seen, alarms)
    return rhythm


def drawn(chance: np.ndarray, seed: int) -> list[int]:
    """Slots with an article, each with its own chance."""
    return np.flatnonzero(np.random.default_rng(seed).random(len(chance)) < chance).tolist()


def by_day(day: float, night: float) -> np.ndarray:
    """The chances of slots of a source that works from seven to nine at night."""
    hours = np.array([day if 7 <= hour < 21 else night for hour in range(24)])
    return np.tile(np.repeat(hours, SLOTS_AN_HOUR), 7 * WEEKS)


def told_after(rhythm: SourceRhythm) -> int:
    """So many slots after its last article it is told that it is quiet."""
    return rhythm.due(rhythm.last + 1, 0.0, 1.0) - rhythm.last


def test_a_silence_is_told_after_a_few_usual_gaps() -> None:
    """One an hour at any time: 9 to 12 gaps, as it has so many of them in a year."""
    rhythm = learnt(drawn(np.full(WEEKS * SLOTS_A_WEEK, 1 / SLOTS_AN_HOUR), 1))
    assert 8 <= rhythm.limit(1.0) <= 12
    assert 7 <= told_after(rhythm) / SLOTS_AN_HOUR <= 13


def test_a_night_takes_no_time() -> None:
    """A source that sleeps is not quiet at night; in the morning it is, if it does not wake up."""
    rhythm = learnt(drawn(by_day(0.5, 0.0), 2))
    evening = 21 * SLOTS_AN_HOUR + WEEKS * SLOTS_A_WEEK
    morning = evening + 10 * SLOTS_AN_HOUR
    asleep = SourceRhythm.unpacked(rhythm.packed())
    assert asleep.quiet_gaps(morning, ALL) - asleep.quiet_gaps(evening, ALL) < 2
    due = asleep.due(evening, 0.0, 1.0)
    assert morning < due < morning + 3 * SLOTS_AN_HOUR


def test_a_steady_source_is_missed_within_half_an_hour() -> None:
    """One that never left out five minutes."""
    rhythm = learnt(list(range(5000)))
    assert 2 <= told_after(rhythm) <= 6


def test_what_never_alarms_is_never_due() -> None:
    """With 0 false alarms a year."""
    rhythm = learnt(drawn(np.full(WEEKS * SLOTS_A_WEEK, 0.1), 3))
    assert rhythm.due(rhythm.last + 1, 0.0, 0.0) >= rhythm.last + 60 * SLOTS_A_DAY


def test_little_is_known_of_a_new_source() -> None:
    """Two weeks and ten arrivals are the least."""
    assert not learnt(list(range(0, 13 * SLOTS_A_DAY, 50))).known
    assert not learnt(list(range(0, WEEKS * SLOTS_A_WEEK, 2000))[:9]).known
    assert learnt(list(range(0, 15 * SLOTS_A_DAY, 50))).known


def test_a_silence_that_ended_by_itself_is_told_later_the_next_time() -> None:
    """Such as a holiday; but an outage of weeks does not hide the next one."""
    chance = np.full(WEEKS * SLOTS_A_WEEK, 0.1)
    before = learnt(drawn(chance, 4))
    limit = before.limit(1.0)
    after = before.arrived(before.last + 200, ALL, 1.0)
    assert after.limit(1.0) > 20 > limit
    much_later = before.arrived(before.last + 5000, ALL, 1.0)
    assert much_later.limit(1.0) < 5.1 * limit


@given(
    st.lists(st.booleans(), max_size=900),
    st.integers(0, 10 * SLOTS_A_WEEK),
    st.integers(-20, 950),
    st.integers(0, 400),
)
def test_slots_are_counted_by_the_hour_of_the_week(
    seen: list[bool], first: int, after: int, length: int
) -> None:
    """As a naive count does; what is packed is the same."""
    slots = SeenSlots(first, np.array(seen, np.bool_))
    again = SeenSlots.unpacked(slots.packed())
    begin, end = first + after, first + after + length
    naive = np.zeros(168, int)
    for number, counts in enumerate(seen):
        slot = first + number
        if counts and begin < slot < end:
            naive[hour_of_week(slot)] += 1
    assert again.hours(begin, end).tolist() == naive.tolist()
    assert again.end == first + len(seen)


def test_only_the_last_slots_are_kept() -> None:
    """Sixty days of them."""
    slots = SeenSlots(7, np.ones(KEPT, np.bool_)).add(False)
    assert (slots.first, len(slots.seen), bool(slots.seen[-1])) == (8, KEPT, False)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=10), st.integers(0, 500))
def test_a_rhythm_is_read_as_it_was_packed(gaps: list[int], first: int) -> None:
    """But for the last digits of its counts."""
    rhythm = learnt(np.cumsum([first, *gaps]).tolist())
    again = SourceRhythm.unpacked(rhythm.packed())
    assert (again.first, again.last) == (rhythm.first, rhythm.last)
    assert (again.longest, again.long_gaps) == (rhythm.longest, rhythm.long_gaps)
    np.testing.assert_allclose(again.sent, rhythm.sent, rtol=1e-3)
    np.testing.assert_allclose(again.seen, rhythm.seen, rtol=1e-3)


@settings(max_examples=20)
@given(st.integers(0, 3 * SLOTS_A_WEEK), st.floats(0, 5), st.integers(0, 2**32 - 1), st.booleans())
def test_it_is_due_when_the_silence_has_its_length(
    after: int, gone: float, seed: int, sleeps: bool
) -> None:
    """The slot that is foretold is the first before which the sum over slots reaches the limit."""
    chance = by_day(0.2, 0.01) if sleeps else np.full(WEEKS * SLOTS_A_WEEK, 0.03)
    rhythm = learnt(drawn(chance, seed)[-80:])
    slot = rhythm.last + 1 + after
    due = rhythm.due(slot, gone, 1.0)
    left = rhythm.limit(1.0) - gone
    rates = rhythm.rates
    summed = sum(float(rates[hour_of_week(each)]) for each in range(slot, due))
    last = float(rates[hour_of_week(due - 1)])
    assert summed >= left - 1e-6 * max(1, left)
    assert summed - last <= left + 1e-6 * max(1, left) or due <= slot


EARLIER = struct.pack("<qqqdddd", 5_900_000, 5_900_100, 0, 30.0, 40.0, 50.0, 0.0) + bytes(672)
"""What the version before this one wrote, in front of the stream's name."""


@pytest.mark.parametrize("text", [b"something else", EARLIER + b"articles-of-all-agencies"])
def test_other_bytes_are_no_rhythm(text: bytes) -> None:
    """A key that somebody else wrote is noticed."""
    with pytest.raises(ValueError, match="not a rhythm"):
        SourceRhythm.unpacked(text)


def test_who_sends_once_a_week_is_known_and_told_while_silences_are_kept() -> None:
    """What it sent is not forgotten faster than it sends."""
    seen = SeenSlots(0, np.ones(31 * SLOTS_A_WEEK, np.bool_))
    rhythm = learnt([week * SLOTS_A_WEEK + 500 for week in range(30)], seen)
    assert rhythm.known
    assert 3 * SLOTS_A_WEEK < told_after(rhythm) < KEPT
