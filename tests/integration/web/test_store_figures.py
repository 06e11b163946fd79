"""What waits in the store, as it is read for /metrics and /scale."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from service.store.outbox import Outbox
from service.web import store_figures
from service.web.store_figures import StoreFigures


class Calls:
    """What was asked of Redis."""

    def __init__(self) -> None:
        self.scripts: list[str] = []

    def answered(self, script: str, _seconds: float) -> None:
        """A script was answered."""
        self.scripts.append(script)

    def failed(self, error: Exception) -> None:
        """A call was refused."""
        raise AssertionError from error


async def unread(figures: StoreFigures, stream: str) -> int | None:
    """How many entries it tells of."""
    found = (await figures.read())[stream]
    assert found is not None
    return found.backlog.unread


async def test_it_is_read_once_for_all_who_ask_within_seconds(
    redis: Redis, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often a process is scraped, Redis works as little; later it is read again."""
    assert timedelta(seconds=10) >= store_figures.FRESH_FOR
    figures = StoreFigures({stream_name: Outbox(redis, stream_name)})
    await redis.xadd(stream_name, {"title": "a"})
    assert await unread(figures, stream_name) == 1
    await redis.xadd(stream_name, {"title": "b"})
    assert await unread(figures, stream_name) == 1
    monkeypatch.setattr(store_figures, "FRESH_FOR", timedelta(0))
    assert await unread(figures, stream_name) == 2


async def test_it_is_read_once_for_all_who_ask_at_the_same_time(
    redis: Redis, stream_name: str
) -> None:
    """Those who come while it is read are told what was found."""
    figures = StoreFigures({stream_name: Outbox(redis, stream_name, calls=(calls := Calls()))})
    await redis.xadd(stream_name, {"title": "a"})
    assert await asyncio.gather(*[unread(figures, stream_name) for _ in range(5)]) == [1] * 5
    assert calls.scripts.count("input_stream/backlog") == 1


async def test_clocks_on_one_machine_agree(redis: Redis, stream_name: str) -> None:
    """This machine's clock is compared with that of Redis, which runs on it too."""
    figures = StoreFigures({stream_name: Outbox(redis, stream_name)})
    found = (await figures.read())[stream_name]
    assert found is not None
    assert abs(found.clock_ahead) < timedelta(seconds=20)


async def test_one_stream_that_cannot_be_read_hides_no_other(
    redis: Redis, stream_name: str
) -> None:
    """Another program's key is in its place."""
    other = f"{stream_name}-other"
    await redis.set(stream_name, "somebody else's")
    figures = StoreFigures({name: Outbox(redis, name) for name in (stream_name, other)})
    found = await figures.read()
    assert found[stream_name] is None
    assert figures.foreign == {stream_name}
    assert found[other] is not None


async def test_they_are_read_in_advance_for_who_asks_again(
    redis: Redis, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes after somebody asked is known before he asks again; not for ever."""
    monkeypatch.setattr(store_figures, "FRESH_FOR", timedelta(milliseconds=20))
    figures = StoreFigures({stream_name: Outbox(redis, stream_name)})

    def known() -> int | None:
        found = figures._figures[stream_name]
        return found.backlog.unread if found else None

    async with figures.kept():
        assert await unread(figures, stream_name) == 0
        await redis.xadd(stream_name, {"title": "a"})
        await eventually(lambda: known() == 1)
        monkeypatch.setattr(store_figures, "ASKED_WITHIN", timedelta(0))
        await eventually(lambda: not figures._wanted.is_set())
        await redis.xadd(stream_name, {"title": "b"})
        assert known() == 1

        async def told() -> bool:
            return await unread(figures, stream_name) == 2

        await eventually(told)
