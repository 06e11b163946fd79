"""What tests of the outbox and of delivery start from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from builders.commits import Made, made_by
from service.alerts.alert import Event, alert_id
from service.alerts.decide import decide_alert, history_after
from service.alerts.decision import AlertDraft, Created, Decision, Held, Limit, Outcome, Updated
from service.alerts.history import AlertHistory, ArticleHistory, BatchHistory
from service.articles.identity import Identity
from service.rules.schema import ThrottleSpec
from service.store.client import Store
from service.store.commit.commit import DeadLetter, Decided
from service.store.deliveries.delivery import Attempt
from service.store.keys import GROUP
from service.store.lanes.allotment import LaneLimits, Slots
from service.store.lanes.leases import Leased, LeaseRequest
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Verdict
from service.store.outbox import Outbox
from service.store.stories.query import StoryQuery, WatchlistQuery
from service.store.stories.version import Guard, JudgedVersion

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AnAlert:
    """One watchlist's match of one article, by the event that a new alert would send."""

    id: str
    watchlist_id: str
    article: Identity
    revision: str
    score: float
    created: Event
    throttle: ThrottleSpec | None = None

    def draft(self, entry: bytes) -> AlertDraft:
        """What is decided about it."""
        throttle = self.throttle
        return AlertDraft(
            alert_id=self.id,
            watchlist_id=self.watchlist_id,
            article=self.article,
            revision=self.revision,
            entry_id=entry.decode(),
            score=self.score,
            subscribers=self.created.subscribers,
            limit=Limit(throttle.max, throttle.per) if throttle else None,
        )

    def event(self, decision: Decision, history: AlertHistory) -> Event | None:
        """What is sent."""
        if isinstance(decision, Updated) and history.sent:
            id_ = alert_id("updated", self.id, self.revision, history.sent.latest_id)
            data = {"alert_id": self.id, **self.created.data}
            return replace(self.created, kind="alert.updated", id=id_, data=data)
        return self.created if isinstance(decision, Created | Held) else None


def an_alert(
    article: str = "a1",
    *,
    watchlist: str = "jets",
    revision: str = "r1",
    subscribers: tuple[str, ...] = ("desk",),
    title: str = "Türkiye, Pakistan to cement defence ties",
    score: float = 50.0,
    throttle: ThrottleSpec | None = None,
) -> AnAlert:
    """One watchlist's match of one article."""
    identity = Identity("", article)
    id_ = alert_id(watchlist, *identity.parts)
    data = {
        "watchlist": {"id": watchlist, "severity": "high"},
        "score": {"value": score},
        "article": {"id": article, "title": title, "summary": ""},
        "evidence": [],
    }
    created = Event("alert.created", id_, data, subscribers)
    return AnAlert(id_, watchlist, identity, revision, score, created, throttle)


async def read_entries(
    redis: Redis, stream: str, count: int = 1, *, consumer: str = "one"
) -> list[bytes]:
    """Write so many articles and have `consumer` read them: their ids, all pending."""
    for number in range(count):
        await redis.xadd(stream, {"title": f"article {number}"})
    read: Any = await redis.xreadgroup(GROUP, consumer, {stream: ">"}, count=count)
    batches = read.values() if isinstance(read, dict) else [entries for _, entries in read]
    flat = [entry for batch in batches for entry in batch]
    if flat and isinstance(flat[0], list):  # the newer protocol nests once more
        flat = [entry for batch in flat for entry in batch]
    return [entry[0] for entry in flat]


async def pending(redis: Redis, stream: str) -> list[bytes]:
    """The ids of the entries that are read and not acknowledged."""
    found: Any = await redis.xpending_range(stream, GROUP, "-", "+", 10_000)
    return [one["message_id"] for one in found]


async def keys_of(redis: Redis, stream: str) -> set[str]:
    """What Tocsin keeps beside the stream."""
    prefix = Store(redis, stream).prefix
    return {key.decode().removeprefix(prefix) async for key in redis.scan_iter(f"{prefix}*")}


