"""A service among garbage, foreign keys, receivers that fail and rules that are broken."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from builders.entries_on_stream import MATCHING, a_story, add
from harness.commands import Shell
from harness.receiver import Receiver, answer
from harness.service_process import PATIENCE, Place, settled, start
from harness.whole_file import write_whole


async def test_garbage_is_dead_lettered_and_harms_nothing_beside_it(
    tmp_path: Path,
    redis: Redis,
    least_url: str,
    stream_name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every kind of garbage in one batch: a reason each, the good articles alerted, alive."""
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    garbage = [
        {b"body": b"\xff\xfe\x00binary\x80"},
        {b"body": b"x" * 5_000_000},
        {b"article": b'{"title": "broken'},
        {b"article": b"[1, 2]"},
        {b"article": b'{"title": ["a list"]}'},
        {b"article": deep},
        {b"title": b"", b"body": b"   "},
        {b"colour": b"red"},
        {b"\xff": b"\xff"},
        {b"html": b"<html><body></body></html>"},
        {b"article": b'{"title": "x\\u0000y"}'},
    ]
    async with Receiver() as receiver:
        place = Place(tmp_path, least_url, stream_name, receiver)
        for number, fields in enumerate(garbage):
            await add(redis, stream_name, fields)
            await add(redis, stream_name, a_story(number))
        service = await start(place)
        await eventually(lambda: len(receiver.requests) >= len(garbage), PATIENCE)
        await settled(redis, stream_name)
        assert service.alive
        shell = Shell(monkeypatch, place.environment)
        said = await shell.run("dead", "list", "--json")
        letters = json.loads(said.out)
        assert (said.code, len(letters)) == (0, len(garbage))
        assert all(letter["reason"] and letter["at"] for letter in letters)
        said = await shell.run("dead", "show", letters[-1]["id"], "--json")
        assert json.loads(said.out)["fields"] == {"body": "\\xff\\xfe\x00binary\\x80"}
        said = await shell.run("dead", "replay", "--all")
        assert (said.code, said.out) == (0, f"{len(garbage)} replayed\n")
        await settled(redis, stream_name)
        assert await redis.xlen(f"tocsin:{{{stream_name}}}:dead") == len(garbage)
        assert await service.terminate() == 0
    assert len(set(receiver.ids)) == len(receiver.ids) == len(garbage)


async def test_keys_that_are_gone_or_of_the_wrong_type_are_named_and_mended(
    tmp_path: Path, client_of: Callable[[str], Redis], least_url: str, stream_name: str
) -> None:
    """The service says which key, stays alive, and goes on when the key is put right.

    One stream each: the stream itself, the lanes and the dead letters hold something else; the last
    stream is deleted, with its group, while it is read.
    """
    itself, lanes, dead, gone = (f"{stream_name}-{name}" for name in ("s", "lanes", "dead", "gone"))
    wrong = {itself: itself, f"tocsin:{{{lanes}}}:lanes": lanes, f"tocsin:{{{dead}}}:dead": dead}
    async with Receiver() as receiver:
        place = Place(tmp_path, least_url, f"{itself},{lanes},{dead},{gone}", receiver)
        for stream in (lanes, dead):
            await add(client_of(stream), stream, {**MATCHING, "id": stream})
            await add(client_of(stream), stream, {"colour": "red"})
        for key, stream in wrong.items():
            await client_of(stream).set(key, "not ours")
        service = await start(place)
        await eventually(lambda: all(named(key, service.log) for key in wrong), PATIENCE)
        await eventually(lambda: reading(gone, service.log), PATIENCE)
        await client_of(gone).delete(gone)
        await add(client_of(gone), gone, {**MATCHING, "id": gone})
        await eventually(lambda: bool(receiver.requests), PATIENCE)
        assert service.alive
        assert articles(receiver) == [gone]
        for key, stream in wrong.items():
            await client_of(stream).delete(key)
        await add(client_of(itself), itself, {**MATCHING, "id": itself})
        await eventually(lambda: len(receiver.requests) >= 4, PATIENCE)
        for stream in (itself, lanes, dead, gone):
            await settled(client_of(stream), stream)
        assert await service.terminate() == 0
    assert sorted(articles(receiver)) == sorted((itself, lanes, dead, gone))


def named(key: str, log: list[str]) -> bool:
    """Whether the log says that this key holds a string."""
    return any(key in line and "string" in line for line in log)


