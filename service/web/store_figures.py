"""What waits in the store, as it is read for `/metrics` and `/scale`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from service.alerts.rhythm.slot_counts import KINDS, Kind
from service.errors import StoreError
from service.store.client import STORE_ERRORS
from service.store.deliveries.waiting import WaitingDeliveries
from service.store.input_stream.backlog import StreamBacklog
from service.store.outbox import Outbox

FRESH_FOR = timedelta(seconds=5)
"""For how long what was read from the store is told again."""
ASKED_WITHIN = timedelta(minutes=2)
"""For so long after somebody asked it is read in advance: who asks again waits neither for Redis
nor, after each of its answers, for the turn of the event loop."""
STORE_TIMEOUT = timedelta(seconds=2)
"""How long Redis may take to answer."""


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """What Redis told of one input stream."""

    backlog: StreamBacklog
    deliveries: WaitingDeliveries
    clock_ahead: timedelta = timedelta(0)
    """Of this machine's clock, of that of Redis."""


Figures = Mapping[str, StreamFigures | None]
"""By input stream; None where Redis does not tell."""


class StoreFigures:
    """What waits in each stream, as it was when it was last looked at."""

    def __init__(self, outboxes: Mapping[str, Outbox]) -> None:
        self._outboxes = outboxes
        self._turn = asyncio.Lock()
        self._read_at = float("-inf")
        self._asked_at = float("-inf")
        self._wanted = asyncio.Event()
        self._is_kept = False
        self._figures: Figures = {}
        self.foreign: frozenset[str] = frozenset()
        """The streams of which Redis does not tell because another program's key is in the way."""
        self.quiet: Mapping[Kind, int] = dict.fromkeys(KINDS, 0)
        """How many sources, streams and watchlists are quiet for far longer than usual."""

    async def read(self) -> Figures:
        """The figures, at most as old as `FRESH_FOR`; twice as old while they are kept."""
        self._asked_at = time.monotonic()
        self._wanted.set()
        oldest = 2 * FRESH_FOR if self._is_kept else FRESH_FOR
        if self._is_older_than(oldest):
            async with self._turn:
                if self._is_older_than(oldest):  # nobody else has read them meanwhile
                    await self._read()
        return self._figures

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[Self]:
        """While the block runs, they are read in advance where somebody asks again and again."""
        self._is_kept = True
        keeping = asyncio.create_task(self._keep())
        try:
            yield self
        finally:
            self._is_kept = False
            keeping.cancel()
            await asyncio.wait((keeping,))

    async def _keep(self) -> None:
        while True:
            await self._wanted.wait()
            if time.monotonic() - self._asked_at > ASKED_WITHIN.total_seconds():
                self._wanted.clear()
                continue
            async with self._turn:
                if self._is_older_than(FRESH_FOR):
                    await self._read()
            await asyncio.sleep(FRESH_FOR.total_seconds())

    def _is_older_than(self, age: timedelta) -> bool:
        return time.monotonic() - self._read_at > age.total_seconds()

    async def _read(self) -> None:
        foreign: set[str] = set()
        found = await asyncio.gather(*(_read(one, foreign) for one in self._outboxes.values()))
        self._figures = dict(zip(self._outboxes, found, strict=True))
        self.foreign = frozenset(foreign)
        await self._read_quiet()
        self._read_at = time.monotonic()

    async def _read_quiet(self) -> None:
        first = next(iter(self._outboxes.values()))
        try:
            async with asyncio.timeout(STORE_TIMEOUT.total_seconds()):
                self.quiet = await first.rhythms.quiet_counts()
        except STORE_ERRORS:  # what was known before is told again
            return


async def _read(outbox: Outbox, foreign: set[str]) -> StreamFigures | None:
    try:
        async with asyncio.timeout(STORE_TIMEOUT.total_seconds()):
            backlog = await outbox.input_stream.backlog()
            ahead = datetime.now(UTC) - backlog.at
            return StreamFigures(backlog, await outbox.deliveries.waiting(), ahead)
    except StoreError:
        foreign.add(outbox.stream)
    except STORE_ERRORS:  # TimeoutError is an OSError
        pass
    return None
