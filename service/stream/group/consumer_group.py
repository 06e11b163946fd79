"""The consumer group of one stream: made when it is missing, and rid of dead consumers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from service.store.client import STORE_ERRORS
from service.store.input_stream.input_stream import Lag, NewGroup
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.group.store_mark import StoreMark

CONSUMER_ENDS_AFTER = timedelta(minutes=10)
"""A consumer that has not read for so long has ended, for a reader says twice as often that it
reads."""
MAX_LOSSES = 10
"""Losses that are shown: the last ones."""

log = structlog.get_logger(__name__)


class ConsumerGroup:
    """One stream's group. Its methods raise StoreError, and redis-py's own errors."""

    def __init__(self, outbox: Outbox, consumer: str, mark: StoreMark | None = None) -> None:
        """`consumer`: the name of this reader in the group; `mark`: what this machine remembers."""
        self._outbox = outbox
        self._mark = mark
        self._known = ""
        """The id of the store that was seen last."""
        self._consumer = consumer
        self._last: Lag | None = None
        self._waiting = 0
        """Deliveries that waited when `_last` was read."""
        self.losses: tuple[str, ...] = ()
        """What was lost since this process runs, a sentence each."""

    async def ensure(self) -> None:
        """Make the group if it is missing, say what was lost with it, and be in it.

        Before 7.2, Redis itself knows of a reader only once that got an entry.
        """
        made = await self._outbox.input_stream.ensure_group()
        if made is None and self._known:
            return
        if made is None:
            records_lost = await self._outbox.identity.lost_records()
            await self._know(records_lost=records_lost)
            await self.remove_ended()
            return
        told = self._last is not None or made.progress
        if told:
            self._tell(made)
        await self._outbox.input_stream.note_group()
        await self._know(told=told)
        await self.remove_ended()

    async def lag(self) -> Lag:
        """How much is unread and unfinished."""
        self._last = await self._outbox.input_stream.lag()
        self._waiting = await self._outbox.deliveries.count_pending()
        return self._last

    async def remove_ended(self) -> None:
        """Take consumers out of the group that have ended."""
        removed = await self._outbox.input_stream.remove_consumers(
            CONSUMER_ENDS_AFTER, reader=self._consumer
        )
        if removed:
            log.info("stream.consumers_removed", stream=self._outbox.stream, consumers=removed)

    async def leave(self) -> None:
        """Take this reader out of the group, unless it has something pending. Raises nothing."""
        try:
            await self._outbox.input_stream.remove_consumers(
                CONSUMER_ENDS_AFTER, leaving=self._consumer
            )
        except STORE_ERRORS as error:  # another reader does it later
            stream = self._outbox.stream
            log.warning("stream.consumers_not_removed", stream=stream, error=str(error))

    async def _know(self, *, told: bool = False, records_lost: bool = False) -> None:
        """Know the store again at the next start, and say if it is not the one of the last."""
        self._known = await self._outbox.identity.store_id()
        stream = self._outbox.stream
        before = await asyncio.to_thread(self._mark.read) if self._mark else ""
        if records_lost:
            log.error("store.records_deleted", stream=stream)
            self._lose(
                "somebody deleted what Tocsin keeps beside the stream, while no service ran: "
                "alerts, deliveries that waited and silences are lost"
            )
        elif before and before != self._known and not told:
            log.error("store.replaced", stream=stream, before=before, now=self._known)
            self._lose(
                "Redis was emptied, or is another one, since a service ran here last: entries, "
                "deliveries that waited, alerts and silences of before are not in it"
            )
        if self._mark and before != self._known:
            await asyncio.to_thread(self._mark.write, self._known)

    def _lose(self, loss: str) -> None:
        self.losses = (*self.losses, loss)[-MAX_LOSSES:]

    def _tell(self, made: NewGroup) -> None:
        stream, last = self._outbox.stream, self._last
        known = {
            "unread": last.unread if last else None,
            "pending": last.pending if last else None,
            "deliveries": self._waiting if last else None,
        }
        unread = "" if last is None or last.unread is None else f"{last.unread:,} unread and "
        entries = f"{unread}{last.pending:,} unfinished entries" if last else "its entries"
        if not made.progress:
            log.error("store.emptied", stream=stream, **known)
            loss = (
                f"somebody emptied Redis: {entries}, {self._waiting:,} deliveries that waited, and "
                "all alerts and silences are lost"
            )
        elif not made.stream:
            log.error("stream.deleted", stream=stream, **known)
            loss = f"somebody deleted the stream: {entries} are lost"
        else:
            log.error("stream.group_recreated", stream=stream, group=GROUP, entries=made.entries)
            loss = (
                f"somebody removed the group {GROUP!r}: all {made.entries:,} entries of the stream "
                "are read again; what was alerted is not alerted again"
            )
        self._lose(loss)
