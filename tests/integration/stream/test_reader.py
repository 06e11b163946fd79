"""The stream's edge: entries that a dead reader left, and entries that end their reader."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from faststream.redis import RedisBroker
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.alerts import eventually
from builders.rules import load
from service.errors import StoreError
from service.matching.engine.compile import CompiledQueries, compile_queries
from service.matching.engine.engine import Engine
from service.matching.query import Query
from service.matching.syntax.parser import parse
from service.rules.rules import Rules
from service.settings import StreamSettings
from service.store.client import Store
from service.store.input_stream.input_stream import Lag
from service.store.keys import GROUP, PROGRESS
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.group.consumer_group import ConsumerGroup
from service.stream.page_pool import PagePool
from service.stream.reader import ArticleReader

RULES = load({"r.yaml": "watchlists: [{id: jets, match: fighter jet}]"}, None)


async def reading(
    redis: Redis,
    server_url: str,
    stream: str,
    rules: Rules,
    done: Any,
    *,
    reclaim_after: float = 0.2,
) -> Outbox:
    """Run a reader that takes over after so many seconds until `done` holds of its outbox."""
    outbox = Outbox(redis, stream)
    broker = RedisBroker(server_url, apply_types=False)
    async with PagePool(1) as pages:
        settings = StreamSettings(reclaim_after=timedelta(seconds=reclaim_after), max_deliveries=3)
        decider = BatchDecider(
            outbox,
            settings,
            rules=lambda: rules,
            max_evidence=5,
            pages=pages,
        )
        reader = ArticleReader(outbox, settings, decider, consumer="living")
        reader.subscribe(broker)
        await broker.connect()
        running = asyncio.create_task(reader.run())
        try:
            await eventually(lambda: done(outbox), 20)
        finally:
            await reader.stop()
            await running
            await broker.stop()
    return outbox


async def left_by_a_dead_reader(redis: Redis, stream: str, *texts: str) -> list[bytes]:
    """Entries that somebody read once and will never acknowledge."""
    await Outbox(redis, stream).input_stream.ensure_group()
    ids = [await redis.xadd(stream, {"title": text}) for text in texts]
    await redis.xreadgroup(GROUP, "dead", {stream: ">"})
    return [entry_id for entry_id in ids if isinstance(entry_id, bytes)]


async def finished(outbox: Outbox) -> bool:
    """Whether nothing is unread or pending."""
    try:
        lag = await outbox.input_stream.lag()
    except StoreError:  # the reader has not begun
        return False
    return not lag.unread and not lag.pending


async def test_what_a_dead_reader_left_is_taken_over(
    redis: Redis, server_url: str, stream_name: str
) -> None:
    """Every entry is judged, and none is dead-lettered for having been read before."""
    await left_by_a_dead_reader(redis, stream_name, "Fighter jets land", "Rain", "A fighter jet")
    outbox = await reading(redis, server_url, stream_name, RULES, finished)
    assert len(await redis.keys(f"tocsin:{{{stream_name}}}:alert:*")) == 2
    assert await outbox.dead_letters.newest() == []


async def test_an_entry_that_ends_its_readers_is_dead_lettered_alone(
    redis: Redis, server_url: str, stream_name: str
) -> None:
    """Handed out `max_deliveries` times without a decision, it goes; its neighbours do not."""
    first, crasher, _ = await left_by_a_dead_reader(
        redis, stream_name, "Fighter jets land", "Crash", "A fighter jet"
    )
    await redis.xclaim(stream_name, GROUP, "dead", 0, [crasher], retrycount=3, justid=True)
    outbox = await reading(redis, server_url, stream_name, RULES, finished)
    (letter,) = await outbox.dead_letters.newest()
    assert letter.entry_id == crasher.decode() != first.decode()
    assert "not decided in 3 deliveries" in letter.reason
    assert len(await redis.keys(f"tocsin:{{{stream_name}}}:alert:*")) == 2


TELLING = load(
    {
        "r.yaml": """
watchlists:
  - id: pact
    match: Türkiye AND Erdoğan AND don't AND fighter jet
    repeat: article
    notify: [desk]
subscribers:
  - {id: desk, email: {to: [desk@example.org], from: alerts@example.org}}
