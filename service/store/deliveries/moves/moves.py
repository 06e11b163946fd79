"""What waits is moved: to an earlier time where rules changed, to another where one is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from service.alerts.alert import delivery_id
from service.store.client import Argument, Store, span_milliseconds
from service.store.deliveries.search import DeliveryFilter, search
from service.store.keys import DELIVERY, LANE, MOVED

MOVED_AT_ONCE = 200
"""Deliveries that one script moves: it holds up the server for a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved from one subscriber to another."""

    deliveries: int = 0
    had: int = 0
    """Deliveries that ended, since the other has one of the same event."""
    left: int = 0
    """Deliveries that were being sent at that moment."""
    held: int = 0
    """Events of its digest."""

    def __add__(self, other: Moved) -> Moved:
        """Both together."""
        return Moved(
            self.deliveries + other.deliveries,
            self.had + other.had,
            self.left + other.left,
            self.held + other.held,
        )


class Moves:
    """Moves what waits in one stream. Raises StoreError, and redis-py's own errors.

    `keep` is for how long an ended delivery is kept.
    """

    def __init__(self, store: Store, keep: timedelta) -> None:
        self._store = store
        self._keep_ms = span_milliseconds(keep)

    async def forward(self, subscriber: str, *, tried: bool) -> None:
        """Have what waits judged again: rules changed; `tried`: also what waits for a retry."""
        reached: Any = ("", "")
        while reached is not None:
            args: list[Argument] = [subscriber, int(tried), *reached]
            reached = await self._store.run("deliveries/moves/forward", args)

    async def known(self) -> dict[str, str]:
        """Who was moved, and to whom."""
        store = self._store
        async with store.guarded():
            redis: Any = store.redis  # its replies are typed for both of redis-py's clients
            found = await redis.hgetall(store.key(MOVED))
        return {old.decode(): new.decode() for old, new in found.items()}

    async def keep(self, old: str, new: str) -> None:
        """What comes for `old` from now on goes to `new`, and what comes for `new` stays there."""
        store = self._store
        async with store.guarded(), store.redis.pipeline(transaction=True) as pipe:
            pipe.hset(store.key(MOVED), old, new)
            pipe.hdel(store.key(MOVED), new)
            await pipe.execute()

    async def forget(self, old: str) -> None:
        """The subscriber is there again."""
        store = self._store
        async with store.guarded():
            redis: Any = store.redis
            await redis.hdel(store.key(MOVED), old)

    async def move(self, old: str, new: str, *, failed: bool = False) -> Moved:
        """Give `new` what waits for `old`, and if asked what has `failed`, in its old order.

        What the digest of `old` holds goes into that of `new`; it comes now where that is empty.
        """
        store = self._store
        async with store.guarded():
            waiting: Any = await store.redis.zrange(store.key(LANE, old), 0, -1)
        ids = [id_.decode() for id_ in waiting]
        if failed:
            hits = await search(store, "failed", DeliveryFilter(old))
            ids = [*(one.id for one in sorted(hits, key=lambda one: one.created_at)), *ids]
        moved = Moved(held=await store.run("deliveries/moves/digest", [old, new]))
        for begin in range(0, len(ids), MOVED_AT_ONCE):
            moved += await self._move(old, new, ids[begin : begin + MOVED_AT_ONCE])
        return moved

    async def _move(self, old: str, new: str, ids: Sequence[str]) -> Moved:
        store = self._store
        async with store.guarded(), store.redis.pipeline(transaction=False) as pipe:
            for id_ in ids:
                pipe.hget(store.key(DELIVERY, id_), "alert")
            alerts: list[Any] = await pipe.execute(raise_on_error=False)
        args: list[Argument] = [old, new, self._keep_ms]
        for id_, alert in zip(ids, alerts, strict=True):
            if isinstance(alert, bytes):
                args += [id_, delivery_id(alert.decode(), new)]
        return Moved(*await store.run("deliveries/moves/deliveries", args))
