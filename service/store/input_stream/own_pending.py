"""What is pending for one consumer of the group."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from service.store.client import Store
from service.store.input_stream.input_stream import ClaimedEntry
from service.store.keys import GROUP

MOST_LOOKED_AT = 10_000
"""Pending entries of a consumer that are looked at, the oldest ones."""


class OwnPending:
    """The pending entries of one consumer. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store, consumer: str) -> None:
        self._store = store
        self._consumer = consumer

    async def deliveries(self) -> dict[bytes, int]:
        """By the id of each pending entry how many times it was given to a reader."""
        redis, stream = self._store.redis, self._store.stream
        async with self._store.guarded():
            found: Any = await redis.xpending_range(
                stream, GROUP, "-", "+", MOST_LOOKED_AT, consumername=self._consumer
            )
        return {one["message_id"]: one["times_delivered"] for one in found}

    async def read(self, ids: Collection[bytes]) -> list[ClaimedEntry]:
        """These entries, as far as they are still in the stream.

        It is no new delivery: nothing is counted, as when a consumer reads its own list again.
        """
        counts = await self.deliveries()
        async with self._store.guarded(), self._store.redis.pipeline(transaction=False) as pipe:
            for entry_id in sorted(ids):
                pipe.xrange(self._store.stream, entry_id, entry_id)
            found: Any = await pipe.execute()
        return [
            ClaimedEntry(entry_id, fields, counts[entry_id])
            for rows in found
            for entry_id, fields in rows
            if entry_id in counts
        ]
