"""The service as its own process, as an operator runs it, and a settled place for it to work in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from redis.asyncio import Redis

from builders.alerts import eventually
from harness import fork_client, fork_server
from harness.fork_server import Fork
from harness.receiver import SECRET
from service.store.keys import GROUP

PATIENCE = 30.0
"""Seconds that what a process is to do may take; it takes about three where nothing else runs."""

JETS = """
watchlists:
  - id: jets
    match: Pakistan AND Turkey AND fighter jet
    notify: [desk]
subscribers:
  - id: desk
    webhook: {url: "${DESK_URL}", secret: "${DESK_SECRET}"}
"""


class Reachable(Protocol):
    """Whoever the desk's webhooks go to."""

    @property
    def url(self) -> str:
        """Where it listens."""


@dataclass
class Place:
    """A folder with rules, and the environment that a service of it runs in."""

    folder: Path
    redis_url: str
    stream: str
    receiver: Reachable
    rules: str = JETS
    more: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "rules").mkdir(exist_ok=True)
        (self.folder / "rules" / "rules.yaml").write_text(self.rules, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """What the process gets: nothing of the tester's own TOCSIN_ variables."""
        own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}
        return own | {
            "TOCSIN_REDIS_URL": self.redis_url,
            "TOCSIN_STREAMS": self.stream,
            "TOCSIN_RULES": str(self.folder / "rules"),
            "TOCSIN_DATA_DIR": str(self.folder / "data"),
            "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
            "TOCSIN_PORT": "0",
            "TOCSIN_LOG_FORMAT": "json",
            "TOCSIN_RECLAIM_AFTER": "1",
            "TOCSIN_DELIVERY_TIMEOUT": "2",
            "TOCSIN_DELIVERY_LEASE": "3",
            "TOCSIN_RETRY_SCHEDULE": "0.2,0.5,1,1,1,1,1,1,1,1,1,1",
            "TOCSIN_RULES_VARIABLES": "DESK_*",
            "DESK_URL": self.receiver.url,
            "DESK_SECRET": SECRET,
            **self.more,
        }


_running: list[Running] = []


class Running:
    """One `tocsin run`; its log is kept line by line."""

    def __init__(self, process: asyncio.subprocess.Process | Fork) -> None:
        self._process = process
        _running.append(self)
        self.log: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        stream = self._process.stderr
        try:
            while stream is not None and (line := await stream.readline()):
                self.log.append(line.decode(errors="replace"))
        except asyncio.CancelledError:
            # The test has failed and left it: what stays open would fail a later one.
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            cast("Any", self._process)._transport.close()
            await self._process.wait()
            raise

    def said(self, event: str) -> bool:
        """Whether this event stands in the log."""
        return any(f'"event":"{event}"' in line for line in self.log)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        code = await self._process.wait()
        await self._reading
        return code

    async def kill(self) -> None:
        """SIGKILL: no warning, no clean-up."""
        self._process.kill()
        await self._process.wait()
        await self._reading

    async def terminate(self) -> int:
        """SIGTERM, and its exit code."""
        self._process.terminate()
        async with asyncio.timeout(PATIENCE):
            code = await self._process.wait()
        await self._reading
        return code


def end_all() -> None:
    """Kill what still runs: it would go on in the Redis of the tests that follow."""
    while _running:
        service = _running.pop()
        if service.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(service.pid, signal.SIGKILL)


async def start(place: Place, *arguments: str, fresh: bool = False) -> Running:
    """Start `tocsin run`; it may not have begun to read yet.

    `fresh`: it imports and loads everything itself, as an operator's does.
    """
    if fork_server.SUPPORTED and not fresh:
        words = ("run", *arguments)
        return Running(await fork_server.fork(words, place.environment, place.folder))
    return Running(
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "service",
            "run",
            *arguments,
            env=place.environment,
            cwd=place.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    )


async def tocsin(
    place: Place, *arguments: str, stdin: bytes = b"", fresh: bool = False
) -> tuple[int, str, str]:
    """Run one command to its end: exit code, stdout, stderr; `fresh` as with `start`."""
    program = ["-m", "service"]
    if fork_server.SUPPORTED and not fresh:
        address = await asyncio.to_thread(fork_server.server)
        program = ["-IS", fork_client.__file__, address]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *program,
        *arguments,
        env=place.environment | {"COLUMNS": "80"},
        cwd=place.folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin)
    return process.returncode or 0, out.decode(), err.decode()


async def settled(redis: Redis, stream: str, seconds: float = PATIENCE) -> None:
    """Return once every entry is read and acknowledged and no delivery is due."""

    async def done() -> bool:
        if not await redis.exists(stream):
            return False
        groups = await redis.xinfo_groups(stream)
        ours = [group for group in groups if group["name"] == GROUP.encode()]
        idle = bool(ours) and ours[0]["lag"] == 0 and ours[0]["pending"] == 0
        return idle and await redis.zcard(f"tocsin:{{{stream}}}:lanes") == 0

    await eventually(done, seconds)
