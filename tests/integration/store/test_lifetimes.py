"""How long each key of Redis lives: as `store/keys` says, through a scene that makes all of them.

An hour passes without a wait: what would have expired in it is deleted as Redis does it, and what
is trimmed by its age is trimmed with a retention that is over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, a_request, read_entries, settle
from builders.leases import ANSWERED, REFUSED
from builders.rules import SECRETS, load
from builders.stories import TEXT, report, settle_entries, take
from service.alerts.alert import Event, alert_id, rfc3339
from service.alerts.people.silence import Silence
from service.alerts.people.verdict import GivenVerdict
from service.alerts.rhythm.evaluation import Changes, Quiet
from service.alerts.rhythm.head import Head
from service.rules.in_force.state import RulesChange, RulesInForce, SetContent, WorkerRules
from service.settings import StreamSettings
from service.store.client import Store
from service.store.commit.commit import DeadLetter
from service.store.commit.event_plan import PORTION
from service.store.input_stream.workers import WorkerNote
from service.store.keys import ALERT, BELL, BUNDLES, DELIVERY, GROUP, KEYS, LANE_ASIDE
from service.store.keys.pattern import KeyPattern
from service.store.lanes.allotment import LaneLimits
from service.store.lanes.leases import Leased
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Completed, Exhausted, RetryLater
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool

HOUR = timedelta(hours=1)
KEEP = timedelta(minutes=50)
WINDOW = timedelta(minutes=40)
SPAN = timedelta(minutes=30)
RULES = load(
    {
        "rules.yaml": """
watchlists:
  - {id: jets, match: fighter jet, notify: [desk, night, daily, gone]}
  - {id: every, match: fighter jet, repeat: article, notify: [desk]}
  - {id: busy, match: siren, notify: [desk], throttle: {max: 1, per: 30m}}
subscribers:
  - {id: desk, webhook: {url: "https://d.example/", secret: "${DESK_SECRET}"}}
  - id: night
    quiet: {from: "00:00", to: "23:59", except: []}
    webhook: {url: "https://n.example/", secret: "${DESK_SECRET}"}
  - {id: daily, digest: {every: 1d}, webhook: {url: "https://t.example/", secret: "${DESK_SECRET}"}}
  - {id: gone, webhook: {url: "https://g.example/", secret: "${DESK_SECRET}"}}
