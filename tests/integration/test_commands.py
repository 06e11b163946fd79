"""`tocsin deliveries`, `subscribers` and `silence`: what an operator sees and does."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from alerts import NOON, an_alert, commit_alerts, eventually, lease, settle
from commands import Shell, a_shell
from receiver import LOOPBACK, Receiver, answer
from service.alert import rfc3339
from service.delivery.outcome import Again, Done, Failed, Next
from service.delivery.webhook import WebhookSender
from service.delivery.worker import DeliveryWorker
from service.ledger import Attempt
from service.outbox import Outbox
from service.silence import silenced
from service.store import STATES, Store

GUIDE = Path(__file__).parents[2] / "docs" / "operating.md"
MINUTE = timedelta(minutes=1)
HOSTILE = "no\x1b[31m way\x9b2J\r\n" + "x" * 2000
REFUSED = Attempt(rfc3339(NOON), "w", 500, 12, "answered 500", HOSTILE)


@pytest.fixture
def outbox(redis: Redis, stream_name: str) -> Outbox:
    """The outbox that the commands look at."""
    return Outbox(redis, stream_name)


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis_url: str, stream_name: str
) -> Shell:
    """A terminal beside that outbox."""
    return a_shell(monkeypatch, tmp_path, redis_url, stream_name)


async def made(redis: Redis, outbox: Outbox, *articles: str, **options: Any) -> None:
    """Have an alert of each of these articles made."""
    await commit_alerts(redis, outbox, *(an_alert(each, **options) for each in articles))


async def ended(outbox: Outbox, then: Next, limit: int = 100) -> list[str]:
    """Lease what is due and settle it all alike; the ids."""
    leased = await lease(outbox, limit, MINUTE, worker="w", at=NOON)
    for one in leased:
        await settle(outbox, one, REFUSED, then)
    return [one.id for one in leased]


def wide(text: str) -> list[str]:
    """The lines that a terminal of 80 columns would break."""
    return [line for line in text.splitlines() if len(line) > 80]


# tocsin deliveries ---------------------------------------------------------------------------


async def listed(shell: Shell, *options: str) -> list[Any]:
    """What the list holds, as JSON."""
    said = await shell.run("deliveries", "list", "--json", *options)
    assert said.code == 0, said.err
    found: list[Any] = json.loads(said.out)
    return found


async def test_deliveries_are_listed_newest_first_and_filtered(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """By state, subscriber, watchlist and time, in any combination."""
    await made(redis, outbox, "a1", "a2")
    failed = await ended(outbox, Failed())
    await made(redis, outbox, "a3", watchlist="tanks", subscribers=("desk", "other"))
    await ended(outbox, Done())
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
    said = await shell.run("deliveries", "list")
    assert wide(said.out) == []
    said = await shell.run("deliveries", "list", "--state", "failed", "--subscriber", "other")
    assert (said.code, said.out) == (0, "no deliveries like that\n")


async def scattered(redis: Redis, outbox: Outbox, count: int, rng: random.Random) -> list[Any]:
    """So many deliveries made at odd times, in odd states; each as (id, subscriber, state, ms)."""
    store = Store(redis, outbox.stream)
    begin = int(NOON.timestamp() * 1000)
    await made(redis, outbox, *map(str, range(count)), subscribers=("desk", "other"))
    pending: Any = await redis.zrange(store.states["pending"], 0, -1)
    ids = [each.decode() for each in pending]
    assert len(ids) == 2 * count
    found = []
    async with redis.pipeline(transaction=False) as pipe:
        for id_ in ids:
            pipe.hget(store.delivery(id_), "subscriber")
        names = [name.decode() for name in await pipe.execute()]
        for id_, name in zip(ids, names, strict=True):
            state, created = rng.choice(STATES), begin + rng.randrange(100)
            entered = created + rng.choice([0, 0, 1, 50])
            pipe.hset(store.delivery(id_), mapping={"state": state, "created": created})
            for each in STATES:
                pipe.zrem(store.states[each], id_)
            pipe.zadd(store.states[state], {id_: entered})
            if state != "pending":
                pipe.zrem(store.lane(name), id_)
            found.append((id_, name, state, created, entered))
        await pipe.execute()
    return found


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
    lane: Any = await redis.zrange(Store(redis, outbox.stream).lane("desk"), 0, -1)
    made_at = {id_: created for created, id_ in wanted}
    again = [made_at[one.decode()] for one in lane if one.decode() in made_at]
    assert again == sorted(again)
    assert len(again) == len(wanted)


async def test_show_tells_each_attempt_and_harms_no_terminal(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """Time, status, duration and the beginning of the answer; control characters are shown."""
    await made(redis, outbox, "a1")
    (id_,) = await ended(outbox, Failed())
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
    (one,) = await outbox.ledger.deliveries(state="pending")
    said = await shell.run("deliveries", "show", one.id, "--json")
    told: str = json.loads(said.out)["waits"]
    return told


async def test_show_tells_why_a_delivery_waits(redis: Redis, outbox: Outbox, shell: Shell) -> None:
    """Its turn, its lease, its lane's circuit or rest, its subscriber."""
    store = Store(redis, outbox.stream)
    state = f"{store.lane('desk')}:state"
    await made(redis, outbox, "a1")
    assert "is `tocsin run` running?" in await waits(shell, outbox)
    (leased,) = await lease(outbox, 1, MINUTE, worker="w", at=NOON)
    assert await waits(shell, outbox) == "it is being sent"
    await settle(outbox, leased, REFUSED, Again(3600, rest=600))
    assert "resting for 9m more" in await waits(shell, outbox)
    await redis.hdel(state, "rest")
    assert await waits(shell, outbox) == "its next attempt is due later"
    soon = str(int(datetime.now(UTC).timestamp() * 1000) + 30_000)
    await redis.hset(state, mapping={"failures": "5", "probe": soon})
    assert re.search(r"open: 5 failures in a row .* next try in \d\ds", await waits(shell, outbox))
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


