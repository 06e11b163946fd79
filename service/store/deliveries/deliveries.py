"""Deliveries with their attempts: list, show, send again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from service.errors import StoreError
from service.store.client import Store, from_milliseconds
from service.store.deliveries.delivery import Attempt, Delivery, State
from service.store.deliveries.search import EVERY_DELIVERY, DeliveryFilter, DeliveryHit, search
from service.store.deliveries.waiting import WaitingDeliveries, read_waiting
from service.store.keys import ALERT, ATTEMPT_FIELD, DELIVERIES, DELIVERY, STATES

BODIES_AT_ONCE = 200
"""Bodies that one call reads: a digest has up to 250 kB."""
NO_ANSWER_YET = "no answer yet"
READ_STEP = 500
"""Deliveries that the server reads in one go: for a few milliseconds it does nothing else."""
WORKER_ENDED = "no answer recorded: its worker ended"


class Deliveries:
    """The deliveries of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def count_pending(self) -> int:
        """How many wait; 0 where another program's key is in the place of their list."""
        try:
            async with self._store.guarded():
                return int(await self._store.redis.zcard(self._store.key(DELIVERIES, "pending")))
        except StoreError:  # whoever commits or leases says which
            return 0

    async def waiting(self) -> WaitingDeliveries:
        """How much waits, and in which lanes."""
        return await read_waiting(self._store)

    async def newest(
        self,
        *,
        state: State | None = None,
        limit: int = 50,
        only: DeliveryFilter = EVERY_DELIVERY,
    ) -> list[Delivery]:
        """The newest first, by the time at which each came into its state."""
        store = self._store
        newest: dict[str, DeliveryHit] = {}
        for name in (state,) if state else STATES:
            newest |= {one.id: one for one in await search(store, name, only, limit)}
        found = sorted(newest.values(), key=lambda one: one.at, reverse=True)[:limit]
        return [*(await self.read([one.id for one in found])).values()]

    async def bodies(self, alerts: Iterable[str]) -> dict[str, bytes]:
        """The bodies of these events, by id; empty where the event is gone.

        So it is where its key holds something else: whoever lists deliveries looks for that.
        """
        store, ids, found = self._store, [*dict.fromkeys(alerts)], list[Any]()
        for begin in range(0, len(ids), BODIES_AT_ONCE):
            async with store.guarded(), store.redis.pipeline(transaction=False) as pipe:
                for each in ids[begin : begin + BODIES_AT_ONCE]:
                    pipe.hget(store.key(ALERT, each), "body")
                found += await pipe.execute(raise_on_error=False)
        return {
            id_: body if isinstance(body, bytes) else b""
            for id_, body in zip(ids, found, strict=True)
        }

    async def failed(self, only: DeliveryFilter, limit: int | None = None) -> list[DeliveryHit]:
        """The deliveries that have failed for good, at most so many, newest first."""
        return await search(self._store, "failed", only, limit)

    async def retry_all(self, only: DeliveryFilter, state: State) -> int:
        """Send all of these in this state again now, the oldest first; returns how many.

        Those in other states are not touched.
        """
        found = await search(self._store, state, only)
        found.sort(key=lambda one: one.created_at)
        return sum([await self.retry(one.id, only=state) for one in found])

    async def get(self, delivery_id: str) -> Delivery | None:
        """One delivery with its body and every attempt; None when there is none of that id."""
        store = self._store
        async with store.guarded([store.key(DELIVERY, delivery_id)]):
            delivery = (await self.read([delivery_id])).get(delivery_id)
            if delivery is None:
                return None
            body: Any = await store.redis.hget(store.key(ALERT, delivery.alert_id), "body")
        return replace(delivery, body=body or b"")

    async def retry(self, delivery_id: str, *, only: State | None = None) -> bool:
        """Send it again now, in any state or `only` in that one; False when there is none.

        Its attempts count on, its schedule starts again, and a disabled subscriber is tried too.
        One that a worker is sending at this moment is left to that worker.
        """
        records = [self._store.key(DELIVERY, delivery_id)]
        return bool(await self._store.run("deliveries/retry", [delivery_id, only or ""], records))

    async def read(self, ids: Sequence[str]) -> dict[str, Delivery]:
        """Those of these deliveries that there are, by id and in order, without their bodies."""
        store = self._store
        found: dict[str, Delivery] = {}
        for start in range(0, len(ids), READ_STEP):
            some = ids[start : start + READ_STEP]
            keys = (store.key(DELIVERY, id_) for id_ in some)
            rows = await store.run("deliveries/deliveries", some, keys)
            found |= {
                id_: _delivery(id_, row) for id_, row in zip(some, rows, strict=True) if row[0]
            }
        return found


def _delivery(delivery_id: str, row: tuple[Sequence[bytes], bytes, bytes]) -> Delivery:
    """A delivery that `deliveries.lua` returns."""
    texts = [each.decode() for each in row[0]]
    fields = dict(zip(texts[::2], texts[1::2], strict=True))
    due, since = row[1:]
    last = int(fields["attempts"])
    created = from_milliseconds(float(fields["created"]))
    return Delivery(
        id=delivery_id,
        alert_id=fields["alert"],
        subscriber=fields["subscriber"],
        watchlist_id=fields["watchlist"],
        article_id=fields["article"],
        state=fields["state"],  # type: ignore[arg-type]  # only our scripts write it
        created_at=created,
        since=from_milliseconds(float(since)) if since else created,
        due_at=from_milliseconds(float(due)) if due else None,
        sending="token" in fields,
        note=fields.get("note", ""),
        attempts=tuple(
            _attempt(number, fields[name], leased="token" in fields, last=last)
            for number in range(1, last + 1)
            if (name := ATTEMPT_FIELD.fill(str(number))) in fields
        ),
    )


def _attempt(number: int, record: str, *, leased: bool, last: int) -> Attempt:
    known: dict[str, Any] = json.loads(record)
    if "duration_ms" not in known:
        known["error"] = NO_ANSWER_YET if leased and number == last else WORKER_ENDED
    return Attempt(**known, number=number)
