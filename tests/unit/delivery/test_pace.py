"""Turns: who waits a moment, who comes back later, and that nobody is forgotten."""

from __future__ import annotations

import heapq
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.delivery.pace import Pace
from service.store.lanes.verdict import Postponed


def a_pace() -> Pace:
    """One turn a second, for which a delivery waits a second at most."""
    return Pace(timedelta(seconds=1), timedelta(seconds=1), "one a second")


def test_the_first_goes_at_once_and_the_second_waits() -> None:
    """A turn that is near is waited for."""
    pace = a_pace()
    assert pace.take_turn("hook", 100.0) == timedelta(0)
    assert pace.take_turn("hook", 100.25) == timedelta(seconds=0.75)


def test_the_others_come_back_one_after_another() -> None:
    """A burst is spread, so that it does not come back as a burst."""
    pace = a_pace()
    outcomes = [pace.take_turn("hook", 100.0) for _ in range(5)]
    assert outcomes == [
        timedelta(0),
        timedelta(seconds=1),
        Postponed(timedelta(seconds=3.0), "one a second"),
        Postponed(timedelta(seconds=4.0), "one a second"),
        Postponed(timedelta(seconds=5.0), "one a second"),
    ]


def test_one_receiver_does_not_wait_for_another() -> None:
    """Each has turns of its own."""
    pace = a_pace()
    pace.take_turn("hook", 100.0)
    assert pace.take_turn("other", 100.0) == timedelta(0)


def test_who_asked_to_be_left_alone_is() -> None:
    """No turn begins before that."""
    pace = a_pace()
    pace.block_until("hook", 130.0)
    assert pace.take_turn("hook", 100.0) == Postponed(timedelta(seconds=31.0), "one a second")
    assert pace.take_turn("hook", 130.0) == timedelta(0)


def test_who_was_served_and_asks_to_be_left_alone_is() -> None:
    """Also where turns are known; an earlier time does not bring the later one forward."""
    pace = a_pace()
    pace.take_turn("hook", 100.0)
    pace.block_until("hook", 130.0)
    pace.block_until("hook", 110.0)
    assert pace.take_turn("hook", 112.0) == Postponed(timedelta(seconds=19.0), "one a second")
    assert pace.take_turn("hook", 129.5) == timedelta(seconds=0.5)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_every_delivery_has_its_turn_and_no_two_have_the_same(arrivals: list[float]) -> None:
    """Whenever deliveries come, all go, at least a second apart, and soon after each other."""
    pace, sent = a_pace(), []
    waiting = sorted(arrivals)
    while waiting:
        now = heapq.heappop(waiting)
        turn = pace.take_turn("hook", now)
        if isinstance(turn, Postponed):
            assert turn.after > timedelta(0)
            heapq.heappush(waiting, now + turn.after.total_seconds())
        else:
            sent.append(now + turn.total_seconds())
    sent.sort()
    assert len(sent) == len(arrivals)
    assert all(later - earlier > 0.999 for earlier, later in pairwise(sent))
    assert sent[-1] <= max(arrivals) + 2 * len(arrivals) + 2
