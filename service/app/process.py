"""One running process: it starts its parts, keeps them running, and ends them in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from faststream.redis import RedisBroker

from service.alerts.stories import fingerprint
from service.app.changed_rules import WaitingDeliveries
from service.app.jobs.heartbeat import Identity, beat
from service.app.jobs.rhythm import follow_rhythms
from service.app.jobs.store_jobs import (
    follow_moves,
    forget_receivers,
    keep_server_running,
    reach_left,
    send_held_events,
    send_report,
    trim,
)
from service.app.redis.data_version import DATA_VERSION
from service.app.redis.server_risks import clock_difference, loss_risks, read_info
from service.app.rules_report import RulesReport
from service.concurrency.processes import freeze_loaded_objects
from service.delivery.worker.worker import DeliveryWorker
from service.errors import StoreError
from service.rules.live.rulebook import Rulebook
from service.rules.rules import Rules
from service.store.client import STORE_ERRORS
from service.store.lanes.state import LanesSummary
from service.store.outbox import Outbox
from service.stream import entry_reader
from service.stream.reader import ArticleReader
from service.web.readiness import Readiness, StreamState, readiness

REDIS_TIMEOUT = timedelta(seconds=2)
"""How long Redis may take to answer a question of `/readyz`."""

log = structlog.get_logger(__name__)


@dataclass
class Process:
    """The parts of one running process."""

    rulebook: Rulebook
    waiting: WaitingDeliveries
    report: RulesReport
    outboxes: Mapping[str, Outbox]
    """By the input stream that each belongs to."""
    readers: Mapping[str, ArticleReader]
    """By input stream; empty where this process does not read."""
    worker: DeliveryWorker | None
    brokers: Sequence[RedisBroker]
    """Through which the readers read: one for each."""
    take_over: Callable[[], Awaitable[int | None]]
    """See `data_version.take_over`."""
    stop: asyncio.Event
    drain_timeout: timedelta
    identity: Identity
    alarms_a_year: float
    """Of one source, stream or watchlist, by chance."""
    restart_server: Callable[[], None] | None = None
    """Restarts the embedded server if it has ended; None where Redis belongs to somebody else."""

    async def run(self) -> None:
        """Work until `stop` is set, then finish what is in hand within the drain timeout.

        Raises an ExceptionGroup when a part fails: the process is to end then; ConfigError where
        there are no rules, or data of a newer version.
        """
        for broker in self.brokers:
            await broker.connect()
        await self._take_over()
        for risk in await self._store_risks():
            log.warning("store.risk", risk=risk)
        if difference := clock_difference(await self._store_time(), now()):
            log.warning("clock.differs", reason=difference)
        try:
            await asyncio.to_thread(fingerprint.prepare)
            if self.readers:
                await asyncio.to_thread(entry_reader.prepare)
            await self.rulebook.open(self.stop)
            if self.rulebook.ready:
                freeze_loaded_objects()  # else articles would wait for the collector
                await self._work()
        finally:
            await asyncio.gather(*(broker.stop() for broker in self.brokers))

    async def _take_over(self) -> None:
        outboxes = [*self.outboxes.values()]
        before = await self.take_over()
        if before is not None and any([await each.input_stream.was_read() for each in outboxes]):
            log.info("store.taken_over", data_version=DATA_VERSION, before=before)

    async def _work(self) -> None:
        drained = asyncio.timeout(None)
        try:
            async with drained, asyncio.TaskGroup() as tasks:
                self._start(tasks)
                await self.stop.wait()
                log.info("service.draining")
                end = asyncio.get_running_loop().time() + self.drain_timeout.total_seconds()
                drained.reschedule(end)
                for reader in self.readers.values():
                    await reader.stop()
        except TimeoutError:
            log.warning("service.drain_timeout", seconds=self.drain_timeout.total_seconds())

    def _start(self, tasks: asyncio.TaskGroup) -> None:
        outboxes, stop = [*self.outboxes.values()], self.stop
        for reader in self.readers.values():
            tasks.create_task(reader.run())
        if self.readers:
            tasks.create_task(send_held_events(outboxes, self._rules, stop))
            tasks.create_task(follow_rhythms(self.outboxes, self._rules, self.alarms_a_year, stop))
        if self.worker is not None:
            tasks.create_task(self.worker.run(stop))
        tasks.create_task(self.rulebook.watch(stop))
        tasks.create_task(reach_left(self.waiting, stop))
        tasks.create_task(send_report(self.report, stop))
        if self.worker is not None:
            tasks.create_task(follow_moves(self.waiting, self._rules, stop))
            tasks.create_task(forget_receivers(self.waiting, self._rules, stop))
        tasks.create_task(trim(outboxes, stop))
        tasks.create_task(beat(outboxes[0].workers, self.identity, stop))
        if self.restart_server is not None:
            tasks.create_task(keep_server_running(self.restart_server, stop))

    def _rules(self) -> Rules:
        return self.rulebook.current

    async def readiness(self) -> Readiness:
        """What `/readyz` answers."""
        if not self.rulebook.ready:
            return readiness(None, ())
        streams = await asyncio.gather(*map(self._stream_state, self.outboxes))
        return readiness(
            self.rulebook.current,
            streams,
            unreadable=self.rulebook.unreadable,
            refused=self.rulebook.refused,
            store_risks=await self._store_risks(),
        )

    async def _store_risks(self) -> Sequence[str]:
        embedded = self.restart_server is not None
        servers = dict.fromkeys(outbox.redis for outbox in self.outboxes.values())
        try:
            async with asyncio.timeout(REDIS_TIMEOUT.total_seconds()):
                told = await asyncio.gather(*map(read_info, servers))
        except STORE_ERRORS:  # the streams say that Redis does not answer
            return ()
        return loss_risks(*told, embedded=embedded)

    async def _store_time(self) -> datetime:
        return await next(iter(self.outboxes.values())).silences.now()

    async def _stream_state(self, stream: str) -> StreamState:
        reader = self.readers.get(stream)
        not_read, writable = (reader.problem, reader.committing) if reader else ("", True)
        try:
            async with asyncio.timeout(REDIS_TIMEOUT.total_seconds()):
                lag = await self.outboxes[stream].input_stream.lag()
                vanished = await self.outboxes[stream].input_stream.vanished()
                lost = await self.outboxes[stream].input_stream.lost_deliveries()
                lanes = await self._lanes(stream)
        except STORE_ERRORS as error:
            problem = str(error) or type(error).__name__
            return StreamState(stream, error=problem, not_read=not_read, writable=writable)
        return StreamState(
            stream,
            lag.unread,
            lag.pending,
            vanished=vanished,
            lanes=lanes,
            lost_deliveries=lost,
            losses=reader.losses if reader else (),
            not_read=not_read,
            writable=writable,
        )

    async def _lanes(self, stream: str) -> LanesSummary | None:
        try:
            return await self.outboxes[stream].lane_states.summary()
        except StoreError:  # a key holds something else: whoever commits or leases says which
            return None


def now() -> datetime:
    """The time, in UTC: the one clock of the process."""
    return datetime.now(UTC)
