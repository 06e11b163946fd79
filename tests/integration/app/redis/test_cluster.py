"""Clients of a cluster: each finds the primary of its slot, and finds it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from builders.alerts import eventually
from harness.own_server import Server, free_port
from harness.redis_cluster import Servers, cluster, move_slot, slot_move, streams_by_primary
from service.app.redis.clients import clients
from service.app.redis.cluster import SlotLockedError
from service.store.keys.data import DATA
from service.store.outbox import Outbox

STREAMS = streams_by_primary()


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Servers]:
    """Three primaries."""
    async with cluster(tmp_path / "cluster") as found:
        yield found


async def node_of(redis: Redis) -> int:
    """The port of the server that answers this client."""
    told: dict[str, Any] = await redis.info("server")
    return int(told["tcp_port"])


async def test_each_stream_is_kept_by_the_primary_of_its_slot(servers: Servers) -> None:
    """Pipelines, scripts, TIME and INFO go to that server; a stream takes nothing to another."""
    async with clients(servers.url) as client_of:
        ports = [await node_of(client_of(stream)) for stream in STREAMS]
        assert ports == [node.port for node in servers.nodes]
        for stream in STREAMS:
            outbox = Outbox(client_of(stream), stream)
            await outbox.input_stream.ensure_group()
            assert (await outbox.input_stream.backlog()).unread == 0
            async with client_of(stream).pipeline(transaction=True) as pipe:
                pipe.set(f"tocsin:{{{stream}}}:a", 1)
                pipe.get(f"tocsin:{{{stream}}}:a")
                pipe.time()
                assert (await pipe.execute())[1] == b"1"
        await client_of(DATA).zadd(DATA, {"0": 1})
        # redis-py would ask again and again; a key of another slot is a mistake of ours.
        with pytest.raises(RedisError, match="another server"):
            await client_of(STREAMS[0]).get(STREAMS[1])


async def test_a_slot_that_has_moved_is_found_again(servers: Servers) -> None:
    """Its stream goes on at the new server with the next command, without an error."""
    stream = STREAMS[0]
    async with clients(servers.url) as client_of:
        redis = client_of(stream)
        await redis.xadd(stream, {"title": "a"})
        await move_slot(servers, stream, servers.nodes[1])
        assert await redis.xlen(stream) == 1
        assert await node_of(redis) == servers.nodes[1].port


async def test_while_a_slot_is_moved_its_stream_waits(servers: Servers) -> None:
    """A script at the new server would take keys that are not there yet for ones that are not."""
    stream = STREAMS[0]
    async with clients(servers.url) as client_of:
        redis = client_of(stream)
        await redis.xadd(stream, {"title": "a"})
        outbox = Outbox(redis, stream)
        async with slot_move(servers, stream, servers.nodes[1]) as move:
            await move.begin()
            assert await redis.xlen(stream) == 1
            with pytest.raises(SlotLockedError, match="being moved"):  # not halfway
                await outbox.input_stream.backlog()
            await move.move(stream)
            with pytest.raises(SlotLockedError, match="being moved"):
                await redis.xlen(stream)
            with pytest.raises(SlotLockedError, match="being moved"):
                await outbox.input_stream.backlog()
            async with redis.pipeline(transaction=False) as pipe:
                for _ in range(3):
                    pipe.xlen(stream)
                with pytest.raises(SlotLockedError):
                    await pipe.execute()
            assert await redis.ping()  # no answer of the pipeline is left in a connection
            await move.end()
        assert (await outbox.input_stream.backlog()).added == 1


async def test_one_node_of_those_named_is_enough(servers: Servers) -> None:
    """The others are known from it; and a client lives on when the node that it asked has gone."""
    named, _, last = servers.nodes
    url = f"redis+cluster://127.0.0.1:1,127.0.0.1:{named.port}"
    async with clients(url) as client_of:
        redis = client_of(STREAMS[2])
        assert await node_of(redis) == last.port
        await named.kill()
        assert await node_of(redis) == last.port


async def test_a_node_that_does_not_know_its_own_host_is_reached(tmp_path: Path) -> None:
    """One that met no other leaves its host out of the slots: it is the one that was asked."""
    options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    async with Server(tmp_path / "one", *options) as one, one.client() as redis:
        await redis.cluster("ADDSLOTSRANGE", 0, 16383)
        (run,) = await redis.cluster("SLOTS")
        assert run[2][0] in (b"", None)
        async with clients(_cluster_of(one)) as client_of:
            # The server takes a moment until it says that it is a cluster.
            await eventually(lambda: _is_there(client_of("articles"), one))


async def _is_there(redis: Redis, node: Server) -> bool:
    try:
        return await node_of(redis) == node.port and not await redis.exists("articles")
    except SlotLockedError:
        return False


async def test_a_server_that_is_no_cluster_is_told(tmp_path: Path) -> None:
    """As any Redis that cannot be used."""
    async with Server(tmp_path / "one") as one, clients(_cluster_of(one)) as client_of:
        with pytest.raises(RedisError, match="cluster support disabled"):
            await client_of("articles").ping()


def _cluster_of(node: Server) -> str:
    return f"redis+cluster://127.0.0.1:{node.port}"
