"""A Valkey of a test's own, to be killed, paused, restarted and starved of memory."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from harness.redis_server import KEPT, program


def free_port() -> int:
    """A port of the loopback address that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


class Server:
    """One server process; `async with Server(folder) as server`."""

    def __init__(
        self, folder: Path, *more: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.port = free_port()
        self._folder = folder
        self._more = more
        self._environment = dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Redis:
        """A client that gives up at once: what then happens is for the caller to say."""
        return Redis(host="127.0.0.1", port=self.port, retry=Retry(NoBackoff(), 0))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            await self.kill()

    async def start(self) -> None:
        """Return once it has read its file and answers.

        It keeps its data as the embedded server does, but is reached by TCP, as one's own is.
        `everysec` means that what a killed server had acknowledged may be missing from its file: a
        publisher that must not lose anything asks for WAITAOF, and ours does.
        """
        self._folder.mkdir(exist_ok=True)
        options = [word for name, value in KEPT.items() for word in (f"--{name}", value)]
        self._process = await self._launch(
            "--port", str(self.port), "--bind", "127.0.0.1", *options, *self._more
        )
        await self.answers()

    async def _launch(self, *words: str) -> asyncio.subprocess.Process:
        with (self._folder / "log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                program(),
                *words,
                cwd=self._folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def answers(self) -> None:
        """Return once it answers."""
        async with asyncio.timeout(30), self.client() as client:
            while True:
                try:
                    await client.ping()
                except (RedisError, OSError):
                    await asyncio.sleep(0.01)
                else:
                    return

    async def kill(self) -> None:
        """SIGKILL: nothing is written out."""
        self._signal(signal.SIGKILL)
        await self._ended()

    async def stop(self) -> None:
        """SIGTERM: it writes out what it has and ends."""
        self._signal(signal.SIGTERM)
        assert await self._ended() == 0

    def pause(self) -> None:
        """SIGSTOP: connections stay, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: all that was asked meanwhile is answered now."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def _ended(self) -> int:
        assert self._process is not None
        code = await self._process.wait()
        self._process = None
        return code
