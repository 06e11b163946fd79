"""Settlements that wait to be written to Redis: together, alone, or again later."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from service.store.lanes.settlement import Settled, Settlement

MAX_BATCH = 200
"""Settlements that are written together, so that a batch never holds up the server for long. A
report that one brings counts as more of them: it has deliveries of its own."""


@dataclass(slots=True, eq=False)
class Record:
    """A settlement, and the delivery's task that waits for what comes of it."""

    settlement: Settlement
    done: asyncio.Future[Settled | Exception]
    alone: bool = False
    """Whether it is written by itself: Redis refused a batch that it was in."""
    refusals: int = 0
    """How often Redis refused it by itself."""
    retry_at: float = 0.0
    """When it is written again, by the event loop's clock."""

    def end(self, found: Settled | Exception) -> None:
        """Give the result to the task, if it still waits."""
        if not self.done.done():
            self.done.set_result(found)


class RecordQueue:
    """The records of one outbox, in the order in which they came.

    A record that Redis refuses by itself is set aside for a time, and holds up no other. A record
    whose task has ended is dropped.
    """

    def __init__(self) -> None:
        self._waiting: deque[Record] = deque()
        self._set_aside: list[Record] = []
        self.arrived = asyncio.Event()
        """Set when a record comes, or comes back."""
        self._empty = asyncio.Event()
        self._empty.set()

    def add(self, settlement: Settlement) -> Record:
        """Queue a settlement."""
        record = Record(settlement, asyncio.get_running_loop().create_future())
        self._append([record])
        return record

    def next_batch(self) -> list[Record]:
        """The records that are written next; none: nothing waits but what is set aside."""
        self.arrived.clear()
        batch: list[Record] = []
        weight = 0
        while self._waiting and weight < MAX_BATCH:
            if self._waiting[0].alone and batch:
                break
            batch.append(self._waiting.popleft())
            weight += _weight(batch[-1].settlement)
            if batch[0].alone:
                break
        if not batch:
            self._empty.set()
        return batch

    def put_back(self, batch: Iterable[Record]) -> None:
        """Let the records of a batch come first again."""
        self._waiting.extendleft(one for one in reversed([*batch]) if not one.done.done())

    def set_aside(self, record: Record, pause: timedelta) -> None:
        """Let a record come back after a pause."""
        record.retry_at = asyncio.get_running_loop().time() + pause.total_seconds()
        self._set_aside.append(record)

    def return_due(self) -> None:
        """Queue the records again whose pause is over."""
        now = asyncio.get_running_loop().time()
        self._return([one for one in self._set_aside if one.retry_at <= now])

    def return_all(self) -> None:
        """Queue all records again that were set aside."""
        self._return(self._set_aside)

    def time_to_return(self) -> timedelta | None:
        """Until the first record comes back that was set aside; None: there is none."""
        if not self._set_aside:
            return None
        first = min(one.retry_at for one in self._set_aside)
        return timedelta(seconds=max(0.0, first - asyncio.get_running_loop().time()))

    async def emptied(self) -> None:
        """Wait until nothing is left but what is set aside."""
        await self._empty.wait()

    def end_all(self, error: Exception) -> None:
        """Give up all records."""
        left = [*self._waiting, *self._set_aside]
        self._waiting.clear()
        self._set_aside = []
        self._empty.set()
        for record in left:
            record.end(error)

    def _return(self, records: Iterable[Record]) -> None:
        back = {*records}
        self._set_aside = [
            one for one in self._set_aside if one not in back and not one.done.done()
        ]
        self._append(one for one in back if not one.done.done())

    def _append(self, records: Iterable[Record]) -> None:
        self._waiting.extend(records)
        if self._waiting:
            self._empty.clear()
            self.arrived.set()


def _weight(settlement: Settlement) -> int:
    """How many settlements without a report take as long."""
    reports = (one for one in (settlement.exhausted, settlement.disabling) if one)
    return 1 + sum(1 + len(one.subscribers) for one in reports)