"""
    },
    SECRETS.get,
)
Check = Callable[[Redis, str, int], Awaitable[bool]]
"""Whether a key lives as long as it should; its rest of life is in ms, -1: it has no end."""


def within(most: timedelta) -> Check:
    """It ends, and within this time."""

    async def check(_redis: Redis, _key: str, left: int) -> bool:
        return 0 < left <= most / timedelta(milliseconds=1)

    return check


async def endless(_redis: Redis, _key: str, left: int) -> bool:
    """It has no end of its own: something else ends it."""
    return left == -1


async def while_open(redis: Redis, key: str, left: int) -> bool:
    """It ends once nothing of it waits."""
    waits = int(await redis.hget(key, "open") or 0) > 0
    return left == -1 if waits else await within(KEEP)(redis, key, left)


async def while_pending(redis: Redis, key: str, left: int) -> bool:
    """The same for a delivery."""
    waits = await redis.hget(key, "state") == b"pending"
    return left == -1 if waits else await within(KEEP)(redis, key, left)


LIFETIMES: dict[str, Check] = {
    "`keep_alerts` beyond the end of its last delivery": while_open,
    "no end while it is pending, then `keep_alerts`": while_pending,
    "`keep_alerts` beyond the last event": within(KEEP),
    "the story's window": within(WINDOW),
    "as long as the story": within(WINDOW),
    "the story's window, from its first alert": within(WINDOW),
    "the span of the throttle": within(SPAN),
    "7 days": within(timedelta(days=7)),
    "`keep_alerts`": within(KEEP),
    "no end": endless,
    "no end; ended deliveries are trimmed by `keep_alerts`": endless,
    "no end; trimmed by `keep_alerts`": endless,
    "trimmed by `keep_alerts`": endless,
    "until its deliveries have ended": endless,
    "until their leases end": endless,
    "until that key is gone": endless,
    "until the subscriber is enabled, or accepts a delivery that an operator asked for": endless,
    "until a worker takes it": endless,
    "until the rules have the subscriber again": endless,
    "until the rules have the subscriber no more and nothing waits for it; looked at each hour": (
        endless
    ),
    "until they are sent as one event": endless,
    "until it is evaluated, two days at most": within(timedelta(days=2)),
    "no end; a series leaves it 60 days after its end, two weeks if little is known of it": endless,
    "as `rhythm:series`": endless,
    "until it sends again, or is forgotten": endless,
    "until they are sent": endless,
    "while an older entry is pending": endless,
    "until they end": endless,
    "until these deliveries are written": endless,
    "no end; the last hundred": endless,
    "no end; a process leaves it, or is taken out a minute after its end": endless,
    "no end; a worker leaves it, or is taken out a minute after its end": endless,
    "while it is one of the last sets": endless,
    "an hour until a set that has it is in force, then while one of the last sets has it": endless,
}
"""By what `store/keys` says of a key."""
MANY = tuple(f"s{number}" for number in range(PORTION + 1))
"""More than have their deliveries written with an event."""
LIVE_ON = {
    "lane:<subscriber>:state",
    "disabled",
    "bell",
    "dead",
    "pace",
    "progress",
    "rhythm",
    "rhythm:due:<unit>",
    "rhythm:quiet",
    "rhythm:series",
    "rhythm:slot:<slot>",
    "rules",
    "rules:content:<content>",
    "rules:history",
    "rules:offers",
    "rules:piece:<piece>",
    "rules:workers",
    "thread:<subscriber>:<story>",
    "claim:<delivery>:<text>",
    "workers",
}
"""What is still there an hour after all is done: a small key for each subscriber, seven of
the stream (that of the dead letters is empty), threads, which live for days, and the rules."""


def test_every_lifetime_is_known() -> None:
    """A key with another one needs its check here."""
    assert {each.lifetime for each in KEYS} == set(LIFETIMES)


class Scene:
    """A stream on which everything happens that makes a key."""

    def __init__(self, redis: Redis, stream: str) -> None:
        self.redis = redis
        self.store = Store(redis, stream)
        self.outbox = Outbox(redis, stream, keep_alerts=KEEP, story_window=WINDOW)

    async def keys(self) -> dict[str, tuple[KeyPattern, int]]:
        """Each key beside the stream: its pattern, and how many ms it has to live."""
        found = {}
        async for raw in self.redis.scan_iter(f"{self.store.prefix}*"):
            key = raw.decode()
            name = key.removeprefix(self.store.prefix)
            (pattern,) = [each for each in KEYS if each.matches(name)]
            found[key] = (pattern, await self.redis.pttl(key))
        return found

    async def check(self) -> set[str]:
        """All of them live as long as they should; which kinds there were."""
        found = await self.keys()
        for key, (pattern, left) in found.items():
            assert await LIFETIMES[pattern.lifetime](self.redis, key, left), (key, left)
        # However much comes while nobody waits for it.
        assert await self.redis.llen(self.store.key(BELL)) <= 1
        return {pattern.text for pattern, _ in found.values()}

    async def lease(self, limits: LaneLimits | None = None) -> list[Leased]:
        """All that may be sent now."""
        many = limits or LaneLimits(max_in_flight=100, max_in_flight_unconfirmed=100)
        found: list[Leased] = []
        while True:
            result = await self.outbox.lanes.lease(a_request(100), lambda _: many)
            found += result.leased
            if result.next_look != timedelta(0):
                return found

    async def happens(self) -> None:
        """Alerts are sent, held, counted, corrected, taken back and refused."""
        outbox, redis = self.outbox, self.redis
        await outbox.input_stream.ensure_group()
        (self.first,) = await read_entries(redis, outbox.stream)  # stays in a reader's hands
        await take(redis, outbox, report("a"), report("b"), rules=RULES)
        await take(redis, outbox, report("a", TEXT + "\n\nMore follows."), rules=RULES)
        sirens = [report(f"s{n}", f"Siren {n} was heard.", title="Siren") for n in range(4)]
        await take(redis, outbox, *sirens, rules=RULES)
        await take(redis, outbox, report("s3", "A horn.", title="Horn"), rules=RULES)
        (entry,) = await read_entries(redis, outbox.stream)
        await outbox.commit([], [DeadLetter(entry, {b"x": b"y"}, "no text")], at=NOON)
        until = rfc3339(datetime.now(UTC) + timedelta(minutes=20))
        await outbox.silences.add(Silence("sil_1", "tag", "x", until, "x", rfc3339(NOON)))
        await outbox.moves.keep("old", "desk")
        await outbox.receivers.keep({"desk": "01ab 0"})
        verdict = GivenVerdict("noise", "desk", "link", rfc3339(NOON))
        async for raw in redis.scan_iter(self.store.key(ALERT, "*")):
            await outbox.verdicts.give(raw.decode().rpartition(":")[2], verdict)
        await outbox.claims.claim("dlv_1", "other", "any")
        await outbox.threads.put("desk", "sty_1", "a mark")
        await outbox.recipients.add("dlv_1", ["editors@example.org"])
        note = WorkerNote(("match",), "1.2.3", rfc3339(NOON), 0, 0)
        await outbox.workers.say("one", note, {"match": 0.01})
        await outbox.rules.claim("one", "files", WorkerRules(), fresh=False)
        rules = RulesInForce("set", "content", "files", "digest", 3, 4, "/rules", "one")
        content = SetContent(b"head", ("piece",), str.encode)
        assert await outbox.rules.put(rules, content, RulesChange(added=("jets",)), replaces=0)
        many = Event("rules.fault", "alr_many", {}, MANY)
        assert await outbox.rules.report_faults("some", many, at=NOON)
        await outbox.input_stream.count_vanished()
        ids = await outbox.input_stream.publish([{"id": "d", "title": "A fighter jet lands"}])
        await redis.xreadgroup(GROUP, "one", {outbox.stream: ">"})
        async with PagePool(1) as pages:
            decider = BatchDecider(
                outbox,
                StreamSettings(),
                rules=lambda: RULES,
                max_evidence=5,
                pages=pages,
            )
            fields = {b"id": b"d", b"title": b"A fighter jet lands"}
            await decider.process([Entry(ids[0].encode(), fields)])
            await decider.finish()

    async def is_sent(self) -> None:
        """Deliveries arrive, fail, are refused unsent, and are tried again later."""
        outbox = self.outbox
        await outbox.lanes.disable("gone", "moving", at=NOON)
        leased = await self.lease()
        assert len(leased) >= 4
        report_of = alert_id("delivery.exhausted", leased[1].id, "1")
        exhausted = Event("delivery.exhausted", report_of, {"subscriber": "desk"}, ("night",))
        settled = [
            Settlement(leased[0], ANSWERED, Completed()),
            Settlement(leased[1], REFUSED, Exhausted(), exhausted),
            *(Settlement(one, REFUSED, RetryLater(2 * HOUR)) for one in leased[2:]),
        ]
        await outbox.lanes.settle(settled, at=NOON)
        quiet = Quiet("source", "a.example", 5, 9.0, 2.0, outbox.stream)
        changes = Changes(Head.begun(7), quiet=[quiet])
        changes.states = {("source", "a.example"): b"x", ("watchlist", "jets"): b"x"}
        changes.due = dict.fromkeys(changes.states, 9.0)
        assert await outbox.rhythms.put(changes, (), at=NOON)
        outbox.arrivals.add(300_000, "a.example", ("jets",))
        await outbox.arrivals.write()

    async def comes_to_an_end(self) -> None:
        """What waits is sent, and nothing is left to do."""
        outbox, redis = self.outbox, self.redis
        gone = report("a", TEXT.replace("fighter jet", "trainer"))
        await take(redis, outbox, gone, rules=RULES)
        await settle_entries(outbox, [self.first], [report("z", "Rain.")], rules=RULES)
        await take(redis, outbox, report("z", "Rain."), rules=RULES)
        bundles = self.store.key(BUNDLES)
        names: Any = await redis.zrange(bundles, 0, -1)
        for name in names:
            await redis.zadd(bundles, {name: 1})
        while await outbox.held_events.release():
            pass
        await outbox.lanes.enable("gone")
        await outbox.moves.forget("old")
        async for raw in redis.scan_iter(self.store.key(DELIVERY, "*")):
            if await redis.hget(raw, "state") == b"pending":
                await outbox.deliveries.retry(raw.decode().rpartition(":")[2])
        for one in await self.lease():
            await settle(outbox, one, ANSWERED, Completed())
        await outbox.lanes.disable("gone", "moving", at=NOON)

    async def an_hour_passes(self) -> None:
        """With all that it ends."""
        for key, (_, left) in (await self.keys()).items():
            if 0 <= left <= HOUR / timedelta(milliseconds=1):
                await self.redis.delete(key)
        brief = timedelta(milliseconds=1)
        later = Outbox(self.redis, self.outbox.stream, keep_alerts=brief, keep_articles=brief)
        before = await self.redis.time()
        while await self.redis.time() <= (before[0], before[1] + 2000):
            pass
        await later.input_stream.trim()
        await later.receivers.forget_others(())
        until = rfc3339(datetime.now(UTC) - HOUR)
        await later.silences.add(Silence("sil_1", "tag", "x", until, "x", rfc3339(NOON)))
        await later.silences.in_force()


@pytest.fixture
def scene(redis: Redis, stream_name: str) -> Scene:
    """A stream with nothing on it."""
    return Scene(redis, stream_name)


async def test_every_key_lives_as_long_as_it_is_said_to(scene: Scene) -> None:
    """At each step of a scene that makes every kind of key; an hour later hardly any is left."""
    await scene.happens()
    seen = await scene.check()
    leased = await scene.lease(LaneLimits(max_in_flight=1, max_in_flight_unconfirmed=1))
    seen |= await scene.check()
    for one in leased:
        await settle(scene.outbox, one, ANSWERED, Completed())
    await scene.is_sent()
    seen |= await scene.check()
    await scene.comes_to_an_end()
    seen |= await scene.check()
    assert seen == {each.text for each in KEYS} - {LANE_ASIDE.text}
    await scene.an_hour_passes()
    await scene.check()
    left = await scene.keys()
    assert {pattern.text for pattern, _ in left.values()} <= LIVE_ON
    assert len([key for key in left if key.endswith(":state")]) <= len((*RULES.subscribers, *MANY))
    assert await scene.redis.xlen(scene.outbox.stream) == 0
    assert await scene.outbox.dead_letters.newest() == []


async def test_what_is_refused_unsent_ends_as_what_was_sent(scene: Scene) -> None:
    """Of a disabled subscriber, or because the event's text is gone."""
    outbox, redis = scene.outbox, scene.redis
    await outbox.input_stream.ensure_group()
    await take(redis, outbox, report("a"), rules=RULES)
    async for raw in redis.scan_iter(scene.store.key(ALERT, "*")):
        if await redis.hget(raw, "watchlist") == b"every":
            await redis.hdel(raw, "body")
    await outbox.lanes.disable("gone", "moving", at=NOON)
    await scene.lease()
    failed = await outbox.deliveries.newest(state="failed")
    assert {one.subscriber for one in failed} == {"desk", "gone"}
    for one in failed:
        assert (
            0
            < await redis.pttl(scene.store.key(DELIVERY, one.id))
            <= KEEP / timedelta(milliseconds=1)
        )
    await scene.check()
