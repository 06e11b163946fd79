"""`tocsin silence`: nothing is sent for a while, of a watchlist, a tag or to a subscriber."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from harness.commands import Shell, wide
from service.alerts.alert import rfc3339
from service.alerts.people.silence import silencing
from service.store.outbox import Outbox


async def test_a_silence_is_added_listed_and_removed(outbox: Outbox, shell: Shell) -> None:
    """By watchlist, tag or subscriber, until a moment, with a reason."""
    for option, name in (("--watchlist", "jets"), ("--tag", "defence"), ("--subscriber", "desk")):
        words = ["silence", "add", option, name, "--for", "2h", "--reason", "air show"]
        said = await shell.run(*words)
        assert said.code == 0, said.err
        assert re.fullmatch(
            rf"sil_[0-9a-f]{{8}}: {option[2:]} {name} is muted until \S+Z\n", said.out
        )
    in_force = (await outbox.silences.in_force()).silences
    assert silencing(in_force, "jets", (), "nobody")
    assert silencing(in_force, "tanks", ("defence",), "nobody")
    assert silencing(in_force, "tanks", (), "desk")
    assert not silencing(in_force, "tanks", (), "other")
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
    assert len((await outbox.silences.in_force()).silences) == 1


async def test_a_silence_holds_in_all_streams_under_one_id(
    redis: Redis, outbox: Outbox, shell: Shell, stream_name: str
) -> None:
    """And is removed from all of them."""
    second = Outbox(redis, f"{stream_name}-b")
    shell.export(TOCSIN_STREAMS=f"{stream_name},{stream_name}-b")
    until = rfc3339(datetime.now(UTC) + timedelta(hours=1))
    await shell.run("silence", "add", "--watchlist", "jets", "--until", until, "--reason", "x")
    (one,), (two,) = [(await each.silences.in_force()).silences for each in (outbox, second)]
    assert one == two
    assert one.until == until
    said = await shell.run("silence", "list", "--json")
    (row,) = json.loads(said.out)
    assert row["streams"] == [stream_name, f"{stream_name}-b"]
    await shell.run("silence", "remove", one.id)
    for each in (outbox, second):
        assert (await each.silences.in_force()).silences == ()


async def test_a_silence_is_from_now_on(shell: Shell) -> None:
    """By the clock of Redis; one that would have ended is a mistake in its option."""
    words = ["silence", "add", "--watchlist", "jets", "--reason", "x", "--until", "2020-01-01"]
    said = await shell.run(*words)
    assert said.code == 2
    assert "2020-01-01T00:00:00.000Z is in the past" in said.err
