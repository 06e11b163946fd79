"""What the scripts of lanes take and return: arguments one after the other, and texts of lines.

Times are in ms. The server is spared to make objects of texts, and numbers texts. Marks of disabled
subscribers may be of any bytes where somebody wrote them: surrogates pass.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from service.alerts.alert import Event, rfc3339
from service.store.client import Argument
from service.store.deliveries.delivery import Attempt
from service.store.lanes.allotment import Allotment, DueLane, ForeignLane
from service.store.lanes.health import format_time, parse_health, parse_mark, parse_time, time_at
from service.store.lanes.leases import Leased, LeasedEvent, LeaseRequest
from service.store.lanes.settlement import (
    DeliveryState,
    DeliveryStep,
    LaneStep,
    parse_delivery_state,
)
from service.store.lanes.verdict import Postponed, RetryLater

_RECORDED = tuple(each.name for each in fields(Attempt) if each.name != "number")
_GOING_ON = ("retry", "fail", "postpone")
"""Actions of which the script takes more than of others."""
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class FoundLane:
    """A due lane, and the text that a lease compares with what Redis holds then."""

    lane: DueLane
    facts: str

    @property
    def health(self) -> str:
        """The part of the facts that `parse_health` reads."""
        return self.facts.split("\n", 3)[3]


@dataclass(frozen=True, slots=True)
class DueLanes:
    """What `due.lua` found."""

    now: datetime
    """By the Redis server's clock."""
    lanes_in_all: int
    due: tuple[FoundLane, ...]
    foreign: tuple[ForeignLane, ...]
    next_in: timedelta | None
    """When the next lane is due after these; None: there is none."""
    has_portions: bool
    """Whether deliveries of events for very many are not written yet."""


def text_of(reply: bytes) -> str:
    """A text of Redis."""
    return reply.decode("utf-8", "surrogateescape")


def _bytes_of(text: str) -> bytes:
    """The reverse of `text_of`."""
    return text.encode("utf-8", "surrogateescape")


def parse_due(reply: Sequence[Any], lease: timedelta) -> DueLanes:
    """What `due.lua` returns; `lease`: how long all leases are."""
    now, lanes_in_all, next_in, foreign, due, has_portions = reply
    return DueLanes(
        now=time_at(float(now)),
        lanes_in_all=lanes_in_all,
        due=tuple(_found_lane(text_of(each), lease) for each in due),
        foreign=tuple(ForeignLane(name.decode(), key.decode()) for name, key in foreign),
        next_in=timedelta(milliseconds=int(next_in)) if next_in != b"" else None,
        has_portions=bool(has_portions),
    )


def _found_lane(text: str, lease: timedelta) -> FoundLane:
    name, in_flight, due, first_end, facts = text.split("\n", 4)
    *times, health = facts.split("\n", 3)
    next_start, next_probe, paused_until = map(parse_time, times)
    first_lease_end = parse_time(first_end)
    lane = DueLane(
        name=name,
        health=parse_health(health),
        due=int(due),
        in_flight=int(in_flight),
        first_lease_end=first_lease_end,
        oldest_start=first_lease_end - lease if first_lease_end else None,
        next_start=next_start,
        next_probe=next_probe,
        paused_until=paused_until,
    )
    return FoundLane(lane, facts)


def lease_request(
    request: LeaseRequest,
    allotments: Sequence[Allotment],
    found: Mapping[str, FoundLane],
    *,
    token: str,
    keep_ms: int,
) -> list[Argument]:
    """What `lease.lua` takes; `found` are the lanes by their names."""
    grace = max(0, round(request.takeover_grace / _MS))
    args: list[Argument] = [round(request.lease / _MS), grace, token]
    args += [rfc3339(request.at), request.worker, keep_ms]
    for each in allotments:
        args += _lane_to_lease(each, found[each.lane.name])
    return args


