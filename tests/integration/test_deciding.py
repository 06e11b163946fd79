"""Two readers that have revisions of one article at the same moment."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from alerts import NOON
from service.batch import Committed, DeadLetter, Decided
from service.deciding import MOST_TRIES, Decider, Entry
from service.outbox import Outbox
from service.pages import PagePool
from service.settings import StreamSettings
from service.store import GROUP
from service.watchlist import load

YAML = """
watchlists: [{id: jets, match: fighter jet, notify: [desk]}]
subscribers: [{id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}]
"""
RULES = load({"r.yaml": YAML}, lambda _: "whsec_" + "QUJD" * 8)
FIRST = "A fighter jet lands"
MENDED = "A fighter jet takes off"
WITHDRAWN = "A glider lands"


class Overtaken(Outbox):
    """An outbox, each commit of which finds that another reader has just made one."""

    meanwhile: Sequence[Callable[[], Awaitable[None]]] = ()

    async def commit(
        self, decided: Sequence[Decided], dead: Sequence[DeadLetter] = (), *, at: datetime
    ) -> Committed:
        """After what another does."""
        if self.meanwhile:
            now, *self.meanwhile = self.meanwhile
            await now()
        return await super().commit(decided, dead, at=at)


def decider(outbox: Outbox, pages: PagePool) -> Decider:
    """One reader's."""
    return Decider(
        outbox, StreamSettings(), rules=lambda: RULES, max_evidence=5, pages=pages, now=lambda: NOON
    )


async def entries(redis: Redis, outbox: Outbox, *articles: dict[str, str]) -> list[Entry]:
    """Entries that were read and not decided."""
    await outbox.ensure_group()
    ids = await outbox.publish(articles)
    await redis.xreadgroup(GROUP, "reader", {outbox.stream: ">"})
    return [
        Entry(id_.encode(), {name.encode(): text.encode() for name, text in fields.items()})
        for id_, fields in zip(ids, articles, strict=True)
    ]


def revision(title: str) -> dict[str, str]:
    """One of the same article."""
    return {"id": "a", "title": title}


async def told(outbox: Outbox) -> list[dict[str, Any]]:
    """What the desk gets, the earliest first."""
    found = []
    for one in await outbox.ledger.deliveries():
        delivery = await outbox.ledger.delivery(one.id)
        assert delivery is not None
        found.append(json.loads(delivery.body))
    return found[::-1]


@pytest.mark.parametrize(
    ("title", "kind", "field"),
    [(MENDED, "alert.updated", "title"), (WITHDRAWN, "alert.retracted", "evidence")],
)
async def test_what_another_told_meanwhile_is_reckoned_with(
    redis: Redis, stream_name: str, title: str, kind: str, field: str
) -> None:
    """Both asked for the article's past before either committed, and none was told of."""
    outbox = Overtaken(redis, stream_name)
    first, second = await entries(redis, outbox, revision(FIRST), revision(title))
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        outbox.meanwhile = [lambda: other.decide([first])]
        await decider(outbox, pages).decide([second])
    created, corrected = await told(outbox)
    assert (created["type"], corrected["type"]) == ("alert.created", kind)
    changed = {one["field"]: one for one in corrected["data"]["changes"]}
    assert changed["title"]["from"] == FIRST
    assert field in changed
    assert (await outbox.lag()).pending == 0


async def test_an_older_revision_that_comes_second_tells_nothing(
    redis: Redis, stream_name: str
) -> None:
    """Its reader was the slower one."""
    outbox = Overtaken(redis, stream_name)
    first, second = await entries(redis, outbox, revision(FIRST), revision(MENDED))
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        outbox.meanwhile = [lambda: other.decide([second])]
        await decider(outbox, pages).decide([first])
    (created,) = await told(outbox)
    assert created["data"]["article"]["title"] == MENDED
    assert (await outbox.lag()).pending == 0


async def test_the_rest_of_a_batch_does_not_wait(redis: Redis, stream_name: str) -> None:
    """Only what is stale is decided anew, and no dead letter is written twice."""
    outbox = Overtaken(redis, stream_name)
    first, *batch = await entries(
        redis,
        outbox,
        revision(FIRST),
        revision(MENDED),
        {"id": "b", "title": "Another fighter jet"},
        {"nothing": "of use"},
    )
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        outbox.meanwhile = [lambda: other.decide([first])]
        with capture_logs() as logs:
            await decider(outbox, pages).decide(batch)
    assert len(await told(outbox)) == 3
    assert len(await outbox.ledger.dead()) == 1
    assert [line["event"] for line in logs].count("article.matched") == 3
    assert (await outbox.lag()).pending == 0


async def test_an_article_that_all_tell_of_stays_pending(redis: Redis, stream_name: str) -> None:
    """And is decided when there is peace."""
    outbox = Overtaken(redis, stream_name)
    ours, *others = await entries(
        redis, outbox, *(revision(f"{FIRST}, {n}") for n in range(MOST_TRIES + 1))
    )
    async with PagePool(1) as pages:
        other = decider(Outbox(redis, stream_name), pages)
        outbox.meanwhile = [partial(other.decide, [one]) for one in others]
        with capture_logs() as logs:
            await decider(outbox, pages).decide([ours])
        assert [line for line in logs if line["event"] == "article.contended"]
        assert (await outbox.lag()).pending == 1
        await decider(outbox, pages).decide([ours])
    assert (await outbox.lag()).pending == 0
    assert len(await told(outbox)) == MOST_TRIES
