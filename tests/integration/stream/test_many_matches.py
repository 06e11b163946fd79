"""An article that thousands of watchlists match: no call holds the server for long."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis

from builders.rules import load
from service.settings import StreamSettings
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool

WATCHLISTS = 350
RECEIVERS = [f"s{n}" for n in range(350)]
"""Of one more watchlist."""
MOST_COMMANDS = 500
"""That one call of a script runs, at some 25 µs each on a busy machine: 13 ms."""
RULES = load(
    {
        "r.yaml": "watchlists:\n"
        + "".join(
            f"- {{id: w{n}, match: harbour, notify: [desk]{', repeat: article' * (n % 2)}}}\n"
            for n in range(WATCHLISTS)
        )
        + f"- {{id: all, match: harbour, notify: [{', '.join(RECEIVERS)}]}}\n"
        + "subscribers:\n"
        + "".join(
            f'- {{id: {name}, webhook: {{url: "https://desk.example/", secret: "${{S}}"}}}}\n'
            for name in ("desk", *RECEIVERS)
        )
    },
    lambda _: "whsec_" + "QUJD" * 8,
)
NEW = "The harbour of Quill opened on Monday, the mayor said, after a storm had closed it."


@contextlib.asynccontextmanager
async def commands_of_scripts(redis: Redis) -> AsyncIterator[list[int]]:
    """How many commands each call of a script runs within the block."""
    counts: list[int] = []
    async with redis.monitor() as monitor:
        heard = asyncio.Event()

        async def listen() -> None:
            async for one in monitor.listen():
                if one["client_type"] == "lua":
                    counts[-1] += 1
                elif one["command"].upper().startswith("EVAL"):
                    counts.append(0)
                elif one["command"].upper().startswith("ECHO"):
                    heard.set()

        listening = asyncio.create_task(listen())
        yield counts
        await redis.echo("all is said")
        await heard.wait()
        listening.cancel()


async def process(redis: Redis, outbox: Outbox, pages: PagePool, body: str) -> None:
    """Read an entry of the same article with this text, and decide it."""
    reading: Any = redis  # its replies are typed for both of redis-py's clients
    await redis.xadd(outbox.stream, {"id": "a1", "title": "Port news", "body": body})
    ((_, rows),) = await reading.xreadgroup(GROUP, "reader", {outbox.stream: ">"})
    decider = BatchDecider(
        outbox, StreamSettings(), rules=lambda: RULES, max_evidence=1, pages=pages
    )
    await decider.process([Entry(id_, fields) for id_, fields in rows])
    await decider.finish()


async def test_no_call_runs_many_commands_whatever_an_article_matches(
    redis: Redis, outbox: Outbox
) -> None:
    """Not for new alerts, nor where the text is corrected, nor where it matches no more.

    Nor for those that very many receive.
    """
    await outbox.input_stream.ensure_group()
    for body in (NEW, NEW.replace("Monday", "Tuesday"), NEW.replace("harbour", "port")):
        async with PagePool(1) as pages, commands_of_scripts(redis) as counts:
            await process(redis, outbox, pages, body)
        assert len(counts) > 3
        assert sum(counts) > 2 * (WATCHLISTS + len(RECEIVERS))
        assert max(counts) <= MOST_COMMANDS
        assert (await redis.xpending(outbox.stream, GROUP))["pending"] == 0
