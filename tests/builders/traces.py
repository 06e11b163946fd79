"""Stream entries with traces, and who reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from builders.rules import load
from harness.receiver import SECRET, Receiver
from service.settings import StreamSettings
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool
from service.stream.reader import ArticleReader

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE}-00f067aa0ba902b7-01"
RULES = load(
    {
        "r.yaml": "watchlists: [{id: jets, match: fighter jet, notify: [desk]}]\n"
        "subscribers: [{id: desk, webhook: {url: 'https://desk.example/', secret: '${S}'}}]"
    },
    lambda _: SECRET,
)


async def read_entries(redis: Redis, outbox: Outbox, *articles: dict[str, str]) -> list[Entry]:
    """A batch that was read and not decided."""
    await outbox.input_stream.ensure_group()
    ids = await outbox.input_stream.publish(articles)
    await redis.xreadgroup(GROUP, "reader", {outbox.stream: ">"})
    return [
        Entry(id_.encode(), {name.encode(): text.encode() for name, text in one.items()})
        for id_, one in zip(ids, articles, strict=True)
    ]


@asynccontextmanager
async def article_reader(outbox: Outbox) -> AsyncIterator[ArticleReader]:
    """The one that decides batches by `RULES`, which are prepared as those of a service are."""
    settings = StreamSettings()
    RULES.engine.prepare()
    async with PagePool(1) as pages:
        decider = BatchDecider(outbox, settings, rules=lambda: RULES, max_evidence=5, pages=pages)
        yield ArticleReader(outbox, settings, decider, consumer="reader")
        await decider.finish()


def sent_traces(receiver: Receiver) -> list[str]:
    """The `traceparent` of each request, in the order in which they came."""
    return [one.headers["traceparent"] for one in receiver.requests]
