"""The state of each lane, as operators see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from service.store.client import Store, from_milliseconds
from service.store.keys import (
    BUNDLES,
    DELIVERIES,
    DIGEST_BUNDLE,
    DISABLED,
    HELD,
    LANE,
    LANE_STATE,
    LANES,
)
from service.store.lanes.health import OPEN_AFTER, DisabledMark, parse_mark

LaneStatus = Literal["ok", "new", "failing", "slow", "open", "paused", "disabled", "unknown"]


@dataclass(frozen=True, slots=True)
class LaneState:
    """One subscriber's lane at one time."""

    subscriber: str
    at: datetime
    """That time, by the Redis server's clock."""
    pending: int
    held: int
    """Events that its digest holds."""
    confirmed: bool
    """Whether the subscriber has ever accepted a delivery."""
    last_success: datetime | None
    """When it last did; None where that is not known."""
    slow: bool
    """Whether its last answer took longer than a second."""
    failures: int
    """In a row."""
    failing_since: datetime | None
    """The first of them."""
    next_probe: datetime | None
    """While the circuit is open: when the next attempt may start."""
    paused_until: datetime | None
    """Until when the receiver wants no deliveries (Retry-After)."""
    disabled: str
    """Why the subscriber is disabled; empty: it is not."""
    disabled_at: datetime | None

    def status(self, *, known: bool = True) -> LaneStatus:
        """The state in one word; `known`: whether the rules have the subscriber."""
        if not known:
            return "unknown"
        if self.disabled:
            return "disabled"
        if self.paused_until and self.paused_until > self.at:
            return "paused"
        if self.next_probe:
            return "open"
        if self.failures:
            return "failing"
        if self.slow:
            return "slow"
        return "ok" if self.confirmed else "new"

    @property
    def down_since(self) -> datetime | None:
        """When it began to fail, or was disabled; None where neither holds."""
        times = [each for each in (self.failing_since, self.disabled_at) if each]
        return min(times, default=None)


@dataclass(frozen=True, slots=True)
class LanesSummary:
    """What waits to be delivered from one stream."""

    at: datetime
    """When that was so, by the Redis server's clock."""
    waiting: int
    """Deliveries that are pending."""
    oldest: datetime | None
    """When the oldest of them was made; None: there is none."""
    open: tuple[tuple[str, datetime], ...]
    """Subscribers whose circuit is open, and since when they fail; the longest first."""


MAX_LANES = 1_000
"""Lanes that a summary looks at: those that are due first. A probe asks every few seconds."""


class _Waiting(NamedTuple):
    """What waits for a subscriber at a time, in the order of `LaneState`."""

    subscriber: str
    at: datetime
    pending: int
    held: int


class LaneStates:
    """Reads the state of one stream's lanes. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def names(self) -> set[str]:
        """The subscribers that have waiting deliveries or a digest, or that are disabled."""
        store = self._store
        async with store.guarded():
            waiting: Any = await store.redis.zrange(store.key(LANES), 0, -1)
            off: Any = await _any(store).hkeys(store.key(DISABLED))
            bundles: Any = await store.redis.zrange(store.key(BUNDLES), 0, -1)
        kept = DIGEST_BUNDLE.fill("").encode()
        digests = (each.removeprefix(kept) for each in bundles if each.startswith(kept))
        return {name.decode() for name in (*waiting, *off, *digests)}

    async def summary(self) -> LanesSummary:
        """How much waits, and the open circuits among the lanes that have something to send."""
        store = self._store
        async with store.guarded(), store.redis.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.zcard(store.key(DELIVERIES, "pending"))
            pipe.zrange(store.key(DELIVERIES, "pending"), 0, 0, withscores=True)
            pipe.zrange(store.key(LANES), 0, MAX_LANES - 1)
            (seconds, micros), waiting, first, names = await pipe.execute()
            for name in names:
                pipe.hmget(store.key(LANE_STATE, name.decode()), "failures", "failing_since")
            states = await pipe.execute()
        found = [
            (name.decode(), from_milliseconds(float(since)))
            for name, (failures, since) in zip(names, states, strict=True)
            if failures and since and int(failures) >= OPEN_AFTER
        ]
        at = from_milliseconds(seconds * 1000 + micros / 1000)
        oldest = from_milliseconds(first[0][1]) if first else None
        return LanesSummary(at, waiting, oldest, tuple(sorted(found, key=lambda one: one[1])))

    async def of(self, subscriber: str) -> LaneState:
        """The state of one subscriber's lane now."""
        store = self._store
        async with store.guarded(), store.redis.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.zcard(store.key(LANE, subscriber))
            pipe.hgetall(store.key(LANE_STATE, subscriber))
            pipe.hget(store.key(DISABLED), subscriber)
            pipe.zcard(store.key(HELD, DIGEST_BUNDLE.fill(subscriber)))
            (seconds, micros), pending, state, off, held = await pipe.execute()
        fields = {name.decode(): text.decode() for name, text in state.items()}
        at = from_milliseconds(seconds * 1000 + micros / 1000)
        return _lane_state(_Waiting(subscriber, at, pending, held), fields, off)


def _lane_state(waiting: _Waiting, fields: Mapping[str, str], off: bytes | None) -> LaneState:
    def time(name: str) -> datetime | None:
        return from_milliseconds(float(fields[name])) if name in fields else None

    disabled = parse_mark(off.decode(errors="replace")) if off else DisabledMark("", None)
    return LaneState(
        *waiting,
        confirmed="confirmed" in fields,
        last_success=time("last_success"),
        slow="slow" in fields,
        failures=int(fields.get("failures", 0)),
        failing_since=time("failing_since"),
        next_probe=time("next_probe"),
        paused_until=time("paused_until"),
        disabled=disabled.reason,
        disabled_at=disabled.at,
    )


def _any(store: Store) -> Any:  # its replies are typed for both of redis-py's clients
    return store.redis