# tocsin subscribers --------------------------------------------------------------------------


async def lanes(shell: Shell) -> dict[str, Any]:
    """The rows of the list by subscriber."""
    said = await shell.run("subscribers", "list", "--json")
    assert said.code == 0, said.err
    return {row["subscriber"]: row for row in json.loads(said.out)}


async def test_subscribers_are_listed_as_their_lanes_stand(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """New, ok, doubtful, open, disabled: with what waits, what failed and the last success."""
    assert (await lanes(shell))["desk"]["lane"] == "new"
    await made(redis, outbox, "a0")
    await ended(outbox, Done())
    desk = (await lanes(shell))["desk"]
    assert (desk["lane"], desk["pending"], desk["channel"]) == ("ok", 0, "webhook")
    assert abs(datetime.fromisoformat(desk["last_success"]) - datetime.now(UTC)) < MINUTE
    await made(redis, outbox, "a1", "a2")
    await ended(outbox, Failed())
    desk = (await lanes(shell))["desk"]
    assert (desk["lane"], desk["failed"], desk["failures_in_a_row"]) == ("doubtful", 2, 2)
    await made(redis, outbox, "a3", "a4", "a5")
    await ended(outbox, Again(3600))
    desk = (await lanes(shell))["desk"]
    assert (desk["lane"], desk["pending"], desk["next_probe"] is None) == ("open", 3, False)
    await shell.run("subscribers", "disable", "desk", "other", "--reason", "the office\x1b moves")
    assert [row["lane"] for row in (await lanes(shell)).values()] == ["disabled"] * 2
    said = await shell.run("subscribers", "list")
    assert wide(said.out) == []
    assert "\x1b" not in said.out


async def test_what_was_missed_is_told_and_recovered(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """A 410 disables; enable prints the very command that sends what failed, and all of it."""
    words: Sequence[str] = ()
    async with Receiver() as receiver:
        sender = WebhookSender(version="1", allowed=LOOPBACK)
        known = {"desk": receiver.subscriber()}
        worker = DeliveryWorker([outbox], lambda: known, sender, name="w")
        stop = asyncio.Event()
        working = asyncio.create_task(worker.run(stop))
        try:
            await made(redis, outbox, "a0")
            await eventually(lambda: len(receiver.requests) == 1)
            receiver.usual = answer(410)
            await made(redis, outbox, *(f"b{n}" for n in range(20)))
            failed = Store(redis, outbox.stream).states["failed"]

            async def all_failed() -> bool:
                return bool(await redis.zcard(failed) == 20)

            await eventually(all_failed)
            assert (await lanes(shell))["desk"]["lane"] == "disabled"
            receiver.usual = answer(204)
            tried = set(receiver.ids)
            said = await shell.run("subscribers", "enable", "desk")
            assert said.out.startswith("desk is enabled\n20 deliveries have failed meanwhile")
            command = said.out.splitlines()[-1].split()
            assert command[:4] == ["tocsin", "deliveries", "recover", "desk"]
            words, arrived = command[1:], len(receiver.requests) + 20
            assert (await shell.run(*words)).out.startswith("20 failed deliveries to desk")
            await eventually(lambda: len(receiver.requests) == arrived)
            assert len(set(receiver.ids)) == 21
            assert tried <= set(receiver.ids)
        finally:
            stop.set()
            await working
            await sender.aclose()
    assert (await shell.run(*words)).out.startswith("0 failed deliveries")
    said = await shell.run("subscribers", "enable", "desk")
    assert said.out == "desk had no troubles\n"


async def test_a_test_message_goes_the_real_way(outbox: Outbox, shell: Shell) -> None:
    """Signed, at once and past the queue; exit 0 only where it was taken; no secret is shown."""
    async with Receiver(answer(200, b"thanks"), answer(500, b"at /hook/T0ken \x1b[2J")) as receiver:
        shell.export(DESK_URL=receiver.url)
        said = await shell.run("subscribers", "test", "desk")
        assert said.code == 0, said.err
        assert re.fullmatch(
            r"desk      delivered\nstatus    200\ntook      \d+ ms\nresponse  “thanks”\n", said.out
        )
        (request,) = receiver.requests
        assert request.verifies()
        event = json.loads(request.body)
        assert event["type"] == "subscriber.test"
        assert event["data"]["subscriber"] == "desk"
        said = await shell.run("subscribers", "test", "desk")
        assert said.code == 1
        assert "not delivered" in said.out
        assert "answered 500" in said.out
        assert not re.search("T0ken|p4ssword|s3cret|whsec|\x1b", said.out + said.err)
        said = await shell.run("subscribers", "test", "desk", "--json")
        assert json.loads(said.out)["delivered"] is True
    said = await shell.run("subscribers", "test", "desk")
    assert said.code == 1
    assert "not delivered" in said.out
    assert await outbox.ledger.deliveries() == []


async def test_a_test_needs_no_redis(shell: Shell) -> None:
    """It is for the moment at which everything is down."""
    async with Receiver() as receiver:
        shell.export(DESK_URL=receiver.url, TOCSIN_REDIS_URL="redis://127.0.0.1:1")
        assert (await shell.run("subscribers", "test", "desk")).code == 0


async def test_a_test_of_an_unusable_subscriber_says_why(shell: Shell) -> None:
    """A secret that is missing, a name that is unknown."""
    said = await shell.run("subscribers", "test", "desk")
    assert said.code == 1
    assert "DESK_URL" in said.err
    said = await shell.run("subscribers", "test", "dosk")
    assert said.code == 2
    assert "did you mean desk?" in said.err


# tocsin silence ------------------------------------------------------------------------------


async def test_a_silence_is_added_listed_and_removed(outbox: Outbox, shell: Shell) -> None:
    """By watchlist, tag or subscriber, until a moment, with a reason."""
    for option, name in (("--watchlist", "jets"), ("--tag", "defence"), ("--subscriber", "desk")):
        words = ["silence", "add", option, name, "--for", "2h", "--reason", "air show"]
        said = await shell.run(*words)
        assert said.code == 0, said.err
        assert re.fullmatch(
            rf"sil_[0-9a-f]{{8}}: {option[2:]} {name} is silent until \S+Z\n", said.out
        )
    in_force = await outbox.silences.in_force(datetime.now(UTC))
    assert silenced(in_force, "jets", (), "nobody")
    assert silenced(in_force, "tanks", ("defence",), "nobody")
    assert silenced(in_force, "tanks", (), "desk")
    assert not silenced(in_force, "tanks", (), "other")
    said = await shell.run("silence", "list")
    assert wide(said.out) == []
    assert said.out.count("air show") == 3
    said = await shell.run("silence", "list", "--json")
    rows = json.loads(said.out)
    ends = datetime.fromisoformat(rows[0]["until"]) - datetime.now(UTC)
    assert timedelta(hours=1.9) < ends <= timedelta(hours=2)
    said = await shell.run("silence", "remove", rows[0]["id"], "sil_00000000", rows[1]["id"])
    assert said.code == 1
    assert "sil_00000000" in said.err
    assert len(await outbox.silences.in_force(datetime.now(UTC))) == 1


async def test_a_silence_holds_in_all_streams_under_one_id(
    redis: Redis, outbox: Outbox, shell: Shell, stream_name: str
) -> None:
    """And is removed from all of them."""
    second = Outbox(redis, f"{stream_name}-b")
    shell.export(TOCSIN_STREAMS=f"{stream_name},{stream_name}-b")
    until = rfc3339(datetime.now(UTC) + timedelta(hours=1))
    await shell.run("silence", "add", "--watchlist", "jets", "--until", until, "--reason", "x")
    now = datetime.now(UTC)
    ((one,), (two,)) = [await each.silences.in_force(now) for each in (outbox, second)]
    assert one == two
    assert one.until == until
    said = await shell.run("silence", "list", "--json")
    (row,) = json.loads(said.out)
    assert row["streams"] == [stream_name, f"{stream_name}-b"]
    await shell.run("silence", "remove", one.id)
    assert [await each.silences.in_force(now) for each in (outbox, second)] == [[], []]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("silence add --watchlist jetz --for 2h --reason x", "did you mean jets?"),
        ("silence add --tag defense --for 2h --reason x", "did you mean defence?"),
        ("silence add --subscriber zzz --for 2h --reason x", "there is no subscriber zzz"),
        ("silence add --watchlist jets --tag defence --for 2h --reason x", "give one of"),
        ("silence add --for 2h --reason x", "give one of --watchlist"),
        ("silence add --watchlist jets --reason x", "give --for or --until"),
        ("silence add --watchlist jets --for 2h --until 2099-01-01 --reason x", "--for or"),
        ("silence add --watchlist jets --for 2y --reason x", "90s, 20m, 2h or 3d"),
        ("silence add --watchlist jets --for 9999999d --reason x", "90s, 20m, 2h or 3d"),
        ("silence add --watchlist jets --until 2020-01-01 --reason x", "is over"),
        ("silence add --watchlist jets --until soon --reason x", "is no moment"),
        ("silence add --watchlist jets --for 2h", "--reason"),
        ("deliveries list --since yesterday", "is no moment"),
        ("deliveries list --since 9999999d", "is no moment"),
        ("deliveries list --state lost", "--state"),
        ("deliveries recover desk", "--since"),
        ("deliveries recover dosk --since 2h", "did you mean desk?"),
        ("deliveries recover desk --since 1h --until 2h", "lies before"),
        ("subscribers enable dosk", "did you mean desk?"),
        ("subscribers disable dosk --reason x", "did you mean desk?"),
        ("subscribers disable desk", "--reason"),
    ],
)
async def test_a_mistake_in_the_words_is_a_mistake_in_usage(
    redis: Redis, shell: Shell, words: str, told: str
) -> None:
    """Exit code 2, and what to write instead."""
    del redis  # empty, and there
    said = await shell.run(*words.split())
    assert said.code == 2
    assert told in " ".join(said.err.replace("│", " ").split())


@pytest.mark.parametrize(
    "command",
    [
        *(f"deliveries {each}" for each in ("list", "show", "retry", "recover")),
        *(f"subscribers {each}" for each in ("list", "test", "enable", "disable")),
        *(f"silence {each}" for each in ("add", "list", "remove")),
    ],
)
async def test_every_command_has_help_with_an_example(shell: Shell, command: str) -> None:
    """At 80 columns; and docs/operating.md tells when to use it."""
    assert f"tocsin {command}" in GUIDE.read_text(encoding="utf-8")
    said = await shell.run(*command.split(), "--help")
    assert said.code == 0
    assert f"Example: tocsin {command}" in " ".join(said.out.split())
    assert wide(said.out) == []
