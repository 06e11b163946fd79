"""`/scale` over a real store: a worker that dies at the end leaves work behind."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from builders.lanes import due
from service.store.input_stream.workers import WorkerNote
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.web.scale import ScalePage
from service.web.store_figures import StoreFigures

NOTE = WorkerNote(("match",), "1.2.3", "2026-11-23T12:00:00Z", 0, 0)


async def test_what_the_last_worker_left_is_work_for_the_next(
    redis: Redis, stream_name: str
) -> None:
    """It was killed with entries in hand: with what it took for one, though it is forgotten."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    for _ in range(4):
        await redis.xadd(stream_name, {"title": "a"})
    await redis.xreadgroup(GROUP, "killed", {stream_name: ">"}, count=3)
    await outbox.workers.say("killed", NOTE, {"match": 0.25})
    await outbox.workers.leave("killed")
    found = await ScalePage(StoreFigures({stream_name: outbox}), outbox.workers).read()
    assert found is not None
    assert (found.match.waiting, found.match.seconds, found.match.measured) == (4, 1, True)
    await due(redis, outbox, 3, "desk")
    found = await ScalePage(StoreFigures({stream_name: outbox}), outbox.workers).read()
    assert found is not None
    assert (found.deliver.waiting, found.deliver.measured) == (3, False)


async def test_a_redis_that_is_away_has_no_answer(stream_name: str) -> None:
    """Neither 0 nor an error page."""
    async with Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0)) as away:
        outbox = Outbox(away, stream_name)
        page = ScalePage(StoreFigures({stream_name: outbox}), outbox.workers)
        assert await page.read() is None
