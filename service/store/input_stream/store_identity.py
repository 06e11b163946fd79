"""By what a store is known again: it may be emptied, or parts of it deleted, while nothing runs."""

from __future__ import annotations

import secrets
from typing import Any

from service.store.client import Store
from service.store.keys import GROUP, PROGRESS


class StoreIdentity:
    """That of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def store_id(self) -> str:
        """An id that this store has had since its data began."""
        redis: Any = self._store.redis  # its replies are typed for both of redis-py's clients
        async with self._store.guarded():
            await redis.hsetnx(self._store.key(PROGRESS), "store", secrets.token_hex(8))
            found = await redis.hget(self._store.key(PROGRESS), "store")
        return str(found.decode())

    async def lost_records(self) -> bool:
        """Whether entries were read, and nothing else is there any more: somebody deleted it."""
        async with self._store.guarded():
            if await self._store.redis.exists(self._store.key(PROGRESS)):
                return False
            groups: Any = await self._store.redis.xinfo_groups(self._store.stream)
        return any(each["name"] == GROUP.encode() and each.get("entries-read") for each in groups)
