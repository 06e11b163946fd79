"""How the lanes stand: what an operator is told of each, and why a delivery waits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from service.store.client import Store, from_milliseconds
from service.store.keys import DISABLED, LANE, LANE_STATE, LANES

Standing = Literal["ok", "new", "doubtful", "slow", "open", "resting", "disabled", "unknown"]


@dataclass(frozen=True, slots=True)
class LaneState:
    """One subscriber's lane at one moment."""

    subscriber: str
    at: datetime
    """The moment, by the Redis server's clock."""
    pending: int
    proven: bool
    """Whether the subscriber has ever taken anything."""
    succeeded: datetime | None
    """When it last did, if that is known."""
    slow: bool
    """Whether its last answer took longer than a second."""
    failures: int
    """In a row."""
    failing_since: datetime | None
    """The first of them."""
    probe: datetime | None
    """While the circuit is open: when the next attempt may be made."""
    rest: datetime | None
    """Until when the receiver asked to be left alone."""
    disabled: str
    """Why the subscriber gets nothing; empty: it is not disabled."""
    disabled_at: datetime | None

    def standing(self, *, known: bool = True) -> Standing:
        """In one word; `known`: whether the subscriber stands in the rules."""
        if not known:
            return "unknown"
        if self.disabled:
            return "disabled"
        if self.rest and self.rest > self.at:
            return "resting"
        if self.probe:
            return "open"
        if self.failures:
            return "doubtful"
        if self.slow:
            return "slow"
        return "ok" if self.proven else "new"

    @property
    def down_since(self) -> datetime | None:
        """When its troubles began; None where it has none."""
        times = [each for each in (self.failing_since, self.disabled_at) if each]
        return min(times, default=None)


class LaneStates:
    """One stream's lanes as they stand. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def names(self) -> set[str]:
        """The subscribers that something waits for, or that are disabled."""
        store = self._store
        async with store.guarded():
            waiting: Any = await store.redis.zrange(store.key(LANES), 0, -1)
            off: Any = await _any(store).hkeys(store.key(DISABLED))
        return {name.decode() for name in (*waiting, *off)}

    async def of(self, subscriber: str) -> LaneState:
        """How one subscriber's lane stands now."""
        store = self._store
        async with store.guarded(), store.redis.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.zcard(store.key(LANE, subscriber))
            pipe.hgetall(store.key(LANE_STATE, subscriber))
            pipe.hget(store.key(DISABLED), subscriber)
            (seconds, micros), pending, state, off = await pipe.execute()
        told = {name.decode(): text.decode() for name, text in state.items()}
        return _lane_state(
            subscriber, from_milliseconds(seconds * 1000 + micros / 1000), pending, told, off
        )


def _lane_state(
    subscriber: str, at: datetime, pending: int, told: Mapping[str, str], off: bytes | None
) -> LaneState:
    def time(name: str) -> datetime | None:
        return from_milliseconds(float(told[name])) if name in told else None

    disabled = _mark(off) if off else {}
    return LaneState(
        subscriber=subscriber,
        at=at,
        pending=pending,
        proven="proven" in told,
        succeeded=time("succeeded"),
        slow="slow" in told,
        failures=int(told.get("failures", 0)),
        failing_since=time("since"),
        probe=time("probe"),
        rest=time("rest"),
        disabled=disabled.get("reason", ""),
        disabled_at=datetime.fromisoformat(disabled["at"]) if "at" in disabled else None,
    )


def _mark(text: bytes) -> Mapping[str, str]:
    """Why a subscriber is disabled, and when it was; one written by hand is its own reason."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"reason": text.decode(errors="replace")}


def _any(store: Store) -> Any:  # its replies are typed for both of redis-py's clients
    return store.redis