def reading(stream: str, log: list[str]) -> bool:
    """Whether the log says that this stream is being read."""
    return any('"stream.reading"' in line and f'"{stream}"' in line for line in log)


def articles(receiver: Receiver) -> list[str]:
    """The articles that the receiver was told of."""
    return [json.loads(each.body)["data"]["article"]["id"] for each in receiver.requests]


async def test_a_failed_delivery_is_kept_shown_and_sent_again(
    tmp_path: Path,
    redis: Redis,
    least_url: str,
    stream_name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Attempts run out; the delivery is listed with each of them; retry sends the same id."""
    async with Receiver(answer(500, b"no"), answer(500), answer(200)) as receiver:
        more = {"TOCSIN_RETRY_SCHEDULE": "0.1"}
        place = Place(tmp_path, least_url, stream_name, receiver, more=more)
        await add(redis, stream_name, {**MATCHING, "id": "a"})
        service = await start(place)
        await eventually(lambda: service.said("delivery.exhausted"), PATIENCE)
        shell = Shell(monkeypatch, place.environment)
        said = await shell.run("deliveries", "list", "--state", "failed", "--json")
        (delivery,) = json.loads(said.out)
        assert [one["status"] for one in delivery["attempts"]] == [500, 500]
        said = await shell.run("deliveries", "show", delivery["id"])
        assert said.code == 0
        assert "answered 500" in said.out
        said = await shell.run("deliveries", "retry", delivery["id"])
        assert (said.code, said.out) == (0, f"{delivery['id']} is due now\n")
        await eventually(lambda: len(receiver.requests) == 3, PATIENCE)
        await settled(redis, stream_name)
        said = await shell.run("deliveries", "list")
        assert "delivered" in said.out
        assert max(map(len, said.out.splitlines())) <= 80
        await service.terminate()
    assert len(set(receiver.ids)) == 1
    assert all(request.verifies() for request in receiver.requests)
    log = "".join(service.log)
    for secret in ("T0ken", "p4ssword", "s3cret", "whsec_dGhl"):
        assert secret not in log


async def test_rules_reload_and_bad_rules_keep_the_last_good(
    tmp_path: Path, redis: Redis, least_url: str, stream_name: str
) -> None:
    """A broken file is told and changes nothing; a mended one is in force without a restart."""
    async with Receiver() as receiver:
        more = {"TOCSIN_RELOAD_EVERY": "0.1"}
        place = Place(tmp_path, least_url, stream_name, receiver, more=more)
        service = await start(place)
        await eventually(lambda: service.said("stream.reading"), PATIENCE)
        path = tmp_path / "rules" / "rules.yaml"
        write_whole(path, place.rules.replace("match: Pakistan", "match: ((Pakistan"))
        await eventually(lambda: service.said("rules.fault"), PATIENCE)
        await add(redis, stream_name, {**MATCHING, "id": "a"})
        await eventually(lambda: len(receiver.requests) == 1, PATIENCE)
        loads = loaded(service.log)
        write_whole(path, place.rules.replace("fighter jet", "tank"))
        await eventually(lambda: loaded(service.log) > loads, PATIENCE)
        await add(redis, stream_name, a_story(1))
        await add(redis, stream_name, {**MATCHING, "id": "c", "body": "A tank."})
        await eventually(lambda: len(receiver.requests) == 2, PATIENCE)
        await settled(redis, stream_name)
        await service.terminate()
    assert [json.loads(r.body)["data"]["article"]["id"] for r in receiver.requests] == ["a", "c"]


def loaded(log: list[str]) -> int:
    """How often rules were put into force."""
    return sum('"rules.loaded"' in line for line in log)


async def test_an_embedded_server_that_is_killed_is_started_anew(tmp_path: Path) -> None:
    """By a service that is alone with it; what waits there is delivered."""
    async with Receiver() as receiver:
        service = await start(Place(tmp_path, "embedded", "articles", receiver))
        home = tmp_path / "data" / "valkey"
        await eventually(lambda: service.said("stream.reading"), PATIENCE)
        os.kill(int((home / "valkey.pid").read_text()), signal.SIGKILL)
        await eventually(lambda: sum("embedded.started" in line for line in service.log) == 2)
        async with Redis(unix_socket_path=str((home / "valkey.sock").resolve())) as redis:
            await add(redis, "articles", MATCHING)
            await eventually(lambda: bool(receiver.requests), PATIENCE)
        assert service.said("embedded.ended")
        assert await service.terminate() == 0
