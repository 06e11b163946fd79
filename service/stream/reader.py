"""The FastStream edge: read a batch, judge it, commit and acknowledge it in one step.

An entry without a decision stays pending. Entries whose reader died are taken over one at a time,
so that an entry that crashes its reader harms no other entry and can be recognised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from faststream import AckPolicy
from faststream.redis import RedisBroker

from service.concurrency.waits import every, stopped_within
from service.errors import TocsinError
from service.settings import StreamSettings
from service.store.client import STORE_ERRORS
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.group.consumer_group import CONSUMER_ENDS_AFTER, ConsumerGroup
from service.stream.group.store_mark import StoreMark
from service.stream.lost_reads import LostReads
from service.stream.subscription import BatchStream, decode_entries, keep_raw
from service.telemetry import metrics
from service.telemetry.trace_context import logged_trace

WATCH_EVERY = timedelta(seconds=2)
"""How often the reader checks whether the stream is being read, and whether answers were lost."""
COUNT_EVERY = timedelta(seconds=2)
"""How often entries are counted that were trimmed before they were read or finished."""
RECLAIM_EVERY = timedelta(seconds=10)
"""How often entries of dead readers are looked for, at least."""
WRITE_ARRIVALS_EVERY = timedelta(seconds=10)
"""How often it is written what came, for the rhythms of sources and watchlists."""
REMOVE_EVERY = CONSUMER_ENDS_AFTER / 2
"""How often consumers that have ended are taken out of the group."""
log = structlog.get_logger(__name__)


class ArticleReader:
    """Reads one stream: entries in, one commit a batch out."""

    def __init__(
        self,
        outbox: Outbox,
        settings: StreamSettings,
        decider: BatchDecider,
        *,
        consumer: str,
        mark: StoreMark | None = None,
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._decider = decider
        self._consumer = consumer
        self._stopping = decider.stopping
        self._batches = BatchStream(outbox.stream, consumer, settings.batch_size)
        self._subscriber: Any = None
        self._group = ConsumerGroup(outbox, consumer, mark)
        self._lost = LostReads(outbox.own_pending(consumer))
        self.problem = "not started"
        """Why the stream is not being read; empty while it is."""

    @property
    def committing(self) -> bool:
        """Whether the last commit went through."""
        return self._decider.committing

    @property
    def losses(self) -> tuple[str, ...]:
        """What was lost of the stream since this process runs, a sentence each."""
        return self._group.losses

    @property
    def stream(self) -> str:
        """The name of the stream."""
        return self._outbox.stream

    def subscribe(self, broker: RedisBroker) -> None:
        """Make `broker` read the stream for us once `run` starts it."""
        self._subscriber = broker.subscriber(
            stream=self._batches,
            ack_policy=AckPolicy.MANUAL,
            parser=keep_raw,
            decoder=decode_entries,
        )
        self._subscriber(self.process)

    async def process(self, entries: Sequence[Entry]) -> None:
        """Judge and commit a batch; on return each entry is acknowledged or still pending."""
        self._batches.bound(sum(entry.size for entry in entries))
        self._lost.meet([entry.id for entry in entries])
        with self._outbox.spans.batch(self.stream, [entry.fields for entry in entries]):
            await self._decider.process(entries)

    async def run(self) -> None:
        """Read until `stop`. Raises TocsinError when entries wait and nothing moves any more."""
        reclaim_after = self._settings.reclaim_after
        jobs = (
            (reclaim_after / 3, self._send_heartbeat, self._heartbeat_failed),
            (min(reclaim_after / 4, RECLAIM_EVERY), self._reclaim, self._reclaim_failed),
            (REMOVE_EVERY, self._group.remove_ended, self._removal_failed),
            (COUNT_EVERY, self._count_vanished, self._count_failed),
            (WATCH_EVERY, self._read_lost, self._reclaim_failed),
            (WRITE_ARRIVALS_EVERY, self._outbox.arrivals.write, self._arrivals_failed),
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            for period, job, failed in jobs:
                tasks.create_task(
                    every(
                        period,
                        self._stopping,
                        job,
                        errors=STORE_ERRORS,
                        failed=failed,
                        at_once=job == self._count_vanished,
                    )
                )

    async def _read_lost(self) -> None:
        if self.committing and not self.problem and (lost := await self._lost.find()):
            log.info("stream.read_again", stream=self.stream, entries=len(lost))
            await self.process(lost)

    def _heartbeat_failed(self, error: Exception) -> None:
        log.warning("stream.heartbeat_failed", stream=self.stream, error=str(error))

    def _reclaim_failed(self, error: Exception) -> None:
        log.warning("stream.reclaim_failed", stream=self.stream, error=str(error))

    def _removal_failed(self, error: Exception) -> None:
        log.warning("stream.consumers_not_removed", stream=self.stream, error=str(error))

    def _count_failed(self, error: Exception) -> None:
        log.warning("stream.count_failed", stream=self.stream, error=str(error))

    def _arrivals_failed(self, error: Exception) -> None:
        log.warning("stream.arrivals_not_counted", stream=self.stream, error=str(error))

    async def stop(self) -> None:
        """Read nothing more; what is in hand is finished first."""
        self._stopping.set()
        await self._subscriber.stop()
        await self._decider.finish()
        await self._group.leave()
        try:
            await self._outbox.arrivals.write()
        except STORE_ERRORS as error:
            self._arrivals_failed(error)

    async def _watch(self) -> None:
        """Start the subscriber, check that it reads, and restart it where that helps.

        FastStream's subscriber ends when the group is gone. It spins when the key is of another
        type or the server refuses writes. So each check makes sure first that the group exists.
        """
        moved = asyncio.get_running_loop().time()
        while True:
            now = asyncio.get_running_loop().time()
            try:
                await self._group.ensure()
                started = not self._subscriber.running
                if started:
                    await self._subscriber.start()
                self._set_problem("")
                if started:
                    # At once: what is trimmed before the first count is not noticed.
                    await self._count_vanished()
                lag = await self._group.lag()
            except STORE_ERRORS as error:
                await self._subscriber.stop()
                self._set_problem(str(error) or type(error).__name__)
                moved = now
            else:
                at_work = self._decider.progress.is_set() or self._decider.reading
                if at_work or not lag.waits or not self.committing:
                    moved = now
                self._decider.progress.clear()
                if now - moved > self._settings.stall_after.total_seconds():
                    raise TocsinError(
                        f"stream {self.stream}: entries wait and nothing was read for "
                        f"{now - moved:.0f} s; ending, so that a fresh process takes over"
                    )
            if await stopped_within(self._stopping, WATCH_EVERY):
                return

    def _set_problem(self, reason: str) -> None:
        if reason and reason != self.problem:
            log.error("stream.not_read", stream=self.stream, reason=reason)
        elif self.problem and not reason:
            log.info("stream.reading", stream=self.stream, group=GROUP, consumer=self._consumer)
        self.problem = reason

    async def _send_heartbeat(self) -> None:
        """Reset the idle time of the entries in hand, so that no other reader takes them."""
        if self._decider.in_hand and not self.problem:
            await self._outbox.input_stream.keep(self._consumer, sorted(self._decider.in_hand))

    async def _count_vanished(self) -> None:
        """Log what somebody trimmed or deleted too early: nobody else will ever miss it."""
        if self.problem:
            return
        if found := await self._outbox.input_stream.count_vanished():
            log.error(
                "stream.trimmed",
                stream=self.stream,
                entries=found.count,
                after=found.after,
                before=found.before,
            )

    async def _reclaim(self) -> None:
        """Take over the entries of dead readers, one at a time."""
        # While commits fail, an entry gets no decision; another try would count against it.
        while self.committing and not self.problem and not self._stopping.is_set():
            claimed = await self._outbox.input_stream.claim_idle(
                self._consumer, self._settings.reclaim_after
            )
            if claimed is None:
                break
            metrics.RECLAIMED.inc()
            entry = Entry(claimed.entry_id, claimed.fields, claimed.deliveries)
            log.info(
                "stream.reclaimed",
                entry_id=entry.id.decode(),
                deliveries=entry.deliveries,
                **logged_trace(entry.trace),
            )
            await self.process([entry])
