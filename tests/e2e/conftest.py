"""What tests of the whole program share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.least_rights import PASSWORD, make_user
from harness.redis_cluster import ON_CLUSTER


@pytest.fixture
async def least_url(redis: Redis, redis_url: str) -> AsyncIterator[str]:
    """The URL of the server for the user with the least rights, who is refused nothing."""
    if ON_CLUSTER:
        yield redis_url
        return
    await make_user(redis)
    await redis.acl_log_reset()
    yield f"{redis_url}?username=tocsin&password={PASSWORD}"
    refused: Any = await redis.acl_log()
    assert not refused