"""
    },
    None,
)
WHOLE = (
    "Türkiye’s pact",
    "Erdoğan said it. The fighter jets don’t fly yet.",
    "Nobody signs today.",
)
BROKEN = (
    "TÃ¼rkiyeâ€™s pact",
    "ErdoÄŸan said it. The fighterÂ jets donâ\x80\x99t fly yet.",
    "Nobody signs today.",
)


async def test_broken_letters_hide_no_word(redis: Redis, server_url: str, stream_name: str) -> None:
    """An article in mojibake alerts, and its evidence is where the alert says: in the text as it
    was meant. As plain text, in JSON and in HTML.
    """
    title, lead, body = BROKEN
    texts: dict[Any, Any] = {"title": title, "body": f"{lead}\n\n{body}"}
    page = f"<h1>{title}</h1><p>{lead}</p><p>{body}</p>"
    await Outbox(redis, stream_name).input_stream.ensure_group()
    await redis.xadd(stream_name, {"id": "flat", "language": "en", **texts})
    article = json.dumps({"id": "json", "language": "en", **texts})
    await redis.xadd(stream_name, {"article": article})
    await redis.xadd(stream_name, {"id": "html", "language": "en", "html": page})
    outbox = await reading(redis, server_url, stream_name, TELLING, finished)
    alerted = set()
    for found in await outbox.deliveries.newest():
        delivery = await outbox.deliveries.get(found.id)
        assert delivery is not None
        data = json.loads(delivery.body)["data"]
        alerted.add(data["article"]["id"])
        zones = dict(zip(("title", "lead", "body"), WHOLE, strict=True))
        assert data["article"]["title"] == WHOLE[0]
        assert {one["text"] for one in data["evidence"]} >= {"Türkiye’s", "Erdoğan", "fighter jets"}
        for one in data["evidence"]:
            assert one["text"] == zones[one["zone"]][one["start"] : one["end"]]
    assert alerted == {"flat", "json", "html"}


async def test_what_vanishes_is_counted_from_the_start(
    redis: Redis, server_url: str, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first count only begins the reckoning, so it does not wait for its time to come."""
    monkeypatch.setattr("service.stream.reader.COUNT_EVERY", timedelta(hours=1))

    async def begun(outbox: Outbox) -> bool:
        return bool(await redis.hexists(Store(redis, outbox.stream).key(PROGRESS), "finished"))

    await reading(redis, server_url, stream_name, RULES, begun)


def _fails() -> CompiledQueries:
    raise ZeroDivisionError


JETS, MORE = (Query("jets", parse(said), "en") for said in ("fighter jet", "glider OR fighter jet"))
FAILING = {
    "to find the queries": Engine(_fails, [JETS].__getitem__),
    "to score them": Engine(compile_queries([MORE]), [JETS].__getitem__),
}
"""Engines that fail on every article about jets, as a defect of ours would make them fail."""


@pytest.mark.parametrize("fails", FAILING)
async def test_an_article_that_breaks_the_matching_is_tried_and_then_dead_lettered(
    redis: Redis, server_url: str, stream_name: str, fails: str
) -> None:
    """It stays pending, is tried `max_deliveries` times, and is kept with the reason."""
    await redis.xadd(stream_name, {"title": "Fighter jets land"})
    with capture_logs() as logs:
        rules = replace(RULES, engine=FAILING[fails])
        outbox = await reading(redis, server_url, stream_name, rules, finished)
    (letter,) = await outbox.dead_letters.newest()
    assert "not decided in 3 deliveries" in letter.reason
    failed = [line["deliveries"] for line in logs if line["event"] == "article.failed"]
    assert failed == [1, 2, 3]


