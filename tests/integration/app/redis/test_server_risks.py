"""The risks of a real server: its settings, and a user who may not ask for them."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from service.app.redis.server_risks import loss_risks, read_info, version_fault


async def test_risks_follow_the_settings_of_a_running_server(redis: Redis) -> None:
    """They can change at any time, so each look asks anew."""
    await redis.config_set("maxmemory", "1gb")
    try:
        info = await read_info(redis)
        assert not version_fault(info)
        assert loss_risks(info, embedded=False) == ()
        await redis.config_set("maxmemory-policy", "allkeys-lfu")
        (risk,) = loss_risks(await read_info(redis), embedded=False)
        assert "allkeys-lfu" in risk
    finally:
        await redis.config_set("maxmemory-policy", "noeviction")
        await redis.config_set("maxmemory", "0")


async def test_a_user_who_may_not_ask_gets_no_answer_and_no_error(redis: Redis) -> None:
    """Least rights are no fault."""
    run: Any = redis.execute_command
    await run("ACL", "SETUSER", "least", "on", ">secret", "+ping", "-info")
    try:
        options = {**redis.connection_pool.connection_kwargs}
        path = options["path"]
        async with Redis(unix_socket_path=path, username="least", password="secret") as least:
            assert await read_info(least) == {}
    finally:
        await run("ACL", "DELUSER", "least")
