"""What the scripts of lanes take and return: JSON with named fields, times in ms.

Marks of disabled subscribers may be of any bytes where somebody wrote them: surrogates pass.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from service.alerts.alert import Event, rfc3339
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
from service.store.lanes.verdict import Completed, Postponed, RetryLater

_RECORDED = tuple(each.name for each in fields(Attempt) if each.name != "number")


@dataclass(frozen=True, slots=True)
class FoundLane:
    """A due lane, and the two texts that a lease compares with what Redis holds then."""

    lane: DueLane
    health: str
    pace: str


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


_MS = timedelta(milliseconds=1)
_TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def text_of(reply: bytes) -> str:
    """A text of Redis."""
    return reply.decode("utf-8", "surrogateescape")


def _to_json(value: object) -> bytes:
    return _TO_JSON.encode(value).encode("utf-8", "surrogateescape")


def parse_due(reply: bytes, lease: timedelta) -> DueLanes:
    """What `due.lua` returns; `lease`: how long all leases are."""
    found: dict[str, Any] = json.loads(text_of(reply))
    next_in = found.get("next_in")
    return DueLanes(
        now=time_at(float(found["now"])),
        lanes_in_all=found["lanes"],
        due=tuple(_found_lane(each, lease) for each in found["due"]),
        foreign=tuple(ForeignLane(name, key) for name, key in found["foreign"]),
        next_in=None if next_in is None else timedelta(milliseconds=next_in),
    )


def _found_lane(found: Mapping[str, Any], lease: timedelta) -> FoundLane:
    next_start, next_probe, paused_until = map(parse_time, found["pace"].split("\n"))
    first_lease_end = parse_time(found.get("first_lease_end", ""))
    lane = DueLane(
        name=found["name"],
        health=parse_health(found["health"]),
        due=found["due"],
        in_flight=found["in_flight"],
        first_lease_end=first_lease_end,
        oldest_start=first_lease_end - lease if first_lease_end else None,
        next_start=next_start,
        next_probe=next_probe,
        paused_until=paused_until,
    )
    return FoundLane(lane, found["health"], found["pace"])


def lease_request(
    request: LeaseRequest,
    allotments: Sequence[Allotment],
    found: Mapping[str, FoundLane],
    *,
    token: str,
    keep_ms: int,
) -> bytes:
    """What `lease.lua` takes; `found` are the lanes by their names."""
    return _to_json(
        {
            "lease": round(request.lease / _MS),
            "grace": max(0, round(request.takeover_grace / _MS)),
            "token": token,
            "started": rfc3339(request.at),
            "worker": request.worker,
            "keep": keep_ms,
            "lanes": [_lane_to_lease(each, found[each.lane.name]) for each in allotments],
        }
    )


def _lane_to_lease(allotment: Allotment, found: FoundLane) -> dict[str, object]:
    started: dict[str, str] = {}
    lane: dict[str, object] = {
        "name": allotment.lane.name,
        "health": found.health,
        "pace": found.pace,
        "deliveries": allotment.deliveries,
        "in_flight": allotment.lane.in_flight,
        "max_in_flight": allotment.max_in_flight,
        "look_again": _time(allotment.look_again) or 0,
        "fields": {},
        "start_fields": started,
    }
    if allotment.corrected_start:
        lane["fields"] = {"next_start": format_time(allotment.corrected_start)}
    if allotment.next_probe:
        started["next_probe"] = format_time(allotment.next_probe)
    if allotment.next_start:
        started["next_start"] = format_time(allotment.next_start)
        lane["next_start"] = _time(allotment.next_start)
    if allotment.lane.health.disabled:
        reason = parse_mark(allotment.lane.health.disabled).reason
        lane["refusal"] = f"its subscriber is disabled: {reason}"
    return lane


def parse_leased(
    row: Sequence[Any],
    event: LeasedEvent,
    allotment: Allotment,
    lane_health: str,
    *,
    token: str,
    now: datetime,
) -> Leased:
    """A delivery that `lease.lua` returns, of the lane with this allotment; `now`: Redis's time."""
    id_, _, _, attempt, base, forced, waited = row
    return Leased(
        id=id_.decode(),
        alert_id=event.id,
        subscriber=allotment.lane.name,
        attempt=attempt,
        step=attempt - base,
        body=event.body,
        token=token,
        impaired=allotment.impaired,
        leased_at=now,
        forced=bool(forced),
        forced_past=text_of(forced),
        lane_health=lane_health,
        waited=waited * _MS,
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


@dataclass(frozen=True, slots=True)
class SettleRequest:
    """What `settle.lua` takes."""

    lanes: bytes
    events: tuple[Event, ...]


def settle_request(decided: Sequence[tuple[LaneFacts, LaneStep]]) -> SettleRequest:
    """The request for lanes, and what was decided over the facts of each."""
    events: list[Event] = []
    lanes = [_lane_to_settle(facts, step, events) for facts, step in decided]
    return SettleRequest(_to_json(lanes), tuple(events))


def parse_changed(facts: LaneFacts, step: LaneStep, reply: Any) -> LaneFacts | None:
    """What `settle.lua` returns for a lane: None, or what Redis holds where that has changed."""
    if reply == 1:
        return None
    health, *states = map(text_of, reply)
    ids = [each.settlement.leased.id for each in step.steps]
    found = zip(ids, map(parse_delivery_state, states), strict=True)
    return LaneFacts(facts.subscriber, health, dict(found))


def _lane_to_settle(facts: LaneFacts, step: LaneStep, events: list[Event]) -> dict[str, object]:
    lane: dict[str, object] = {
        "name": facts.subscriber,
        "health": facts.health,
        "fields": step.fields(),
        "recovered": step.recovered,
        "deliveries": [_delivery_to_settle(each, events) for each in step.steps],
    }
    if step.after.disabled != step.before.disabled:
        lane["disabled"] = step.after.disabled
    return lane


def _delivery_to_settle(step: DeliveryStep, events: list[Event]) -> dict[str, object]:
    settlement = step.settlement
    leased, attempt, verdict = settlement.leased, settlement.attempt, settlement.verdict
    delivery: dict[str, object] = {
        "id": leased.id,
        "alert": leased.alert_id,
        "attempt": leased.attempt,
        "record": json.dumps({name: getattr(attempt, name) for name in _RECORDED}),
        "action": step.action,
    }
    if step.expected:
        delivery["expected"] = step.expected.text
    if not isinstance(verdict, Completed):
        delivery["note"] = verdict.reason if isinstance(verdict, Postponed) else attempt.error
    if isinstance(verdict, RetryLater | Postponed):
        delivery["delay"] = round(verdict.after / _MS)
    if step.action == "fail" and settlement.exhausted:
        events.append(settlement.exhausted)
        delivery["exhausted"] = len(events)
    if step.event == "disabled" and settlement.disabling:
        events.append(settlement.disabling)
        delivery["disabling"] = len(events)
    return delivery


def _time(at: datetime | None) -> float | None:
    return at.timestamp() * 1000 if at else None
