"""The lanes of deliveries in Redis, one for each subscriber: lease, settle, wait.

A delivery is leased, sent, and settled. When a lease ends without that, the delivery is due again,
so a worker that dies loses none. All times are the Redis server's.

Each decision about a lane is a function over what Redis holds (`allotment`, `settlement`). A script
writes it only where that is still what Redis holds (ADR 0026).
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import structlog

from service.alerts.alert import rfc3339
from service.errors import StoreError
from service.store.client import Argument, Store, span_milliseconds
from service.store.commit.event_plan import event_arguments
from service.store.commit.portions import Portions
from service.store.keys import ALERT, BELL, DELIVERY
from service.store.lanes.allotment import Allotment, DueLane, LaneLimits, allot
from service.store.lanes.health import (
    DISABLE_AFTER,
    PROBE_EVERY,
    disabled_mark,
    parse_health,
    time_at,
)
from service.store.lanes.leases import Leased, LeaseRequest, LeaseResult, parse_event
from service.store.lanes.scripts import (
    DueLanes,
    LaneFacts,
    lease_request,
    parse_changed,
    parse_due,
    parse_leased,
    settle_request,
)
from service.store.lanes.settlement import (
    DeliveryState,
    LaneStep,
    Settled,
    Settlement,
    settle_lane,
)

MAX_BLOCK = timedelta(seconds=2)
"""How long a command may wait at the server: well below redis-py's socket timeout (5 s)."""
MAX_LANES = 100
"""Lanes that one lease looks at: those that have waited longest."""
FRUITLESS_LOOK = timedelta(milliseconds=20)
MAX_FRUITLESS_LOOK = timedelta(milliseconds=250)
"""Until the next look where lanes are due and none can be served: longer after each such look."""
MAX_DECISIONS = 20
"""How often a settlement is decided again because other workers changed its lane meanwhile."""

log = structlog.get_logger(__name__)


