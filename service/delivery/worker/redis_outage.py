"""An outage of Redis, as the worker of one stream's outbox finds it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog
from redis.exceptions import DataError, RedisError

from service.concurrency.waits import Backoff

OUTAGE_ERRORS = (RedisError, OSError)
"""Redis did not answer, or refuses every command."""
RETRY_PAUSES = Backoff(timedelta(seconds=0.2), timedelta(seconds=1))
"""Between two tries while Redis is away: what is due waits no longer than that when it is back."""

log = structlog.get_logger(__name__)


class RedisOutage:
    """Whether Redis is away, and since when. Its begin and end are logged once."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._since: float | None = None
        """By the event loop's clock, in seconds."""

    @property
    def lasts(self) -> bool:
        """Whether Redis is away."""
        return self._since is not None

    @property
    def duration(self) -> timedelta:
        """For how long Redis has been away; zero while it is not."""
        if self._since is None:
            return timedelta(0)
        return timedelta(seconds=asyncio.get_running_loop().time() - self._since)

    def begin(self, error: Exception) -> None:
        """Redis did not do what it was asked."""
        if self._since is None:
            self._since = asyncio.get_running_loop().time()
            log.error("outbox.unavailable", stream=self._stream, error=str(error))

    def end(self) -> None:
        """Redis does what it is asked, and all that waited for it is recorded."""
        if self._since is not None:
            seconds = round(self.duration.total_seconds(), 1)
            log.info("outbox.available", stream=self._stream, seconds=seconds)
        self._since = None


def is_outage(error: Exception) -> bool:
    """Whether Redis failed, and not what it was asked to write."""
    return isinstance(error, OUTAGE_ERRORS) and not isinstance(error, DataError)
