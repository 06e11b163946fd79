"""The service as systemd or Kubernetes keep it: when it ends, it is started again."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from harness.service_process import Place, Running, start


class Kept:
    """One `tocsin run` that is started again whenever it ends; `async with Kept(place)`."""

    def __init__(self, place: Place, name: str = "") -> None:
        self.place = place
        self.name = name
        self.ends: list[int] = []
        """Exit codes of those that nobody killed."""
        self.log: list[str] = []
        self._running: Running | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def running(self) -> Running:
        """The process of this moment."""
        assert self._running is not None
        return self._running

    async def __aenter__(self) -> Self:
        self._running = await start(self.place, fresh=True)
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _keep(self) -> None:
        while True:
            code = await self.running.ended()
            if code != -9:
                self.ends.append(code)
            self.log += self.running.log
            await asyncio.sleep(0.1)
            self._running = await start(self.place, fresh=True)

    def count(self, event: str) -> int:
        """How many lines of its log are of this event, those of processes that ended included."""
        return sum(f'"event":"{event}"' in line for line in [*self.log, *self.running.log])

    def reads(self, stream: str) -> bool:
        """Whether the process of this moment has begun to read a stream."""
        return any(
            '"event":"stream.reading"' in line and f'"stream":"{stream}"' in line
            for line in self.running.log
        )

    async def kill(self) -> None:
        """SIGKILL, whatever it does at this moment."""
        await self.running.kill()

    async def stop(self) -> int:
        """SIGTERM, no new start; its exit code, 0 where it was dead already."""
        assert self._keeping is not None
        if self._keeping.done():  # stopped before
            return 0
        self._keeping.cancel()
        await asyncio.wait((self._keeping,))
        code = await self.running.terminate() if self.running.alive else 0
        self.log += self.running.log
        return code

    def resident(self) -> int:
        """Bytes of memory that it occupies."""
        with open(f"/proc/{self.running.pid}/status", encoding="ascii") as status:  # noqa: PTH123
            line = next(line for line in status if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024
