"""The receivers that the rules named last, so that a change is seen after a restart."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from service.store.client import Store
from service.store.keys import RECEIVERS

FORGOTTEN_AT_ONCE = 1000
"""Receivers that one script forgets: it holds up the server for a few milliseconds."""


class Receivers:
    """Which receiver each subscriber of one stream had last: its mark, no address.

    Raises StoreError, and redis-py's own errors.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def known(self) -> dict[str, str]:
        """The marks by subscriber."""
        store = self._store
        async with store.guarded():
            redis: Any = store.redis  # its replies are typed for both of redis-py's clients
            found = await redis.hgetall(store.key(RECEIVERS))
        return {name.decode(): mark.decode() for name, mark in found.items()}

    async def keep(self, marks: Mapping[str, str]) -> None:
        """These are the receivers of these subscribers now."""
        if not marks:
            return
        store = self._store
        async with store.guarded():
            redis: Any = store.redis
            await redis.hset(store.key(RECEIVERS), mapping=dict(marks))

    async def forget_others(self, subscribers: Container[str]) -> None:
        """Forget all but these, and those for whom something waits: they may come back."""
        gone = [name for name in await self.known() if name not in subscribers]
        for begin in range(0, len(gone), FORGOTTEN_AT_ONCE):
            some = gone[begin : begin + FORGOTTEN_AT_ONCE]
            await self._store.run("deliveries/moves/forget", some)
