"""`tocsin subscribers`: how lanes stand, what was missed, and a message to try one."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from builders.alerts import NOON, eventually
from builders.deliveries import ended, made
from builders.leases import MINUTE, RETRY_IN_AN_HOUR
from builders.senders import webhook_sender
from harness.commands import Shell, wide
from harness.receiver import Receiver, answer
from service.delivery.worker.worker import DeliveryWorker, WorkerSettings
from service.store.client import Store
from service.store.keys import DELIVERIES
from service.store.lanes.verdict import Completed, Exhausted
from service.store.outbox import Outbox


async def lanes(shell: Shell) -> dict[str, Any]:
    """The rows of the list by subscriber."""
    said = await shell.run("subscribers", "list", "--json")
    assert said.code == 0, said.err
    return {row["subscriber"]: row for row in json.loads(said.out)}


async def test_subscribers_are_listed_as_their_lanes_stand(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """New, ok, failing, open, disabled: with what waits, what failed and the last success."""
    assert (await lanes(shell))["desk"]["lane"] == "new"
    await made(redis, outbox, "a0")
    await ended(outbox, Completed())
    desk = (await lanes(shell))["desk"]
    assert (desk["lane"], desk["pending"], desk["channel"]) == ("ok", 0, "webhook")
    assert abs(datetime.fromisoformat(desk["last_success"]) - datetime.now(UTC)) < MINUTE
    await made(redis, outbox, "a1", "a2")
    await ended(outbox, Exhausted())
    desk = (await lanes(shell))["desk"]
    assert (desk["lane"], desk["failed"], desk["failures_in_a_row"]) == ("failing", 2, 2)
    await made(redis, outbox, "a3", "a4", "a5")
    await ended(outbox, RETRY_IN_AN_HOUR)
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
        sender = webhook_sender()
        known = {"desk": receiver.subscriber()}
        worker = DeliveryWorker([outbox], lambda: known, sender, WorkerSettings("w"))
        stop = asyncio.Event()
        working = asyncio.create_task(worker.run(stop))
        try:
            await made(redis, outbox, "a0")
            await eventually(lambda: len(receiver.requests) == 1)
            receiver.usual = answer(410)
            await made(redis, outbox, *(f"b{n}" for n in range(20)))
            failed = Store(redis, outbox.stream).key(DELIVERIES, "failed")

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
    assert said.out == "desk was enabled already\n"


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
    assert await outbox.deliveries.newest() == []


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


async def test_what_waits_for_a_renamed_subscriber_is_moved(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """And what comes for it later; each mistyped name is an error."""
    await made(redis, outbox, "a1", "a2", subscribers=("gone",))
    said = await shell.run("subscribers", "move", "gone", "--to", "desk")
    assert said.out.splitlines() == [
        "2 deliveries moved from gone to desk",
        "what comes for gone from now on goes to desk, until the rules name gone",
    ]
    assert (await lanes(shell))["desk"]["pending"] == 2
    assert await outbox.moves.known() == {"gone": "desk"}
    assert (await shell.run("subscribers", "move", "gnoe", "--to", "desk")).code == 2
    assert "did you mean desk?" in (await shell.run("subscribers", "move", "x", "--to", "dsk")).err
    assert (await shell.run("subscribers", "move", "desk", "--to", "desk")).code == 2
    assert await outbox.moves.known() == {"gone": "desk"}


async def test_nothing_is_moved_to_one_that_is_disabled(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """All of it would fail."""
    await made(redis, outbox, "a1", subscribers=("gone",))
    await outbox.lanes.disable("desk", "on leave", at=NOON)
    said = await shell.run("subscribers", "move", "gone", "--to", "desk")
    assert said.code == 2
    assert "desk is disabled" in said.err
    assert (await outbox.lane_states.of("gone")).pending == 1


async def test_one_that_the_rules_still_name_keeps_what_comes(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """Only what waits now is moved."""
    await made(redis, outbox, "a1")
    await ended(outbox, Exhausted())
    said = await shell.run("subscribers", "move", "desk", "--to", "other", "--failed")
    assert said.out == "1 delivery moved from desk to other\n"
    assert await outbox.moves.known() == {}
