"""The service on a cluster of three primaries, an input stream on each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from builders.alerts import eventually
from builders.entries_on_stream import a_story, add
from harness.commands import Shell
from harness.receiver import Receiver
from harness.redis_cluster import cluster, streams_by_primary
from harness.service_process import PATIENCE, Place, settled, start
from service.app.redis.clients import clients


@pytest.mark.timeout(120)
async def test_three_streams_on_three_primaries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Articles of each stream are alerted once, though a primary is killed and comes back.

    One article is on all streams: the first one's primary says which of them sends it.
    """
    streams = streams_by_primary()
    async with (
        cluster(tmp_path / "cluster") as servers,
        clients(servers.url) as client_of,
        Receiver() as receiver,
    ):
        place = Place(tmp_path, servers.url, ",".join(streams), receiver)
        shell = Shell(monkeypatch, place.environment)
        service = await start(place)
        await eventually(lambda: receives(service, len(streams)), PATIENCE)
        for number, stream in enumerate(streams):
            (tmp_path / "a.json").write_text(json.dumps(a_story(number)), encoding="utf-8")
            said = await shell.run("publish", str(tmp_path / "a.json"), "--stream", stream)
            assert said.code == 0, said.err
        await eventually(lambda: len(receiver.requests) >= len(streams), PATIENCE)
        for stream in streams:
            await add(client_of(stream), stream, a_story(100))
        for stream in streams:
            await settled(client_of(stream), stream)
        await servers.nodes[1].kill()
        await servers.nodes[1].start()
        await servers.ready()
        for number, stream in enumerate(streams):
            await add(client_of(stream), stream, a_story(200 + number))
        for stream in streams:
            await settled(client_of(stream), stream)
        said = await shell.run("status", "--json")
        found = json.loads(said.out)
        assert [one["stream"] for one in found["streams"]] == streams
        assert found["store"]["servers"] == 3
        said = await shell.run("deliveries", "list", "--json")
        assert len(json.loads(said.out)) == 9
        assert await service.terminate() == 0
    assert len(set(receiver.ids)) == len(receiver.ids) == 7


def receives(service: Any, streams: int) -> bool:
    """Whether it reads so many streams."""
    return sum('"event":"stream.reading"' in line for line in service.log) == streams
