"""Pages and long texts that need more time or memory than they may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from builders.rules import load
from service.concurrency.processes import CallError, LimitedProcess, LimitError, Limits
from service.errors import BadEntry
from service.settings import StreamSettings
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import LARGEST, PagePool

LITTLE = Limits(cpu_seconds=0.25, memory_bytes=256 * 2**20, wall_seconds=60)
SLOW = {b"id": b"slow", b"html": b"<p>A fighter jet lands.</p>" + b"<br>" * 20_000}
"""A page of line breaks; it takes four times as long as a page may."""
SLOWER = {b"id": b"slow", b"html": b"<p>A fighter jet lands.</p>" + b"<br>" * 30_000}
"""One that is still read when others of its batch are decided, however busy the machine is."""
LONG = {b"id": b"long", b"body": b"A fighter jet lands. " * 1_000}
PAGE = {b"id": b"page", b"html": b"<h1>A fighter jet lands</h1><p>It landed at noon.</p>"}
RULES = load({"r.yaml": "watchlists: [{id: jets, match: fighter jet}]"}, None)


@pytest.fixture
async def pool() -> AsyncIterator[PagePool]:
    """A pool in which pages may need little, and one of them hardly more."""
    async with PagePool(1, ordinary=LITTLE, largest=LITTLE) as found:
        yield found


async def test_a_page_that_needs_too_much_is_refused_and_another_is_read(pool: PagePool) -> None:
    """The reason says what it needed."""

    async def read(fields: dict[bytes, bytes]) -> str:
        try:
            return (await pool.read(fields, max_bytes=2**21)).title
        except BadEntry as error:
            return str(error)

    page, long, slow = await asyncio.gather(read(PAGE), read(LONG), read(SLOW))
    assert slow.startswith("the entry needs more than 0.25 s of CPU: no article does; send")
    assert page == "A fighter jet lands"
    assert not long  # its text is one paragraph


async def test_what_nobody_waits_for_any_more_is_the_answer_to_nothing_else() -> None:
    """The process that was reading it ends: its answer would be the next article."""
    async with PagePool(1) as pool:
        given_up = asyncio.create_task(pool.read(LONG | {b"title": b"Long"}, max_bytes=2**21))
        await eventually(lambda: bool(pool._threads._threads))  # it is being read
        given_up.cancel()
        await asyncio.wait([given_up])
        assert (await pool.read(PAGE, max_bytes=2**21)).title == "A fighter jet lands"


async def test_what_fails_in_one_try_may_need_more(redis: Redis, stream_name: str) -> None:
    """It is read again alone, with more time; others of its batch are decided long before.

    The process that was ended is replaced.
    """
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    articles = (SLOWER, LONG, {b"id": b"short", b"title": b"A fighter jet"}, PAGE)
    texts = [{name.decode(): text.decode() for name, text in one.items()} for one in articles]
    ids = await outbox.input_stream.publish(texts)
    batch = [Entry(id_.encode(), one) for id_, one in zip(ids, articles, strict=True)]
    await redis.xreadgroup(GROUP, "reader", {stream_name: ">"})
    async with PagePool(1, ordinary=LITTLE, largest=LARGEST) as pool:
        decider = BatchDecider(
            outbox,
            StreamSettings(),
            rules=lambda: RULES,
            max_evidence=5,
            pages=pool,
        )

        async def alerts(number: int) -> bool:
            return len(await redis.keys(f"tocsin:{{{stream_name}}}:alert:*")) == number

        await decider.process(batch)
        assert await alerts(1)
        assert decider.in_hand == {entry.id for entry in (batch[0], batch[1], batch[3])}
        await eventually(lambda: alerts(3), 40)
        assert decider.reading
        assert batch[0].id in decider.in_hand
        await decider.finish()
        assert not decider.in_hand
    assert (await outbox.input_stream.lag()).pending == 0
    assert await outbox.dead_letters.newest() == []


# Whatever a page makes its process do; it begins at once, for it imports nothing.
WORK: Any = partial(eval, "eval")
CALLS = {
    "'a' * 2**28": "needs more than 64 MiB of memory",
    "__import__('os').abort()": "ends the process that works on it: the process test was ended by",
    "__import__('time').sleep(60)": "needs more than 1 s",
    "__import__('os')._exit(3)": "ends the process that works on it: the process test ended with",
}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_passes_a_limit_ends_its_process(call: str) -> None:
    """Time, memory, a crash: the caller is told which."""
    process = LimitedProcess("test", WORK, Limits(1, 64 * 2**20, 1))
    assert process.call("6 * 7") == 42
    with pytest.raises(CallError, match="ZeroDivisionError"):
        process.call("1 / 0")
    assert process.alive
    with pytest.raises(LimitError, match=CALLS[call]):
        process.call(call)
    assert not process.alive


def test_each_call_has_the_whole_time() -> None:
    """What the calls before it took does not count."""
    process = LimitedProcess("test", WORK, Limits(0.2, 64 * 2**20, 10))
    busy = "from time import process_time as now; end = now() + 0.12\nwhile now() < end: pass"
    try:
        assert [process.call(f"exec({busy!r})") for _ in range(3)] == [None] * 3
    finally:
        process.kill()
