"""FastStream's broker, in a module of its own: it takes half a second to import."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from faststream.redis import RedisBroker
from faststream.redis.configs.state import ConnectionState
from faststream.redis.exceptions import StreamGroupNotFoundError
from redis.asyncio import Redis


class _LostGroups(logging.Filter):
    """Hides FastStream's advice to restart where a group is lost: readers make it anew, and log
    what it held.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, StreamGroupNotFoundError)


_LOST_GROUPS = _LostGroups()


class _GivenClient(ConnectionState[Redis]):
    """A client that somebody else has made, and closes."""

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        self._given = redis

    async def connect(self) -> Redis:
        self._client, self._connected = self._given, True
        return self._given

    async def disconnect(self) -> None:
        self._client, self._connected = None, False


class _Broker(RedisBroker):
    """A broker over the client of a stream, whichever kind of Redis that reaches."""

    def __init__(self, redis: Redis, **options: Any) -> None:
        self._redis = redis
        super().__init__(**options)

    def _make_connection_state(
        self, connection_options: dict[str, Any], kwargs: dict[str, Any]
    ) -> ConnectionState[Any]:
        del connection_options, kwargs
        return _GivenClient(self._redis)


def broker(redis: Redis, drain_timeout: timedelta) -> RedisBroker:
    """FastStream's broker over this client; at its end it waits for what is in hand."""
    log = logging.getLogger("faststream")
    log.addFilter(_LOST_GROUPS)
    return _Broker(
        redis,
        apply_types=False,
        # Its own lines repeat what ours say. It logs errors at a higher level.
        logger=log,
        log_level=logging.DEBUG,
        graceful_timeout=drain_timeout.total_seconds(),
    )
