"""While Redis is away: how long to wait between tries, and one line in the log when it goes."""

from __future__ import annotations

import asyncio

import structlog

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
"""Seconds between two tries."""

log = structlog.get_logger(__name__)


class Outage:
    """Redis as one stream's outbox finds it."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._failures = 0
        self._since = 0.0

    @property
    def seconds(self) -> float:
        """For how long Redis has been away; 0 while it is not."""
        return asyncio.get_running_loop().time() - self._since if self._failures else 0.0

    @property
    def lasts(self) -> bool:
        """Whether Redis has not done since what it was asked."""
        return self._failures > 0

    def failed(self, error: Exception) -> float:
        """Redis did not do what it was asked; seconds to wait before the next try."""
        if not self._failures:
            self._since = asyncio.get_running_loop().time()
            log.error("outbox.unavailable", stream=self._stream, error=str(error))
        self._failures += 1
        return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10)))

    def over(self) -> None:
        """Redis did what it was asked."""
        if self._failures:
            log.info("outbox.available", stream=self._stream, failures=self._failures)
        self._failures = 0
