"""A primary that Sentinels watch: asked for with a login of theirs, and found after a failover."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.exceptions import RedisError

from builders.alerts import eventually
from harness.sentinels import LOGIN, watched
from service.app.redis.clients import clients
from service.store.outbox import Outbox


@pytest.mark.timeout(120)
async def test_the_next_primary_is_found(tmp_path: Path) -> None:
    """By the client that is there, and with what the first one's replica had.

    Whoever has no login for the Sentinels is not told who the primary is.
    """
    user, password = LOGIN
    async with watched(tmp_path, locked=True) as servers:
        async with clients(servers.url) as client_of:
            with pytest.raises(RedisError):
                await client_of("articles").ping()
        url = f"{servers.url}?sentinel_username={user}&sentinel_password={password}"
        async with clients(url) as client_of:
            redis = client_of("articles")
            outbox = Outbox(redis, "articles")
            await outbox.input_stream.publish([{"title": "a"}])
            assert await redis.wait(1, 5000) == 1
            first = await servers.primary()
            await servers.servers[first].kill()

            async def found() -> bool:
                try:
                    return (await outbox.input_stream.backlog()).added == 1
                except (RedisError, OSError):
                    return False

            await eventually(found, 60)
            assert await servers.primary() != first
