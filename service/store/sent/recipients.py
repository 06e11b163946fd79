"""Which recipients of a mail need it no more, where others are to get it later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any

import structlog
from redis.exceptions import RedisError

from service.errors import StoreError
from service.store.client import Store, span_milliseconds
from service.store.keys import RECIPIENTS

PATIENCE = 1.0
"""Seconds that Redis may take."""

log = structlog.get_logger(__name__)


class MailRecipients:
    """Shared by all workers, in Redis; kept for `keep`. No method raises for what Redis does."""

    def __init__(self, store: Store, keep: timedelta) -> None:
        self._store = store
        self._keep_ms = span_milliseconds(keep)

    async def done(self, delivery: str) -> frozenset[str] | None:
        """The addresses that need this mail no more; None where Redis does not say."""
        redis: Any = self._store.redis  # its replies are typed for both of redis-py's clients
        found = await self._asked(lambda: redis.smembers(self._key(delivery)))
        return None if found is None else frozenset(each.decode() for each in found)

    async def add(self, delivery: str, addresses: Iterable[str]) -> None:
        """Remember that these need it no more."""

        async def write() -> bool:
            async with self._store.redis.pipeline(transaction=True) as pipe:
                pipe.sadd(self._key(delivery), *addresses)
                pipe.pexpire(self._key(delivery), self._keep_ms)
                await pipe.execute()
            return True

        await self._asked(write)

    async def forget(self, delivery: str) -> None:
        """The mail is through: whoever sends it once more sends it to all."""
        await self._asked(lambda: self._store.redis.delete(self._key(delivery)))

    def _key(self, delivery: str) -> str:
        return self._store.key(RECIPIENTS, delivery)

    async def _asked(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        try:
            async with asyncio.timeout(PATIENCE), self._store.guarded():
                return await ask()
        except (RedisError, StoreError, OSError) as error:  # TimeoutError is an OSError
            log.warning("recipients.unavailable", error=str(error) or "no answer")
            return None
