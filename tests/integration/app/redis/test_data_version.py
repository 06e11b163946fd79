"""The version of the data in Redis: who takes it over, and who is refused."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from harness.commands import Shell
from service.app.redis.data_version import DATA_VERSION, refuse_newer, take_over
from service.errors import ConfigError, StoreError
from service.store.keys.data import DATA

NEWER = DATA_VERSION + 1


async def test_the_first_worker_of_a_version_takes_over_what_is_there(redis: Redis) -> None:
    """A store without a number has version 1; whoever comes later finds all done."""
    assert await refuse_newer(redis) is None
    assert await take_over(redis, writes=2) == 1
    assert await take_over(redis, writes=2) is None
    assert await take_over(redis, writes=4) == 2
    assert await refuse_newer(redis, reads=4) == 4


async def test_of_workers_that_start_at_once_one_takes_over(redis: Redis) -> None:
    """Each over a connection of its own."""
    await take_over(redis, writes=2)
    found = await asyncio.gather(*(take_over(redis, writes=3) for _ in range(20)))
    assert sorted(found, key=str) == [2, *[None] * 19]


async def test_an_older_worker_is_refused_and_changes_nothing(redis: Redis) -> None:
    """In one sentence with both versions, and what to do."""
    await redis.zadd(DATA, {"0.0.9": DATA_VERSION, "9.1.0": NEWER})
    with pytest.raises(ConfigError) as refused:
        await take_over(redis)
    assert str(refused.value) == (
        f"the data in Redis has version {NEWER}, which Tocsin 9.1.0 wrote, and this Tocsin "
        f"{version('tocsin')} reads none above version {DATA_VERSION}: run that release or a "
        "newer one, or give this one another Redis database"
    )
    assert await redis.zrange(DATA, 0, -1) == [b"0.0.9", b"9.1.0"]


async def test_an_older_worker_that_starts_at_the_same_moment_is_refused(redis: Redis) -> None:
    """The newer one raises the version between its two steps."""

    class Overtaken(Redis):
        async def zadd(self, name: Any, *words: Any, **options: Any) -> Any:
            await redis.zadd(DATA, {"9.1.0": NEWER})
            return await super().zadd(name, *words, **options)

    path = redis.connection_pool.connection_kwargs["path"]
    async with Overtaken(unix_socket_path=path) as late:
        with pytest.raises(ConfigError, match=f"version {NEWER}, which Tocsin 9.1.0 wrote"):
            await take_over(late)


async def test_the_sentence_is_that_of_the_docs(redis: Redis) -> None:
    """Who is refused finds it there."""
    await redis.zadd(DATA, {"0.2.0": 3})
    with pytest.raises(ConfigError) as refused:
        await refuse_newer(redis, reads=2)
    said = str(refused.value).replace(f"Tocsin {version('tocsin')}", "Tocsin 0.1.0")
    page = Path(__file__).parents[4].joinpath("docs", "operating.md")
    assert f"\n{said}\n" in page.read_text(encoding="utf-8")


async def test_an_older_command_is_refused_too(redis: Redis, shell: Shell) -> None:
    """It might write what nobody reads; all commands reach Redis in the same way."""
    await redis.zadd(DATA, {"9.1.0": NEWER})
    said = await shell.run("status")
    assert said.code == 1
    assert f"version {NEWER}, which Tocsin 9.1.0 wrote" in " ".join(said.err.split())


async def test_a_key_of_another_program_is_named(redis: Redis) -> None:
    """It is left as it is."""
    await redis.set(DATA, "somebody else's")
    with pytest.raises(StoreError, match=f"Redis key '{DATA}' is no sorted set"):
        await refuse_newer(redis)
    assert await redis.get(DATA) == b"somebody else's"