async def test_a_reader_of_small_entries_reads_more_at_a_time(
    redis: Redis, server_url: str, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch has twice as many as the one before, up to the batch size."""
    sizes: list[int] = []
    process = ArticleReader.process

    async def noted(reader: ArticleReader, entries: Sequence[Entry]) -> None:
        sizes.append(len(entries))
        await process(reader, entries)

    monkeypatch.setattr(ArticleReader, "process", noted)
    for number in range(480):
        await redis.xadd(stream_name, {"title": f"Rain {number}"})
    await reading(redis, server_url, stream_name, RULES, finished)
    assert sizes == [16, 32, 64, 128, 200, 40]


async def test_what_a_lost_answer_brought_is_read_again(
    redis: Redis, server_url: str, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server gave entries to this reader, the answer never came: they count as given once."""
    monkeypatch.setattr("service.stream.reader.WATCH_EVERY", timedelta(seconds=0.1))
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    ids = [await redis.xadd(stream_name, {"title": text}) for text in ("A fighter jet", "Rain")]
    await redis.xreadgroup(GROUP, "living", {stream_name: ">"})
    await redis.xdel(stream_name, ids[1])  # nothing can be read of it any more
    with capture_logs() as logs:
        await reading(redis, server_url, stream_name, RULES, _alerted, reclaim_after=60)
    assert [line["entries"] for line in logs if line["event"] == "stream.read_again"] == [1]
    assert "stream.reclaimed" not in [line["event"] for line in logs]


async def test_an_entry_that_came_and_failed_is_not_read_again_at_once(
    redis: Redis, server_url: str, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits until it is reclaimed, which counts it."""
    monkeypatch.setattr("service.stream.reader.WATCH_EVERY", timedelta(seconds=0.05))
    await redis.xadd(stream_name, {"title": "A fighter jet"})
    with capture_logs() as logs:
        rules = replace(RULES, engine=FAILING["to score them"])
        await reading(redis, server_url, stream_name, rules, finished)
    events = [line["event"] for line in logs]
    assert "stream.read_again" not in events
    assert events.count("stream.reclaimed") == 3


async def test_while_commits_fail_nothing_is_taken_over(redis: Redis, stream_name: str) -> None:
    """No entry would get a decision, and the try would count against it."""
    await left_by_a_dead_reader(redis, stream_name, "Fighter jets land")
    outbox = Outbox(redis, stream_name)
    async with PagePool(1) as pages:
        settings = StreamSettings(reclaim_after=timedelta(milliseconds=1))
        decider = BatchDecider(outbox, settings, rules=lambda: RULES, max_evidence=5, pages=pages)
        reader = ArticleReader(outbox, settings, decider, consumer="living")
        reader.problem, decider._store.failing = "", True
        await asyncio.sleep(0.01)  # longer than it has to be idle
        await reader._reclaim()
        assert not await _alerted(outbox)
        decider._store.failing = False
        await reader._reclaim()
    assert await _alerted(outbox)


async def test_a_reader_that_is_stuck_ends_unless_it_cannot_commit(
    redis: Redis, redis_url: str, stream_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries wait and nothing moves any more: a fresh process has to take over.

    While Redis takes no commits, a fresh one could do no more.
    """
    monkeypatch.setattr("service.stream.reader.WATCH_EVERY", timedelta(milliseconds=10))
    looks = 0
    lag = ConsumerGroup.lag

    async def looked(group: ConsumerGroup) -> Lag:
        nonlocal looks
        looks += 1
        return await lag(group)

    monkeypatch.setattr(ConsumerGroup, "lag", looked)
    outbox = Outbox(redis, stream_name)
    for number in range(20):
        await redis.xadd(stream_name, {"title": f"Rain {number}"})
    settings = StreamSettings(stall_after=timedelta(milliseconds=1), batch_size=1)
    broker = RedisBroker(redis_url, apply_types=False)
    async with PagePool(1) as pages, asyncio.timeout(20):
        decider = BatchDecider(outbox, settings, rules=lambda: RULES, max_evidence=5, pages=pages)
        reader = ArticleReader(outbox, settings, decider, consumer="living")
        reader.subscribe(broker)
        await broker.connect()
        decider._store.failing, never = True, asyncio.Event()

        async def stuck(_: Sequence[Entry]) -> None:
            decider.progress.set()
            await never.wait()

        monkeypatch.setattr(decider, "process", stuck)
        running = asyncio.create_task(reader.run())
        try:
            await eventually(lambda: looks > 5 or running.done())
            assert not running.done()
            decider._store.failing = False
            with pytest.raises(ExceptionGroup) as raised:
                await running
        finally:
            never.set()
            await reader.stop()
            await broker.stop()
    (error,) = raised.value.exceptions
    assert "entries wait and nothing was read" in str(error)


async def _alerted(outbox: Outbox) -> bool:
    return bool(await outbox.redis.keys(f"tocsin:{{{outbox.stream}}}:alert:*"))
