"""Counts what this process asks of Redis."""

from __future__ import annotations

from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as LateAnswer

from service.telemetry import metrics


class RedisCalls:
    """A `CallCounter` for `/metrics`."""

    def answered(self, script: str, seconds: float) -> None:
        """See `CallCounter.answered`."""
        metrics.count_call(script, seconds)

    def failed(self, error: Exception) -> None:
        """See `CallCounter.failed`."""
        if isinstance(error, LateAnswer | TimeoutError):
            kind = "timeout"
        elif isinstance(error, LostConnection | OSError):
            kind = "connection"
        else:
            kind = "foreign_key" if "WRONGTYPE" in str(error) else "refused"
        metrics.REDIS_ERRORS[kind].inc()
