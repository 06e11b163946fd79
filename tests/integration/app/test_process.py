"""A process at work: what it says of itself while Redis refuses it, and what it does again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from service.app.jobs import store_jobs as jobs
from service.app.process import Process
from service.app.role import Role
from service.app.wiring import web_app, wire
from service.settings import Environment, load
from service.store.client import Store
from service.store.keys import DEAD_LETTERS, GROUP, LANES
from service.telemetry.log import Mask
from service.web.readiness import Readiness
from service.web.store_figures import StoreFigures

RULES = "watchlists: [{id: jets, match: fighter jet}]"
SOON = timedelta(seconds=0.05)


@asynccontextmanager
async def at_work(folder: Path, redis_url: str, stream: str) -> AsyncIterator[Process]:
    """A process that reads the stream, and does all else but deliver and answer over HTTP."""
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    variables = {
        "TOCSIN_REDIS_URL": redis_url,
        "TOCSIN_STREAMS": stream,
        "TOCSIN_RULES": str(folder / "rules.yaml"),
        "TOCSIN_DATA_DIR": str(folder / "data"),
        "TOCSIN_KEEP_ARTICLES_DAYS": "1",
        "TOCSIN_KEEP_ALERTS_DAYS": "1",
    }
    stop, roles = asyncio.Event(), frozenset({Role.MATCH})
    async with wire(
        load(Environment(variables)), lambda _: None, Mask(), redis_url, stop=stop, roles=roles
    ) as process:
        working = asyncio.create_task(process.run())
        try:
            yield process
        finally:
            stop.set()
            await working


async def state(process: Process, *, ready: bool) -> Readiness:
    """Wait until the process says that it is ready, or is not; all that it says then."""
    found: list[Readiness] = []

    async def holds() -> bool:
        found[:] = [await process.readiness()]
        return found[0].ready is ready

    await eventually(holds, 20)
    return found[0]


async def test_it_is_not_ready_while_decisions_cannot_be_written(
    tmp_path: Path, redis: Redis, redis_url: str, stream_name: str
) -> None:
    """It reads, and Redis answers; but what it decides is lost to nobody's eyes but a probe's."""
    lanes = Store(redis, stream_name).key(LANES)
    async with at_work(tmp_path, redis_url, stream_name) as process:
        assert (await state(process, ready=True)).problems == ()
        await redis.set(lanes, "somebody else's")
        await redis.xadd(stream_name, {"title": "A fighter jet lands"})
        found = await state(process, ready=False)
        assert found.problems == (f"stream {stream_name}: decisions cannot be written to Redis",)
        assert found.pending == {stream_name: 1}
        await redis.delete(lanes)
        assert (await state(process, ready=True)).problems == ()
        await eventually(lambda: _done(process, stream_name))


async def _done(process: Process, stream: str) -> bool:
    found = await process.readiness()
    return found.unread == {stream: 0} and found.pending == {stream: 0}


async def test_it_is_not_ready_while_its_stream_is_not_read(
    tmp_path: Path, redis: Redis, redis_url: str, stream_name: str
) -> None:
    """The stream's key holds something else, and Redis does not say how much is unread."""
    async with at_work(tmp_path, redis_url, stream_name) as process:
        await state(process, ready=True)
        await redis.delete(stream_name)
        await redis.set(stream_name, "somebody else's")
        found = await state(process, ready=False)
        assert any("holds a string" in problem for problem in found.problems)
        assert found.unread == {}


async def test_what_is_old_is_trimmed_again_and_again(
    tmp_path: Path,
    redis: Redis,
    redis_url: str,
    stream_name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not at the start only: articles and dead letters that come later become old too."""
    assert timedelta(0) < jobs.TRIM_EVERY <= timedelta(hours=1)  # the least retention is a day
    monkeypatch.setattr(jobs, "TRIM_EVERY", SOON)
    dead = Store(redis, stream_name).key(DEAD_LETTERS)

    async def trimmed() -> bool:
        return not await redis.xlen(stream_name) and not await redis.xlen(dead)

    async with at_work(tmp_path, redis_url, stream_name) as process:
        await state(process, ready=True)
        for number in (1, 2, 3):
            await redis.xadd(stream_name, {"title": "old"}, id=f"{number}-0")
            await redis.xadd(dead, {"entry": "1-1"}, id=f"{number}-0")
            await redis.xgroup_setid(stream_name, GROUP, f"{number}-0")  # read, and done
            await eventually(trimmed)


async def test_held_events_are_looked_for_again_and_again(
    tmp_path: Path,
    redis: Redis,
    redis_url: str,
    stream_name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that falls due long after the start is sent as the first ones are."""
    assert timedelta(0) < jobs.SEND_HELD_EVERY <= timedelta(minutes=1)  # the shortest digest: 1 s
    monkeypatch.setattr(jobs, "SEND_HELD_EVERY", SOON)
    store = Store(redis, stream_name)
    async with at_work(tmp_path, redis_url, stream_name) as process:
        await state(process, ready=True)
        for _ in range(3):
            await redis.zadd(store.prefix + "summaries", {"w/jets": 1})  # a bundle that is empty

            async def released() -> bool:
                return not await redis.exists(store.prefix + "summaries")

            await eventually(released)


@pytest.mark.usefixtures("redis")
async def test_it_says_that_it_runs_until_it_ends(
    tmp_path: Path, redis_url: str, stream_name: str
) -> None:
    """With its role and version; `tocsin status` shows it, and misses it when it is killed."""
    async with at_work(tmp_path, redis_url, stream_name) as process:
        workers = process.outboxes[stream_name].workers

        async def said() -> bool:
            return bool(await workers.alive())

        await eventually(said, 20)
        (one,) = await workers.alive()
        assert (one.note.roles, one.note.version) == (("match",), version("tocsin"))
        process.stop.set()

        async def left() -> bool:
            return not await workers.alive()

        await eventually(left, 20)


async def test_links_for_verdicts_are_answered_where_the_settings_ask_for_them(
    tmp_path: Path, redis_url: str, stream_name: str
) -> None:
    """Beside what every process answers; else there is no such path."""
    asked = {"TOCSIN_PUBLIC_URL": "https://a.example", "TOCSIN_VERDICT_SECRET": "s" * 32}
    said = {}
    for variables in ({}, asked):
        here = {"TOCSIN_REDIS_URL": redis_url, "TOCSIN_DATA_DIR": str(tmp_path)}
        settings = load(Environment(here | variables | {"TOCSIN_STREAMS": stream_name}))
        roles = frozenset({Role.WEB})
        async with wire(
            settings, lambda _: None, Mask(), redis_url, stop=asyncio.Event(), roles=roles
        ) as process:
            transport = httpx.ASGITransport(
                web_app(settings, process, roles, StoreFigures(process.outboxes))
            )
            async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
                assert (await client.get("/livez")).status_code == 200
                said[len(variables)] = (await client.get("/verdict/x")).text
    assert said[0] == "Not Found"
    assert "This link is not valid" in said[2]
