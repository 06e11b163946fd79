"""`tocsin status`: one screen."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.agreed_rules import put_rules
from builders.lanes import due
from harness.commands import Shell, wide
from service.cli import status
from service.store.client import Store
from service.store.input_stream.workers import WorkerNote
from service.store.keys import DISABLED, GROUP, QUIET
from service.store.outbox import Outbox

NOTE = WorkerNote(("deliver", "match", "web"), "1.2.3", "2026-11-23T12:00:00Z", 1234.5, 99.5)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for pause in ("FIRST_LOOK", "LOOK_EVERY"):
        monkeypatch.setattr(status, pause, timedelta(milliseconds=20))


async def test_it_shows_what_waits_and_who_works(
    shell: Shell, redis: Redis, outbox: Outbox, tmp_path: Path
) -> None:
    """Everything in 80 columns and 24 lines."""
    await put_rules(outbox, tmp_path / "rules")
    await outbox.workers.say("worker-with-a-long-name-0123456789-abcdef", NOTE, {})
    await due(redis, outbox, 3, "desk", "other")
    await redis.xadd(outbox.stream, {"title": "a"}, id="9999999999000-0")
    await redis.xreadgroup(GROUP, "a", {outbox.stream: ">"})
    said = await shell.run("status")
    assert (said.code, wide(said.out)) == (0, [])
    lines = [line.split() for line in said.out.splitlines()]
    assert len(lines) <= 24
    stream, deliveries = lines[1], lines[3]
    assert stream[2:4] == ["0", "1"]
    assert deliveries[1:3] == ["6", "6"]
    assert deliveries[-2:] == ["2", "new"]
    assert "3 watchlists" in said.out
    assert "append-only" in said.out
    assert lines[-1][:3] == ["…e-0123456789-abcdef", "deliver,match,web", "1.2.3"]
    assert lines[-1][-2:] == ["1234.5", "99.5"]


async def test_json_has_all_of_it(shell: Shell, redis: Redis, outbox: Outbox) -> None:
    """Times are RFC 3339, lengths of time seconds; there may be no rules and no worker yet."""
    await redis.xadd(outbox.stream, {"title": "a"}, id="60000-0")
    await redis.hset(Store(redis, outbox.stream).key(DISABLED), "desk", "{}")
    found = json.loads((await shell.run("status", "--json")).out)
    (stream,) = found["streams"]
    assert (stream["stream"], stream["read"], stream["unread"]) == (outbox.stream, False, 1)
    assert stream["lag_seconds"] > 1e9
    assert stream["last_added"] == "1970-01-01T00:01:00.000Z"
    assert (stream["added_per_second"], stream["lanes"]) == (0, {"disabled": 1})
    assert (found["rules"], found["workers"]) == (None, [])
    assert found["store"]["version"].startswith(("Valkey ", "Redis "))
    assert found["store"]["append_only"] is True


async def test_nobody_works_is_said_in_words(shell: Shell, outbox: Outbox) -> None:
    """An empty table would be read over."""
    del outbox
    said = await shell.run("status")
    assert "no worker has said in the last minute that it runs: tocsin run" in said.out
    assert "none in force yet" in said.out


async def test_who_is_quiet_has_a_line_with_all_that_is_said_of_it(
    shell: Shell, redis: Redis, outbox: Outbox
) -> None:
    """A stream comes first; of a long name its end is left out, not the facts."""
    facts = {"since": "2026-11-23T12:00:00Z", "usual_gap_articles": None, "stream": ""}
    named = {
        "source:" + "a long name " * 9: facts | {"usual_gap_seconds": 1500},
        "watchlist:jets": facts | {"usual_gap_seconds": None, "usual_gap_articles": 1204.5},
        "stream:wires": facts | {"usual_gap_seconds": 60, "since": "2026-11-24T12:00:00Z"},
    }
    key = Store(redis, outbox.stream).key(QUIET)
    await redis.hset(key, mapping={name: json.dumps(note) for name, note in named.items()})
    said = await shell.run("status")
    assert wide(said.out) == []
    assert "1 stream, 1 source, 1 watchlist" in said.out
    first, *others = (line.strip() for line in said.out.splitlines() if "is usual" in line)
    assert first.startswith("stream wires: for ")
    assert first.endswith("; every 1m is usual")
    assert [line.rpartition("; ")[2] for line in sorted(others)] == [
        "every 25m is usual",
        "1 story in 1,204 articles is usual",
    ]


async def test_watch_looks_again_and_knows_the_rate(
    shell: Shell, redis: Redis, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line a look, until somebody ends it."""
    looks = 0

    async def then(seconds: float) -> None:
        nonlocal looks
        del seconds
        looks += 1
        if looks == 2:
            await publish()
        if looks == 3:
            raise KeyboardInterrupt

    async def publish() -> None:
        from service.app.redis.clients import clients

        async with clients(url) as client_of:  # the command runs in a loop of its own
            here = client_of(outbox.stream)
            for _ in range(5):
                await here.xadd(outbox.stream, {"title": "a"})

    path = redis.connection_pool.connection_kwargs["path"]
    url = f"unix://{path}"
    monkeypatch.setattr(status, "_pause", then)
    said = await shell.run("status", "--watch", "--json")
    first, second = map(json.loads, said.out.splitlines())
    assert first["streams"][0]["added_per_second"] == 0
    assert second["streams"][0]["added_per_second"] > 0
    assert second["streams"][0]["unread"] == 5
