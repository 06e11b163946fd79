"""How many deliveries each due lane may start now, and when the others are looked at again.

The rules, in their order: a pause that the receiver
asked for and the probes of an open circuit are kept; so is the limit of deliveries in flight, one
before the first success and after a failure; lanes that are failing or slow get a share of the
worker's slots together; each lane gets a fair share of them; a rate is one delivery at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.store.lanes.health import PROBE_EVERY, SLOW_FROM, LaneHealth

LOOK_AGAIN_MIN = timedelta(milliseconds=250)
LOOK_AGAIN_PER_LANE = timedelta(milliseconds=1)
LOOK_AGAIN_MAX = timedelta(seconds=10)
"""Until a lane is looked at again for which there was no slot: the more lanes there are, the
later. A worker whose slots are used up would do nothing but look at lanes."""
KEEP_ORDER = timedelta(microseconds=1)
"""Between two such lanes: they come up together, in the order in which they have waited."""


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """How fast a lane may be served."""

    max_in_flight: int = 4
    """Deliveries that are being sent at once."""
    max_in_flight_unconfirmed: int = 1
    """The same before the lane's first success, and after a failure until the next success."""
    min_gap: timedelta = timedelta(0)
    """Between the starts of two deliveries; zero: none."""
    unknown: bool = False
    """Whether the rules of this worker do not have the subscriber: the lane is left to others. Its
    deliveries are refused all the same while the subscriber is disabled."""


@dataclass(frozen=True, slots=True)
class DueLane:
    """A lane that has a delivery due, as Redis holds it."""

    name: str
    """The subscriber's id."""
    health: LaneHealth
    due: int
    """Deliveries that are due."""
    in_flight: int
    """Deliveries that a worker is sending."""
    first_lease_end: datetime | None = None
    """When the first lease of these ends."""
    oldest_start: datetime | None = None
    """When the first of these was leased."""
    next_start: datetime | None = None
    """From when its rate allows a delivery."""
    next_probe: datetime | None = None
    """From when its open circuit allows an attempt."""
    paused_until: datetime | None = None
    """Until when its receiver wants no deliveries."""


@dataclass(frozen=True, slots=True)
class ForeignLane:
    """A lane that cannot be read: a key of it holds something else."""

    subscriber: str
    key: str


@dataclass(frozen=True, slots=True)
class Slots:
    """What a worker can start now."""

    free: int
    """Deliveries."""
    for_impaired: int
    """How many of these for lanes that are failing or slow."""
    idle_lanes_only: bool = False
    """Whether only lanes with nothing in flight get any, one each."""


@dataclass(frozen=True, slots=True)
class Allotment:
    """What one lane may start, and what is written to it."""

    lane: DueLane
    deliveries: int = 0
    """How many may start now."""
    max_in_flight: int = 0
    impaired: bool = False
    """Whether the lane is failing or slow."""
    look_again: datetime | None = None
    """No look before; None: when its next delivery is due."""
    next_start: datetime | None = None
    """From when the lane's rate allows a delivery, once one has started."""
    next_probe: datetime | None = None
    """The same for its open circuit."""
    corrected_start: datetime | None = None
    """Replaces a time of the lane's rate that was too far ahead: a clock was set back."""


def allot(
    lanes: Sequence[DueLane],
    limits_of: Callable[[str], LaneLimits],
    slots: Slots,
    *,
    now: datetime,
    lanes_in_all: int,
) -> list[Allotment]:
    """What each lane gets, in their order, until the slots are used up."""
    pause = min(LOOK_AGAIN_MIN + lanes_in_all * LOOK_AGAIN_PER_LANE, LOOK_AGAIN_MAX)
    fair_share = max(1, slots.free // max(1, len(lanes)))
    free, for_impaired = slots.free, slots.for_impaired
    allotments: list[Allotment] = []
    for number, lane in enumerate(lanes, 1):
        if free < 1:
            break
        left = Slots(min(free, fair_share), for_impaired, slots.idle_lanes_only)
        later = now + pause + number * KEEP_ORDER
        allotment = allot_lane(lane, limits_of(lane.name), left, now=now, later=later)
        free -= allotment.deliveries
        if allotment.impaired:
            for_impaired -= allotment.deliveries
        allotments.append(allotment)
    return allotments


def allot_lane(
    lane: DueLane, limits: LaneLimits, slots: Slots, *, now: datetime, later: datetime
) -> Allotment:
    """What one lane gets of these slots; `later`: when to look again if there is no slot for it."""
    if limits.unknown:  # and disabled
        return Allotment(lane, look_again=later if lane.due == 0 else None)
    for barrier in (lane.paused_until, lane.next_probe if lane.health.is_open else None):
        if barrier and barrier > now:
            return Allotment(lane, look_again=barrier)
    impaired = is_impaired(lane, now)
    if impaired and slots.for_impaired < 1:
        return Allotment(lane, impaired=True, look_again=later)
    careful = lane.health.failures or not lane.health.confirmed
    most = limits.max_in_flight_unconfirmed if careful else limits.max_in_flight
    if slots.idle_lanes_only:
        if 0 < lane.in_flight < most:
            return Allotment(lane, impaired=impaired, look_again=later)
        most = 1
    room = most - lane.in_flight
    if room < 1:
        return Allotment(lane, impaired=impaired, look_again=lane.first_lease_end or later)
    if limits.min_gap and lane.next_start and lane.next_start > now:
        latest = now + limits.min_gap
        corrected = latest if lane.next_start > latest else None
        next_start = corrected or lane.next_start
        return Allotment(lane, impaired=impaired, look_again=next_start, corrected_start=corrected)
    share = min(slots.free, slots.for_impaired) if impaired else slots.free
    return Allotment(
        lane,
        deliveries=min(lane.due, 1 if limits.min_gap else room, share),
        max_in_flight=most,
        impaired=impaired,
        next_start=now + limits.min_gap if limits.min_gap else None,
        next_probe=now + PROBE_EVERY if lane.health.is_open else None,
    )


def is_impaired(lane: DueLane, now: datetime) -> bool:
    """Whether the lane is failing or slow; one that keeps a delivery waiting is slow already."""
    waits = lane.oldest_start is not None and now - lane.oldest_start >= SLOW_FROM
    return lane.health.failures > 0 or lane.health.slow or waits
