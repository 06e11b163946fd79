"""One running process: its parts set going, kept going, and ended in order."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from faststream.redis import RedisBroker

from service.alerts.stories import minhash
from service.app.jobs import keep_server_running, send_held_events, trim
from service.delivery.worker.worker import DeliveryWorker
from service.rules.live.rulebook import Rulebook
from service.settings import Settings
from service.store.client import STORE_ERRORS
from service.store.outbox import Outbox
from service.stream.reader import ArticleReader
from service.web.health import Readiness

log = structlog.get_logger(__name__)


@dataclass
class Service:
    """The parts of one running process."""

    settings: Settings
    rulebook: Rulebook
    outboxes: Mapping[str, Outbox]
    readers: list[ArticleReader]
    worker: DeliveryWorker | None
    broker: RedisBroker
    stop: asyncio.Event
    revive: Callable[[], None] | None = None
    """Starts the embedded server anew if it has ended; None where Redis is somebody else's."""

    async def run(self) -> None:
        """Work until `stop` is set, then finish what is in hand within the drain timeout.

        Raises an ExceptionGroup when a part fails: the process is to end then; ConfigError where
        there are no rules.
        """
        await self.broker.connect()
        try:
            await asyncio.to_thread(minhash.prepare)
            await self.rulebook.open(self.stop)
            if self.rulebook.ready:
                # What stands now stands to the end: to look through it for garbage again and again
                # would hold up the articles.
                gc.collect()
                gc.freeze()
                await self._work()
        finally:
            await self.broker.stop()

    async def _work(self) -> None:
        drained, outboxes = asyncio.timeout(None), [*self.outboxes.values()]
        try:
            async with drained, asyncio.TaskGroup() as tasks:
                for reader in self.readers:
                    tasks.create_task(reader.run())
                if self.readers:
                    tasks.create_task(
                        send_held_events(outboxes, lambda: self.rulebook.current, self.stop, now)
                    )
                if self.worker is not None:
                    tasks.create_task(self.worker.run(self.stop))
                tasks.create_task(self.rulebook.watch(self.stop))
                tasks.create_task(trim(outboxes, self.stop))
                if self.revive is not None:
                    tasks.create_task(keep_server_running(self.revive, self.stop))
                await self.stop.wait()
                log.info("service.draining")
                drained.reschedule(asyncio.get_running_loop().time() + self._patience)
                for reader in self.readers:
                    await reader.stop()
        except TimeoutError:
            log.warning("service.drain_timeout", seconds=self._patience)

    @property
    def _patience(self) -> float:
        return self.settings.run.drain_timeout

    async def readiness(self) -> Readiness:
        """What `/readyz` tells."""
        if not self.rulebook.ready:
            return Readiness(ready=False, troubles=("the rules are being compiled",))
        troubles = [
            f"stream {reader.stream} is not read: {reader.trouble}"
            for reader in self.readers
            if reader.trouble
        ]
        troubles += [
            f"stream {reader.stream}: decisions cannot be written to Redis"
            for reader in self.readers
            if not reader.committing
        ]
        lag: dict[str, int | None] = {}
        pending: dict[str, int] = {}
        for stream, outbox in self.outboxes.items():
            try:
                async with asyncio.timeout(2):
                    behind = await outbox.lag()
                lag[stream], pending[stream] = behind.unread, behind.pending
            except STORE_ERRORS as error:
                troubles.append(f"stream {stream}: {str(error) or type(error).__name__}")
        rules = self.rulebook.current
        faults = [f"{f.file}:{f.line}: {f.message}" for f in rules.faults]
        if self.rulebook.unreadable:  # those in force stay, so it is no trouble
            faults.insert(0, self.rulebook.unreadable)
        return Readiness(
            ready=not troubles,
            troubles=tuple(troubles),
            watchlists=len(rules.watchlists),
            rules=rules.digest,
            faults=tuple(faults),
            kept=rules.kept,
            lag=lag,
            pending=pending,
        )


def now() -> datetime:
    """The time, in UTC: the one clock of the process."""
    return datetime.now(UTC)
