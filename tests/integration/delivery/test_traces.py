"""A trace goes from an entry over its event to the receiver and into the log."""

from __future__ import annotations

from typing import Any

import structlog
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.alerts import an_alert, commit_alerts
from builders.deliveries import delivering, reached
from builders.traces import GIVEN, TRACE, article_reader, read_entries, sent_traces
from harness.receiver import Received, Receiver, answer
from service.store.outbox import Outbox
from service.telemetry.trace_context import parse_traceparent


async def decide(redis: Redis, outbox: Outbox, *articles: dict[str, str]) -> None:
    """Have a batch of these entries decided."""
    entries = await read_entries(redis, outbox, *articles)
    async with article_reader(outbox) as reader:
        await reader.process(entries)


def trace_ids(logs: list[Any], event: str) -> list[str]:
    """Those of all lines about an event; "" for a line without one."""
    return [line.get("trace_id", "") for line in logs if line["event"] == event]


def sent_trace(request: Received) -> str:
    """The trace that a receiver was given."""
    context = parse_traceparent(request.headers["traceparent"].encode())
    assert context is not None
    return context.trace_id


async def test_the_trace_of_an_entry_reaches_the_receiver(redis: Redis, outbox: Outbox) -> None:
    """Unchanged on each attempt, and every line of the log about it names it."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        await decide(redis, outbox, {"title": "A fighter jet", "traceparent": GIVEN})
        async with Receiver(answer(500)) as desk, delivering(outbox, desk.subscriber()):
            await reached(outbox, "delivered")
    assert sent_traces(desk) == [GIVEN, GIVEN]
    assert not any(b"trace" in one.body for one in desk.requests)
    for event in ("article.matched", "delivery.failed", "delivery.delivered"):
        assert trace_ids(logs, event) == [TRACE]


async def test_each_entry_of_a_batch_has_its_own_trace(redis: Redis, outbox: Outbox) -> None:
    """A bad one is ignored, as if there were none; dead letters are named, too."""
    bad = GIVEN.replace(TRACE, "0" * 32)
    articles = [
        {"title": "A fighter jet", "traceparent": GIVEN, "id": "1"},
        {"title": "Another fighter jet of the fleet", "traceparent": bad, "id": "2"},
        {"traceparent": GIVEN},
    ]
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        await decide(redis, outbox, *articles)
        async with Receiver() as desk, delivering(outbox, desk.subscriber()):
            await reached(outbox, "delivered", 2)
    (other,) = {sent_trace(one) for one in desk.requests} - {TRACE}
    assert trace_ids(logs, "article.matched") == [TRACE, ""]
    assert trace_ids(logs, "article.dead_lettered") == [TRACE]
    assert sorted(trace_ids(logs, "delivery.delivered")) == sorted([TRACE, other])


async def test_without_one_an_event_makes_a_trace(redis: Redis, outbox: Outbox) -> None:
    """The same for all its deliveries and attempts, and nobody before it has recorded it."""
    await commit_alerts(redis, outbox, an_alert(subscribers=("desk", "energy")))
    async with Receiver(answer(500)) as receiver:
        subscribers = receiver.subscriber(), receiver.subscriber("energy")
        async with delivering(outbox, *subscribers):
            await reached(outbox, "delivered", 2)
    assert len(receiver.requests) == 3
    assert len({sent_trace(one) for one in receiver.requests}) == 1
    assert all(one.endswith("-00") for one in sent_traces(receiver))
