"""A cluster of a test's own: three primaries, each with a replica where that is asked for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError

from builders.alerts import eventually
from harness.own_server import Server, free_port
from harness.tls_way import Keys, encrypted
from service.settings.redis_url import address

ON_CLUSTER = os.environ.get("TEST_CLUSTER", "") == "1"
"""Whether the tests that take any Redis run on a cluster."""
SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))
"""Those of each primary, the first and the last."""
NODE_TIMEOUT_MS = 1000
"""After so long without an answer a primary counts as failed, and its replica takes its place."""


def streams_by_primary(each: int = 1) -> list[str]:
    """Names of input streams: so many for each primary, one primary after the other."""
    found: list[list[str]] = [[] for _ in SLOTS]
    for number in range(1000):
        name = f"wire-{number}"
        for names, (first, last) in zip(found, SLOTS, strict=True):
            if first <= key_slot(name.encode()) <= last and len(names) < each:
                names.append(name)
    return [names[number] for number in range(each) for names in found]


@dataclass
class Servers:
    """The nodes of a cluster: first its primaries, by their slots, then a replica of each."""

    nodes: Sequence[Node]

    @property
    def url(self) -> str:
        """What TOCSIN_REDIS_URL says of them."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.shown}" for node in self.nodes)

    async def ready(self) -> None:
        """Return once each node takes what is written to its slots, replicas in step."""

        async def agreed() -> bool:
            for node in self.nodes:
                async with node.client() as client:
                    told: Any = await client.cluster("INFO")
                    link = (await client.info("replication")).get("master_link_status", "up")
                if told["cluster_state"] != "ok" or link != "up":
                    return False
            return True

        await eventually(agreed, 60)

    async def primary(self, key: str) -> Node:
        """The node that has this key's slot, by what the others say."""
        ports = {node.shown: node for node in self.nodes}
        while True:
            for node in self.nodes:
                try:
                    async with node.client() as client:
                        rows: Any = await client.cluster("SLOTS")
                except (RedisError, OSError):
                    continue
                for first, last, (_, port, *_), *_ in rows:
                    if first <= key_slot(key.encode()) <= last:
                        return ports[port]
            await asyncio.sleep(0.1)


@dataclass
class SlotMove:
    """The move of a slot from one primary to another, key by key, as a cluster is grown."""

    source: Redis
    target: Redis
    port: int
    """Of the target."""
    slot: int
    ids: list[Any] = field(default_factory=list)
    """Of the source and of the target."""

    async def begin(self) -> None:
        """From now on each key is at one of the two."""
        self.ids = [await each.cluster("MYID") for each in (self.source, self.target)]
        await self.target.cluster("SETSLOT", self.slot, "IMPORTING", self.ids[0])
        await self.source.cluster("SETSLOT", self.slot, "MIGRATING", self.ids[1])

    async def some_keys(self) -> list[Any]:
        """Up to ten that are still at the source."""
        found: Any = await self.source.cluster("GETKEYSINSLOT", self.slot, 10)
        return list(found)

    async def move(self, *keys: str | bytes) -> None:
        """Move these keys."""
        await self.source.migrate("127.0.0.1", self.port, [*keys], 0, 5000)

    async def end(self) -> None:
        """The slot is the target's."""
        for each in (self.target, self.source):
            await each.cluster("SETSLOT", self.slot, "NODE", self.ids[1])


@asynccontextmanager
async def slot_move(servers: Servers, key: str, to: Node) -> AsyncIterator[SlotMove]:
    """A move of the slot of `key` to this node."""
    source = await servers.primary(key)
    async with source.client() as one, to.client() as other:
        yield SlotMove(one, other, to.port, key_slot(key.encode()))


async def move_slot(servers: Servers, key: str, to: Node, pause: float = 0) -> None:
    """Move all of it, with so many seconds between two keys."""
    async with slot_move(servers, key, to) as move:
        await move.begin()
        while keys := await move.some_keys():
            for each in keys:
                await move.move(each)
                await asyncio.sleep(pause)
        await move.end()


class Node(Server):
    """One server of a cluster."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.bus_port = free_port()
        self.announced = 0
        """The port that others are told, where it is not its own."""
        super().__init__(
            folder,
            *("--cluster-enabled", "yes", "--cluster-port", str(self.bus_port)),
            *("--cluster-node-timeout", str(NODE_TIMEOUT_MS)),
            *more,
        )

    def announce(self, port: int) -> None:
        """Tell others this port."""
        self.announced = port
        self._more += ("--cluster-announce-port", str(port))

    @property
    def shown(self) -> int:
        """The port that others are told."""
        return self.announced or self.port


@asynccontextmanager
async def cluster(
    folder: Path, *more: str, replicas: bool = False, keys: Keys | None = None
) -> AsyncIterator[Servers]:
    """Nodes that know each other from the start: they read so in their configuration.

    `more`: options of every node. `keys`: clients reach them by TLS.
    """
    count = len(SLOTS) * (1 + replicas)
    nodes = [Node(folder / f"node-{number}", *more) for number in range(count)]
    async with AsyncExitStack() as stack:
        if keys:
            for node in nodes:
                node.announce(await stack.enter_async_context(encrypted(keys, node.port)))
        for me, node in enumerate(nodes):
            await asyncio.to_thread(_write, folder / f"node-{me}", _known(nodes, me))
            await stack.enter_async_context(node)
        found = Servers(nodes)
        await found.ready()
        yield found


@contextmanager
def shared_cluster(folder: Path) -> Iterator[str]:
    """The URL of three primaries, for as long as they are needed."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            yield runner.run(stack.enter_async_context(cluster(folder))).url
        finally:
            runner.run(stack.aclose())


async def emptied(url: str) -> None:
    """Delete all that the nodes of this URL hold."""
    for host, port in address(url).nodes:
        async with Redis(host=host, port=port) as client:
            await client.flushall()


def _write(home: Path, configuration: str) -> None:
    home.mkdir(parents=True)
    (home / "nodes.conf").write_text(configuration, encoding="ascii")


def _known(nodes: Sequence[Node], me: int) -> str:
    """The configuration of a node: all of them, with the slots of each primary."""
    lines = []
    for number, node in enumerate(nodes):
        shard, own = number % len(SLOTS), "myself," if number == me else ""
        start = f"{number + 1:040x} 127.0.0.1:{node.shown}@{node.bus_port} {own}"
        if number < len(SLOTS):
            first, last = SLOTS[shard]
            lines.append(f"{start}master - 0 0 {shard + 1} connected {first}-{last}")
        else:
            lines.append(f"{start}slave {shard + 1:040x} 0 0 {shard + 1} connected")
    return "\n".join((*lines, f"vars currentEpoch {len(SLOTS)} lastVoteEpoch 0", ""))