def _lane_to_lease(allotment: Allotment, found: FoundLane) -> Iterator[Argument]:
    lane = allotment.lane
    yield lane.name
    yield _bytes_of(found.facts)
    yield lane.in_flight
    yield allotment.deliveries
    yield allotment.max_in_flight
    yield _time(allotment.look_again) or 0
    if lane.health.disabled:
        reason = parse_mark(lane.health.disabled).reason
        yield _bytes_of(f"its subscriber is disabled: {reason}")
    else:
        yield ""
    yield _time(allotment.corrected_start)
    yield _time(allotment.next_start)
    yield _time(allotment.next_probe)


def parse_leased(
    reply: bytes,
    events: Sequence[LeasedEvent],
    lanes: Mapping[str, tuple[Allotment, str]],
    *,
    token: str,
    now: float,
) -> Leased:
    """A delivery that `lease.lua` returns.

    `lanes`: by subscriber, what was allotted and the lane's health; `now`: Redis's time (ms).
    """
    id_, number, name, attempts, base, due, forced = text_of(reply).split("\n", 6)
    event, (allotment, lane_health) = events[int(number)], lanes[name]
    return Leased(
        id=id_,
        alert_id=event.id,
        subscriber=allotment.lane.name,
        attempt=int(attempts) + 1,
        step=int(attempts) + 1 - int(base),
        body=event.body,
        token=token,
        impaired=allotment.impaired,
        leased_at=time_at(now),
        forced=bool(forced),
        forced_past=forced,
        lane_health=lane_health,
        waited=math.floor(now - float(due)) * _MS,
        since_added=event.since_added,
        trace=event.trace,
    )


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """What a settlement of a lane rests on."""

    subscriber: str
    health: str
    """As Redis holds it."""
    deliveries: Mapping[str, DeliveryState]
    """By their ids."""


def settle_request(
    decided: Sequence[tuple[LaneFacts, LaneStep]],
) -> tuple[list[Argument], list[Event]]:
    """The lanes and the events that `settle.lua` takes; what was decided over the facts of each."""
    events: list[Event] = []
    args: list[Argument] = [len(decided)]
    for facts, step in decided:
        args += _lane_to_settle(facts, step, events)
    return args, events


def parse_changed(facts: LaneFacts, step: LaneStep, reply: Any) -> LaneFacts | None:
    """What `settle.lua` returns for a lane: None, or what Redis holds where that has changed."""
    if reply == 1:
        return None
    health, *states = map(text_of, reply)
    ids = [each.settlement.leased.id for each in step.steps]
    found = zip(ids, map(parse_delivery_state, states), strict=True)
    return LaneFacts(facts.subscriber, health, dict(found))


def _lane_to_settle(facts: LaneFacts, step: LaneStep, events: list[Event]) -> Iterator[Argument]:
    yield facts.subscriber
    yield _bytes_of(facts.health)
    changed = step.fields()
    yield len(changed)
    for name, text in changed.items():
        yield name
        yield text
    is_same = step.after.disabled == step.before.disabled
    yield b"" if is_same else b"=" + _bytes_of(step.after.disabled)
    yield "1" if step.recovered else ""
    yield len(step.steps)
    for each in step.steps:
        yield from _delivery_to_settle(each, events)


def _delivery_to_settle(step: DeliveryStep, events: list[Event]) -> Iterator[Argument]:
    settlement = step.settlement
    leased, attempt, verdict = settlement.leased, settlement.attempt, settlement.verdict
    yield leased.id
    yield leased.alert_id
    yield _bytes_of(step.expected.text) if step.expected else ""
    yield leased.attempt
    yield json.dumps({name: getattr(attempt, name) for name in _RECORDED})
    yield step.action
    if step.action not in _GOING_ON:
        return
    after = verdict.after if isinstance(verdict, RetryLater | Postponed) else timedelta(0)
    yield _bytes_of(verdict.reason if isinstance(verdict, Postponed) else attempt.error)
    yield round(after / _MS)
    yield _number(settlement.exhausted if step.action == "fail" else None, events)
    yield _number(settlement.disabling if step.event == "disabled" else None, events)


def _number(event: Event | None, events: list[Event]) -> int:
    """The number that the event gets among these, from 1; 0: there is none."""
    if event is None:
        return 0
    events.append(event)
    return len(events)


def _time(at: datetime | None) -> str:
    return format_time(at) if at else ""
