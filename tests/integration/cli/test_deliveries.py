"""`tocsin deliveries`: what an operator finds, reads and sends again."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, eventually, lease, settle
from builders.deliveries import HOSTILE, REFUSED, ended, made
from builders.leases import MINUTE, PAUSED
from harness.commands import Shell, wide
from service.alerts.alert import rfc3339
from service.store.client import Store
from service.store.keys import DELIVERIES, DELIVERY, LANE, LANE_STATE, STATES
from service.store.lanes.verdict import Completed, Exhausted
from service.store.outbox import Outbox


async def listed(shell: Shell, *options: str) -> list[Any]:
    """What the list holds, as JSON."""
    said = await shell.run("deliveries", "list", "--json", *options)
    assert said.code == 0, said.err
    found: list[Any] = json.loads(said.out)
    return found


async def later(redis: Redis) -> None:
    """Wait until the server's clock, in milliseconds, has gone on."""
    seconds, micros = await redis.time()

    async def past() -> bool:
        now, fraction = await redis.time()
        return (now, fraction // 1000) > (seconds, micros // 1000)

    await eventually(past)


async def test_deliveries_are_listed_where_an_event_cannot_be_read(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """Its key holds something else, and why its delivery fails is what is looked for."""
    await made(redis, outbox, "a1", "a2")
    first, second = await listed(shell)
    key = f"tocsin:{{{outbox.stream}}}:alert:{first['alert_id']}"
    assert await redis.delete(key) == 1
    await redis.set(key, "theirs")
    found = await listed(shell)
    assert [one["event_type"] for one in found] == ["", "alert.created"]
    assert found[1] == second


async def test_deliveries_are_listed_newest_first_and_filtered(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """By state, subscriber, watchlist and time, in any combination."""
    await made(redis, outbox, "a1", "a2")
    failed = await ended(outbox, Exhausted())
    await later(redis)
    await made(redis, outbox, "a3", watchlist="tanks", subscribers=("desk", "other"))
    await ended(outbox, Completed())
    await later(redis)
    await made(redis, outbox, "a4")
    everything = await listed(shell)
    assert [one["state"] for one in everything] == ["pending", *["delivered"] * 2, *["failed"] * 2]
    assert {one["id"] for one in await listed(shell, "--state", "failed")} == set(failed)
    assert len(await listed(shell, "--subscriber", "other")) == 1
    assert len(await listed(shell, "--watchlist", "jets", "--state", "failed")) == 2
    assert len(await listed(shell, "--watchlist", "tanks", "--state", "failed")) == 0
    assert await listed(shell, "--limit", "2") == everything[:2]
    assert await listed(shell, "--since", "1h") == everything
    assert await listed(shell, "--since", "2099-01-01") == []
    since = everything[1]["since"]
    assert len(await listed(shell, "--since", since)) >= 2
    said = await shell.run("deliveries", "list", "--state", "failed")
    assert wide(said.out) == []
    first, second, *_ = said.out.split("dlv_")[1].splitlines()
    assert first.split()[1::2] == ["failed", "1"]
    assert first.endswith(" alert.created")
    (headline,) = {one["headline"] for one in everything}
    assert second == f"  jets → desk  {headline}"
    assert {one["event_type"] for one in everything} == {"alert.created"}
    said = await shell.run("deliveries", "list", "--state", "failed", "--subscriber", "other")
    assert (said.code, said.out) == (0, "no such deliveries\n")


async def scattered(redis: Redis, outbox: Outbox, count: int, rng: random.Random) -> list[Any]:
    """So many deliveries made at odd times, in odd states; each as (id, subscriber, state, ms)."""
    store = Store(redis, outbox.stream)
    begin = int(NOON.timestamp() * 1000)
    await made(redis, outbox, *map(str, range(count)), subscribers=("desk", "other"))
    pending: Any = await redis.zrange(store.key(DELIVERIES, "pending"), 0, -1)
    ids = [each.decode() for each in pending]
    assert len(ids) == 2 * count
    found = []
    async with redis.pipeline(transaction=False) as pipe:
        for id_ in ids:
            pipe.hget(store.key(DELIVERY, id_), "subscriber")
        names = [name.decode() for name in await pipe.execute()]
        for id_, name in zip(ids, names, strict=True):
            state, created = rng.choice(STATES), begin + rng.randrange(100)
            entered = created + rng.choice([0, 0, 1, 50])
            pipe.hset(store.key(DELIVERY, id_), mapping={"state": state, "created": created})
            for each in STATES:
                pipe.zrem(store.key(DELIVERIES, each), id_)
            pipe.zadd(store.key(DELIVERIES, state), {id_: entered})
            if state != "pending":
                pipe.zrem(store.key(LANE, name), id_)
            found.append((id_, name, state, created, entered))
        await pipe.execute()
    return found


async def test_deliveries_of_several_streams_are_listed_newest_first(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """Whichever stream comes first."""
    other = Outbox(redis, f"{outbox.stream}-b")
    for each, article in ((outbox, "a1"), (other, "b1"), (outbox, "a2")):
        await made(redis, each, article)
        await later(redis)
    for names in ((outbox.stream, other.stream), (other.stream, outbox.stream)):
        shell.export(TOCSIN_STREAMS=",".join(names))
        assert [one["article_id"] for one in await listed(shell)] == ["a2", "b1", "a1"]
        assert len(await listed(shell, "--limit", "1")) == 1


@pytest.mark.parametrize("seed", range(6))
async def test_a_search_finds_what_a_look_at_each_finds(
    redis: Redis, outbox: Outbox, shell: Shell, seed: int
) -> None:
    """In the same order, though it is done in steps and many came into their state at once."""
    rng = random.Random(seed)
    every = await scattered(redis, outbox, 700, rng)
    since = NOON + timedelta(milliseconds=rng.randrange(150))
    state, limit = rng.choice(STATES), rng.choice([1, 40, 10_000])
    least = since.timestamp() * 1000
    fits = [one for one in every if one[1:3] == ("desk", state) and one[4] >= least]
    wanted = [one[0] for one in sorted(fits, key=lambda one: (one[4], one[0]), reverse=True)]
    options = ["--state", state, "--subscriber", "desk", "--limit", str(limit)]
    found = await listed(shell, *options, "--since", rfc3339(since))
    assert [one["id"] for one in found] == wanted[:limit]


@pytest.mark.parametrize("seed", range(4))
async def test_recover_sends_what_has_failed_since_then_and_nothing_twice(
    redis: Redis, outbox: Outbox, shell: Shell, seed: int
) -> None:
    """Exactly the failed ones of that subscriber, made in that time; the second run finds none."""
    rng = random.Random(seed)
    every = await scattered(redis, outbox, 300, rng)
    since, until = sorted(NOON + timedelta(milliseconds=rng.randrange(100)) for _ in "12")
    first, last = since.timestamp() * 1000, until.timestamp() * 1000
    wanted = [
        (created, id_)
        for id_, subscriber, state, created, _ in every
        if (subscriber, state) == ("desk", "failed") and first <= created <= last
    ]
    words = ["deliveries", "recover", "desk", "--since", rfc3339(since), "--until", rfc3339(until)]
    before = {one[0] for one in every if one[2] == "pending"}
    assert (await shell.run(*words)).out.startswith(f"{len(wanted)} failed deliver")
    now_pending = await listed(shell, "--state", "pending", "--limit", "9999")
    assert {one["id"] for one in now_pending} - before == {id_ for _, id_ in wanted}
    assert (await shell.run(*words)).out.startswith("0 failed deliveries")
    # zrange tells them in the order in which they are due.
    lane: Any = await redis.zrange(Store(redis, outbox.stream).key(LANE, "desk"), 0, -1)
    made_at = {id_: created for created, id_ in wanted}
    again = [made_at[one.decode()] for one in lane if one.decode() in made_at]
    assert again == sorted(again)
    assert len(again) == len(wanted)


async def test_retry_takes_ids_or_what_options_select(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """Pending and failed ones unless a state is named, and none of another watchlist."""
    await made(redis, outbox, "a1")
    (delivered,) = await ended(outbox, Completed())
    await made(redis, outbox, "a2")
    (failed,) = await ended(outbox, Exhausted())
    await made(redis, outbox, "a3", watchlist="tanks")

    async def states() -> list[str]:
        return sorted(one["state"] for one in await listed(shell))

    said = await shell.run("deliveries", "retry", "--watchlist", "tanks", "--state", "failed")
    assert said.out == "0 deliveries are due now\n"
    said = await shell.run("deliveries", "retry", "--watchlist", "jets")
    assert said.out == "1 delivery is due now\n"
    assert await states() == ["delivered", "pending", "pending"]
    said = await shell.run("deliveries", "retry", "--subscriber", "desk", "--state", "delivered")
    assert said.out == "1 delivery is due now\n"
    assert await states() == ["pending"] * 3
    assert {failed, delivered} < {one["id"] for one in await listed(shell)}
    for wrong in ([], [failed, "--subscriber", "desk"], ["--state", "failed"]):
        said = await shell.run("deliveries", "retry", *wrong)
        assert said.code == 2
        assert "write IDs" in said.err


async def test_show_tells_each_attempt_and_harms_no_terminal(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """Time, status, duration and the beginning of the answer; control characters are shown."""
    await made(redis, outbox, "a1")
    (id_,) = await ended(outbox, Exhausted())
    said = await shell.run("deliveries", "show", id_)
    assert said.code == 0
    assert f"{rfc3339(NOON)}  answered 500 in 12 ms\n" in said.out
    assert "“no\\x1b[31m way\\x9b2J" in said.out
    assert said.out.count("x" * 20) < 20
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", said.out)
    assert wide(said.out.split("{")[0]) == []
    said = await shell.run("deliveries", "show", id_, "--json")
    assert json.loads(said.out)["attempts"][0]["response"] == HOSTILE
    said = await shell.run("deliveries", "show", "dlv_0")
    assert said.code == 1
    assert "there is no delivery dlv_0" in said.err


async def waits(shell: Shell, outbox: Outbox) -> str:
    """Why the pending delivery waits, as `show` tells it."""
    (one,) = await outbox.deliveries.newest(state="pending")
    said = await shell.run("deliveries", "show", one.id, "--json")
    told: str = json.loads(said.out)["waits"]
    return told


async def test_show_tells_why_a_delivery_waits(redis: Redis, outbox: Outbox, shell: Shell) -> None:
    """Its turn, its lease, its lane's circuit or rest, its subscriber."""
    store = Store(redis, outbox.stream)
    state = store.key(LANE_STATE, "desk")
    await made(redis, outbox, "a1")
    assert "is `tocsin run` running?" in await waits(shell, outbox)
    (leased,) = await lease(outbox, 1, MINUTE, worker="w", at=NOON)
    assert await waits(shell, outbox) == "it is being sent"
    await settle(
        outbox,
        leased,
        REFUSED,
        PAUSED,
    )
    assert "paused for 9m (Retry-After)" in await waits(shell, outbox)
    await redis.hdel(state, "paused_until")
    assert re.fullmatch(r"its next attempt is due 2\S+Z", await waits(shell, outbox))
    soon = str(int(datetime.now(UTC).timestamp() * 1000) + 30_000)
    await redis.hset(state, mapping={"failures": "5", "next_probe": soon})
    assert re.search(
        r"open: 5 failures in a row .* next attempt in \d\ds", await waits(shell, outbox)
    )
    assert (await shell.run("subscribers", "disable", "desk", "--reason", "moving")).code == 0
    assert "disabled, so it fails when it is due: moving" in await waits(shell, outbox)


async def test_show_tells_of_a_subscriber_that_nobody_knows(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """Its deliveries wait until the rules are mended, and the list of subscribers has it."""
    await made(redis, outbox, "a1", subscribers=("gone",))
    assert "not in the rules" in await waits(shell, outbox)
    said = await shell.run("subscribers", "list", "--json")
    rows = {row["subscriber"]: row for row in json.loads(said.out)}
    assert rows.keys() == {"desk", "other", "gone"}
    assert (rows["gone"]["lane"], rows["gone"]["pending"]) == ("unknown", 1)
    assert rows["gone"]["channel"] is None