class Lanes:
    """One stream's lanes. Raises StoreError, and redis-py's own errors.

    `keep` is for how long an ended delivery is kept; `disable_after` how long a receiver may fail
    without a success until its subscriber is disabled.
    """

    def __init__(
        self,
        store: Store,
        portions: Portions,
        keep: timedelta,
        disable_after: timedelta = DISABLE_AFTER,
    ) -> None:
        self._store = store
        self._portions = portions
        self._keep_ms = span_milliseconds(keep)
        self._disable_after = disable_after
        self._left_alone: set[str] = set()  # subscribers that this worker does not know
        self._fruitless_looks = 0
        """Leases in a row that found lanes due, and started no delivery."""
        self._clock_offset: float | None = None
        """Seconds from the event loop's clock to the Redis server's, as the last reply had it."""

    async def lease(
        self, request: LeaseRequest, limits_of: Callable[[str], LaneLimits]
    ) -> LeaseResult:
        """Take deliveries that are due, as many as there are slots; each starts an attempt.

        `limits_of` gives the limits of a subscriber's lane. A delivery that cannot be read is taken
        out of its lane and logged; a lane that cannot be read waits until it can. Neither holds up
        others.
        """
        due = await self._find_due(request, limits_of)
        if due.has_portions:  # whoever committed their event has ended, or is writing others
            await self._portions.write()
        for lane in due.foreign:
            name, key, seconds = lane.subscriber, lane.key, PROBE_EVERY.total_seconds()
            log.error("lane.unreadable", subscriber_id=name, key=key, next_in=seconds)
        if not due.due and not due.foreign:
            self._fruitless_looks = 0
            return LeaseResult((), due.next_in)
        lanes = [each.lane for each in due.due if not self._leaves(each.lane, limits_of)]
        if not lanes and due.due:
            return LeaseResult((), timedelta(0))  # the next look passes them over
        allotments = allot(
            lanes, limits_of, request.slots, now=due.now, lanes_in_all=due.lanes_in_all
        )
        leased = await self._start(request, due, allotments) if allotments else ()
        self._fruitless_looks = 0 if leased else self._fruitless_looks + 1
        pause = FRUITLESS_LOOK * max(0, self._fruitless_looks - 1)
        return LeaseResult(leased, min(pause, MAX_FRUITLESS_LOOK))

    def _leaves(self, lane: DueLane, limits_of: Callable[[str], LaneLimits]) -> bool:
        """Whether the lane is left to others: this worker does not know its subscriber."""
        leaves = limits_of(lane.name).unknown and not lane.health.disabled
        if leaves:
            self._left_alone.add(lane.name)
        return leaves

    async def _find_due(
        self, request: LeaseRequest, limits_of: Callable[[str], LaneLimits]
    ) -> DueLanes:
        self._left_alone = {name for name in self._left_alone if limits_of(name).unknown}
        # As many lanes as can be served. After a fruitless look, more: a lane that can be served
        # may wait behind many that cannot.
        most = MAX_LANES if self._fruitless_looks else min(MAX_LANES, max(10, request.slots.free))
        args: list[Argument] = [most, span_milliseconds(request.max_delay)]
        args += [span_milliseconds(request.lease), json.dumps(sorted(self._left_alone))]
        due = parse_due(await self._store.run("lanes/due", args), request.lease)
        self._set_clock(due.now)
        return due

    async def _start(
        self, request: LeaseRequest, due: DueLanes, allotments: Sequence[Allotment]
    ) -> tuple[Leased, ...]:
        token = secrets.token_hex(8)
        found = {each.lane.name: each for each in due.due}
        asked = lease_request(request, allotments, found, token=token, keep_ms=self._keep_ms)
        now, events, rows, unreadable, vanished = await self._store.run("lanes/lease", asked)
        for id_, subscriber in vanished:
            lost, name = id_.decode(), subscriber.decode()
            log.error("delivery.vanished", delivery_id=lost, subscriber_id=name)
        for id_, subscriber, key in unreadable:
            log.error(
                "delivery.unreadable",
                delivery_id=id_.decode(),
                subscriber_id=subscriber.decode(),
                key=key.decode(),
            )
        at, pairs = float(now), zip(events[::2], events[1::2], strict=True)
        sent = [parse_event(facts, body, at) for facts, body in pairs]
        lanes = {each.lane.name: (each, found[each.lane.name].health) for each in allotments}
        return tuple(parse_leased(each, sent, lanes, token=token, now=at) for each in rows)

    async def settle(self, settlements: Sequence[Settlement], *, at: datetime) -> list[Settled]:
        """Record attempts and what becomes of their deliveries; `at`: of the reports about them.

        A lane is settled wholly or not. Where it has changed since its deliveries were leased, it
        is decided again over what Redis holds now.
        """
        now = await self._server_now()
        lanes: dict[str, list[Settlement]] = {}
        for one in settlements:
            lanes.setdefault(one.leased.subscriber, []).append(one)
        facts = [_as_leased(name, each) for name, each in lanes.items()]
        found: dict[int, Settled] = {}
        for _ in range(MAX_DECISIONS):
            steps = [self._decide(each, lanes[each.subscriber], now) for each in facts]
            changed = await self._write(facts, steps, at)
            for each, changed_facts in zip(steps, changed, strict=True):
                if changed_facts is None:
                    found |= {id(s.settlement): s.settled for s in each.steps}
            facts = [each for each in changed if each is not None]
            if not facts:
                return [found[id(one)] for one in settlements]
        names = ", ".join(each.subscriber for each in facts)
        raise StoreError(f"other workers changed these lanes all the time: {names}")

    def _decide(self, facts: LaneFacts, lane: Sequence[Settlement], now: datetime) -> LaneStep:
        health, disable_after = parse_health(facts.health), self._disable_after
        return settle_lane(health, lane, facts.deliveries, at=now, disable_after=disable_after)

    async def _write(
        self, facts: Sequence[LaneFacts], steps: Sequence[LaneStep], at: datetime
    ) -> list[LaneFacts | None]:
        """Write the steps; for each lane None, or what Redis holds where that has changed."""
        lanes, events = settle_request([*zip(facts, steps, strict=True)])
        timestamp = rfc3339(at)
        args: list[Argument] = [timestamp, self._keep_ms, len(events)]
        for event in events:
            args += event_arguments(event, timestamp)
        args += lanes
        replies: Any = await self._store.run("lanes/settle", args, self._records(steps))
        return [parse_changed(*each) for each in zip(facts, steps, replies, strict=True)]

    def _records(self, steps: Sequence[LaneStep]) -> Iterator[str]:
        """Keys that the script reads, for errors that name the one of a wrong type."""
        for each in chain.from_iterable(step.steps for step in steps):
            leased = each.settlement.leased
            yield self._store.key(ALERT, leased.alert_id)
            yield self._store.key(DELIVERY, leased.id)

    async def wait(self, longest: timedelta) -> None:
        """Wait until a commit of any process rings the bell, at most so long.

        Returns after MAX_BLOCK in any case.
        """
        # Below a millisecond the server would take it as 0, which is for ever.
        seconds = max(0.001, min(longest, MAX_BLOCK).total_seconds())
        async with self._store.guarded():
            await self._store.redis.blpop([self._store.key(BELL)], timeout=seconds)

    async def enable(self, subscriber: str) -> bool:
        """Let a subscriber have deliveries, as if nothing had gone wrong; whether anything had."""
        return await self._switch(subscriber, "")

    async def disable(self, subscriber: str, reason: str, *, at: datetime) -> bool:
        """Send a subscriber nothing: a delivery that becomes due fails. Whether that is new."""
        return await self._switch(subscriber, disabled_mark(reason, at))

    async def _switch(self, subscriber: str, mark: str) -> bool:
        return bool(await self._store.run("lanes/enable", [subscriber, mark]))

    async def _server_now(self) -> datetime:
        offset = self._clock_offset
        if offset is None:
            async with self._store.guarded():
                seconds, microseconds = await self._store.redis.time()
            offset = self._set_clock(time_at(seconds * 1000 + microseconds / 1000))
        return time_at(1000 * (asyncio.get_running_loop().time() + offset))

    def _set_clock(self, server_now: datetime) -> float:
        self._clock_offset = server_now.timestamp() - asyncio.get_running_loop().time()
        return self._clock_offset


def _as_leased(subscriber: str, lane: Sequence[Settlement]) -> LaneFacts:
    """What Redis held when these deliveries of a lane were leased."""
    leased = [one.leased for one in lane]
    states = {
        one.id: DeliveryState("pending", one.token, one.forced_past) for one in reversed(leased)
    }
    return LaneFacts(subscriber, leased[-1].lane_health, states)
