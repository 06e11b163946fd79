"""FastStream's broker, in a module of its own: it takes half a second to import."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from faststream.redis import RedisBroker, RedisSentinelBroker

from service.settings.redis_url import sentinels


def broker(url: str, drain_timeout: timedelta) -> RedisBroker:
    """FastStream's broker for the Redis at this URL; at its end it waits for what is in hand."""
    options: dict[str, Any] = {
        "apply_types": False,
        # Its own lines repeat what ours say. It logs errors at a higher level.
        "logger": logging.getLogger("faststream"),
        "log_level": logging.DEBUG,
        "graceful_timeout": drain_timeout.total_seconds(),
    }
    watched = sentinels(url)
    if watched is None:
        return RedisBroker(url, **options)
    return RedisSentinelBroker(
        watched.one,
        sentinels=watched.nodes,
        sentinel_master_name=watched.service,
        **options,
    )
