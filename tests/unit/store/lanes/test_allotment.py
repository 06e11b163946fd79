"""How many deliveries each due lane may start, and when the others are looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.store.lanes.allotment import (
    Allotment,
    DueLane,
    LaneLimits,
    Slots,
    allot,
    allot_lane,
    is_impaired,
)
from service.store.lanes.health import OPEN_AFTER, PROBE_EVERY, LaneHealth

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)
SECOND = timedelta(seconds=1)
HEALTHY = LaneHealth(confirmed=True)
FAILING = LaneHealth(failures=1, failing_since=NOON, confirmed=True)
OPEN = replace(FAILING, failures=OPEN_AFTER)
LANE = DueLane("desk", HEALTHY, due=9, in_flight=0)
MANY = Slots(100, 100)
LIMITS = LaneLimits()
END = NOON + timedelta(seconds=40)


def one(lane: DueLane, limits: LaneLimits = LIMITS, slots: Slots = MANY) -> Allotment:
    """What a lane gets at noon."""
    return allot_lane(lane, limits, slots, now=NOON, later=LATER)


@pytest.mark.parametrize(
    ("health", "in_flight", "due", "deliveries"),
    [
        (HEALTHY, 0, 9, 4),
        (HEALTHY, 3, 9, 1),
        (HEALTHY, 0, 2, 2),
        (LaneHealth(), 0, 9, 1),
        (FAILING, 0, 9, 1),
        (OPEN, 0, 9, 1),
    ],
)
def test_a_lane_has_four_in_flight_and_one_while_unconfirmed_or_failing(
    health: LaneHealth, in_flight: int, due: int, deliveries: int
) -> None:
    """And never more than are due."""
    found = one(replace(LANE, health=health, in_flight=in_flight, due=due))
    assert (found.deliveries, found.look_again) == (deliveries, None)


def test_a_full_lane_is_looked_at_when_a_lease_ends() -> None:
    """A settlement brings it back earlier."""
    found = one(replace(LANE, in_flight=4, first_lease_end=END))
    assert (found.deliveries, found.look_again) == (0, END)


def test_a_pause_is_kept_whatever_the_health() -> None:
    """Until its end, and no longer."""
    assert one(replace(LANE, paused_until=END)) == Allotment(
        replace(LANE, paused_until=END), look_again=END
    )
    assert one(replace(LANE, paused_until=NOON)).deliveries == 4


def test_an_open_circuit_is_probed_once_a_minute() -> None:
    """A probe that is due goes out, and puts the next one off."""
    waiting = one(replace(LANE, health=OPEN, next_probe=END))
    assert (waiting.deliveries, waiting.look_again) == (0, END)
    probing = one(replace(LANE, health=OPEN, next_probe=NOON))
    assert (probing.deliveries, probing.next_probe) == (1, NOON + PROBE_EVERY)


def test_a_closed_circuit_has_no_probes() -> None:
    """A time that was left behind holds nothing up."""
    found = one(replace(LANE, next_probe=END))
    assert (found.deliveries, found.next_probe) == (4, None)


def test_a_rate_is_one_delivery_at_a_time() -> None:
    """The next one a gap later."""
    rate = LaneLimits(min_gap=SECOND)
    first = one(LANE, rate)
    assert (first.deliveries, first.next_start) == (1, NOON + SECOND)
    early = one(replace(LANE, next_start=NOON + SECOND / 2), rate)
    assert (early.deliveries, early.look_again) == (0, NOON + SECOND / 2)
    assert early.corrected_start is None


def test_a_gap_that_is_too_long_is_corrected() -> None:
    """A clock was set back: no lane waits for longer than its gap."""
    found = one(replace(LANE, next_start=NOON + 10 * SECOND), LaneLimits(min_gap=SECOND))
    assert found.look_again == found.corrected_start == NOON + SECOND


def test_the_lane_of_an_unknown_subscriber_starts_nothing() -> None:
    """Where it is disabled, its deliveries are refused; else its lane is left to other workers."""
    found = one(LANE, LaneLimits(unknown=True))
    assert (found.deliveries, found.max_in_flight, found.look_again) == (0, 0, None)


@pytest.mark.parametrize(
    ("in_flight", "deliveries", "look_again"), [(0, 1, None), (1, 0, LATER), (4, 0, END)]
)
def test_the_last_slots_go_to_idle_lanes(
    in_flight: int, deliveries: int, look_again: datetime | None
) -> None:
    """One each."""
    end = END if in_flight else None
    lane = replace(LANE, in_flight=in_flight, first_lease_end=end)
    found = one(lane, slots=Slots(10, 10, idle_lanes_only=True))
    assert (found.deliveries, found.look_again) == (deliveries, look_again)


@pytest.mark.parametrize(
    ("lane", "impaired"),
    [
        (LANE, False),
        (replace(LANE, health=FAILING), True),
        (replace(LANE, health=replace(HEALTHY, slow=True)), True),
        (replace(LANE, in_flight=1, oldest_start=NOON - SECOND), True),
        (replace(LANE, in_flight=1, oldest_start=NOON - SECOND * 0.9), False),
    ],
)
def test_a_lane_is_impaired_that_fails_or_is_slow(lane: DueLane, impaired: bool) -> None:
    """Or that has kept one delivery waiting for a second."""
    assert is_impaired(lane, NOON) == impaired
    assert one(lane, slots=Slots(9, 0)).look_again == (LATER if impaired else None)


def test_an_impaired_lane_gets_no_slot_of_the_healthy() -> None:
    """However many are free."""
    slow = replace(LANE, health=replace(HEALTHY, slow=True))
    assert one(slow, slots=Slots(9, 2)).deliveries == 2
    assert one(LANE, slots=Slots(3, 0)).deliveries == 3


LANES = st.builds(
    DueLane,
    name=st.just("desk"),
    health=st.sampled_from((HEALTHY, FAILING, LaneHealth(), replace(HEALTHY, slow=True))),
    due=st.integers(0, 20),
    in_flight=st.integers(0, 6),
)


@given(st.lists(LANES, max_size=40), st.integers(0, 50), st.integers(0, 50))
def test_no_more_is_allotted_than_there_is(
    lanes: list[DueLane], free: int, for_impaired: int
) -> None:
    """In all, to impaired lanes, and to each lane; lanes that are reached late are left as due."""
    slots = Slots(free, min(free, for_impaired))
    found = allot(lanes, lambda _: LIMITS, slots, now=NOON, lanes_in_all=len(lanes))
    assert sum(each.deliveries for each in found) <= slots.free
    assert sum(each.deliveries for each in found if each.impaired) <= slots.for_impaired
    for each in found:
        assert 0 <= each.deliveries <= max(0, each.max_in_flight - each.lane.in_flight)
        assert each.deliveries <= each.lane.due
    if len(found) < len(lanes):
        assert sum(each.deliveries for each in found) == slots.free


def test_a_long_lane_leaves_room_for_the_others() -> None:
    """Each has a fair share of the slots."""
    lanes = [replace(LANE, name=f"s{n}", due=100) for n in range(5)]
    generous = LaneLimits(max_in_flight=100)
    found = allot(lanes, lambda _: generous, Slots(10, 10), now=NOON, lanes_in_all=5)
    assert [each.deliveries for each in found] == [2] * 5


def test_the_more_lanes_there_are_the_later_one_without_a_slot_is_looked_at() -> None:
    """From a quarter of a second to ten, and in the order in which they have waited."""
    lanes = [replace(LANE, name=f"s{n}", health=FAILING) for n in range(3)]
    for in_all, pause in ((3, 0.253), (1000, 1.25), (50_000, 10.0)):
        found = allot(lanes, lambda _: LIMITS, Slots(9, 0), now=NOON, lanes_in_all=in_all)
        looks = [each.look_again for each in found if each.look_again]
        assert looks == sorted(looks)
        assert all(0 <= (at - NOON).total_seconds() - pause < 0.001 for at in looks)
        assert len(set(looks)) == 3
