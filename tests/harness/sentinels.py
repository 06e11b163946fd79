"""A primary with its replica, and three Sentinels that watch them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from builders.alerts import eventually
from harness.own_server import Server

SERVICE = "news"
WATCH = """\
port {port}
bind 127.0.0.1
sentinel monitor {service} 127.0.0.1 {primary} 2
sentinel down-after-milliseconds {service} 1000
sentinel failover-timeout {service} 5000
"""
LOGIN = "watch", "watching"
"""A user of the Sentinels who may ask for the primary, and nothing else."""
LOCKED = """\
user default off
user others on >among-them +@all
user {login[0]} on >{login[1]} resetchannels -@all +sentinel|masters +ping
sentinel sentinel-user others
sentinel sentinel-pass among-them
"""


class Watcher(Server):
    """One Sentinel: the same program, which keeps what it knows in its configuration."""

    def __init__(self, folder: Path, primary: int, *, locked: bool = False) -> None:
        super().__init__(folder)
        self._primary = primary
        self._locked = locked

    def client(self) -> Redis:
        """A client that gives up at once."""
        user, password = ("others", "among-them") if self._locked else (None, None)
        return Redis(
            host="127.0.0.1",
            port=self.port,
            username=user,
            password=password,
            retry=Retry(NoBackoff(), 0),
        )

    async def start(self) -> None:
        """Return once it answers."""
        self._folder.mkdir(exist_ok=True)
        path = self._folder / "sentinel.conf"
        text = WATCH.format(port=self.port, service=SERVICE, primary=self._primary)
        more = LOCKED.format(login=LOGIN) if self._locked else ""
        path.write_text(text + more, encoding="ascii")
        self._process = await self._launch(str(path), "--sentinel")
        await self.answers()


@dataclass
class Watched:
    """The servers by port, and those who watch them."""

    servers: dict[int, Server]
    watchers: list[Watcher]
    asked: Sentinel

    @property
    def url(self) -> str:
        """What TOCSIN_REDIS_URL says of them."""
        nodes = ",".join(f"127.0.0.1:{watcher.port}" for watcher in self.watchers)
        return f"redis+sentinel://{nodes}/{SERVICE}/0"

    def client(self) -> Redis:
        """A client of whoever is the primary."""
        found: Redis = self.asked.master_for(SERVICE, retry=Retry(NoBackoff(), 0))
        return found

    async def primary(self) -> int:
        """Its port, once the Sentinels agree on it."""
        while True:
            ports = set()
            for watcher in self.watchers:
                async with watcher.client() as client:
                    told: Any = await client.sentinel_get_master_addr_by_name(SERVICE)
                    ports.add(int(told[1]))
            if len(ports) == 1:
                return ports.pop()
            await asyncio.sleep(0.1)

    async def has_a_replica(self) -> None:
        """Return once the primary has its replica, in step with it."""

        async def linked() -> bool:
            async with self.servers[await self.primary()].client() as client:
                told: dict[str, Any] = await client.info("replication")
            replica = told.get("slave0")
            in_step = isinstance(replica, dict) and replica.get("state") == "online"
            return told["role"] == "master" and in_step

        await eventually(linked, 60)

    async def all_know_it(self) -> None:
        """Return once each Sentinel knows the replica and the two others."""

        async def known() -> bool:
            for watcher in self.watchers:
                async with watcher.client() as client:
                    told: Any = await client.sentinel_master(SERVICE)
                if told["num-other-sentinels"] < 2 or told["num-slaves"] < 1:
                    return False
            return True

        await eventually(known, 60)


@asynccontextmanager
async def watched(folder: Path, *, locked: bool = False) -> AsyncIterator[Watched]:
    """Five processes that know each other; `locked`: the Sentinels ask for a login."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(Server(folder / "first"))
        second = await stack.enter_async_context(
            Server(folder / "second", "--replicaof", f"127.0.0.1 {first.port}")
        )
        watchers = [
            await stack.enter_async_context(
                Watcher(folder / f"watcher-{number}", first.port, locked=locked)
            )
            for number in range(3)
        ]
        nodes = [("127.0.0.1", watcher.port) for watcher in watchers]
        login = dict(zip(("username", "password"), LOGIN, strict=True)) if locked else {}
        asked = await stack.enter_async_context(
            Sentinel(nodes, sentinel_kwargs=login)  # type: ignore[no-untyped-call]
        )
        found = Watched({one.port: one for one in (first, second)}, watchers, asked)
        await found.has_a_replica()
        await found.all_know_it()
        yield found