async def commit_alerts(redis: Redis, outbox: Outbox, *alerts: AnAlert) -> None:
    """Have one article read and judged to make these alerts."""
    await outbox.input_stream.ensure_group()
    (entry,) = await read_entries(redis, outbox.stream)
    await commit(outbox, [Judged(entry, alerts)])


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry, and what matched its article."""

    entry_id: bytes
    alerts: tuple[AnAlert, ...] = ()


async def commit(outbox: Outbox, judged: Sequence[Judged], dead: Sequence[DeadLetter] = ()) -> Made:
    """Decide a batch by its history and commit it, again and again where that has changed."""
    made = Made()
    while judged or dead:
        committed = await outbox.commit(await decide(outbox, judged), dead, at=NOON)
        made += made_by(committed)
        judged = [one for one in judged if one.entry_id in committed.stale]
        dead = ()
    return made


async def decide(outbox: Outbox, judged: Sequence[Judged]) -> list[Decided]:
    """What becomes of each entry."""
    matched: dict[tuple[bytes, Identity], list[AnAlert]] = {}
    for one in judged:
        for alert in one.alerts:
            matched.setdefault((one.entry_id, alert.article), []).append(alert)
    read = await outbox.histories.read(
        [_query(entry, alerts) for (entry, _), alerts in matched.items()]
    )
    histories = dict(zip(matched, read, strict=True))
    batch = BatchHistory()
    decided = []
    for one in judged:
        outcomes = []
        guards: list[Guard] = []
        for alert in one.alerts:
            found = histories[one.entry_id, alert.article]
            outcomes.append(_outcome(alert, one.entry_id, found.history, batch))
        for article in dict.fromkeys(alert.article for alert in one.alerts):
            guards += histories[one.entry_id, article].version.guards
        version = JudgedVersion(one.alerts[0].article, tuple(guards)) if one.alerts else None
        decided.append(Decided(one.entry_id, tuple(outcomes), version))
    return decided


def _query(entry: bytes, alerts: Sequence[AnAlert]) -> StoryQuery:
    first = alerts[0]
    watchlists = [WatchlistQuery(one.watchlist_id, None, bool(one.throttle)) for one in alerts]
    return StoryQuery(entry.decode(), first.article, first.revision, watchlists=tuple(watchlists))


def _outcome(alert: AnAlert, entry: bytes, article: ArticleHistory, batch: BatchHistory) -> Outcome:
    draft = alert.draft(entry)
    before = batch.of(alert.id, alert.watchlist_id, article)
    decision = decide_alert(draft, before, now=article.now, is_muted=lambda _: False)
    event = alert.event(decision, before)
    after = history_after(
        draft, decision, before, now=article.now, event_id=event.id if event else ""
    )
    batch.record(alert.id, alert.watchlist_id, "", after)
    return Outcome(draft, decision, event, before, after)


async def eventually(
    holds: Callable[[], Awaitable[bool]] | Callable[[], bool], seconds: float = 10.0
) -> None:
    """Return as soon as it holds; fail when it does not within `seconds`.

    On a busy machine a process may get a tenth of a processor: only a test's own limit is shorter.
    """
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


def at_once(_: str) -> LaneLimits:
    """A lane from which everything may be taken at once."""
    return LaneLimits(max_in_flight=1000, max_in_flight_unconfirmed=1000)


def a_request(
    limit: int,
    span: timedelta = timedelta(minutes=1),
    *,
    impaired: int | None = None,
    idle_lanes_only: bool = False,
    worker: str = "w",
    at: datetime = NOON,
) -> LeaseRequest:
    """A request for so many deliveries, and so many of them of lanes that are failing or slow."""
    slots = Slots(limit, limit if impaired is None else impaired, idle_lanes_only)
    return LeaseRequest(slots, span, worker, at)


async def lease(
    outbox: Outbox, limit: int, span: timedelta, *, worker: str, at: datetime
) -> list[Leased]:
    """Lease deliveries of lanes that hold nothing back."""
    request = a_request(limit, span, worker=worker, at=at)
    return [*(await outbox.lanes.lease(request, at_once)).leased]


async def settle(outbox: Outbox, leased: Leased, attempt: Attempt, verdict: Verdict) -> bool:
    """Settle one delivery; whether that counted."""
    (settled,) = await outbox.lanes.settle([Settlement(leased, attempt, verdict)], at=NOON)
    return settled.counted
