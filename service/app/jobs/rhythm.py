"""Every few seconds: the slots that are over are evaluated, and what is unusual is reported.

Any number of processes may do it: who writes first has done it, and the others begin again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from service.alerts.rhythm.evaluation import Changes, Terms, evaluate, series_of
from service.alerts.rhythm.head import Head
from service.alerts.rhythm.reports import rhythm_events
from service.alerts.rhythm.slot_counts import SlotCounts
from service.alerts.rhythm.slots import SLOT, slot_of
from service.concurrency.waits import every
from service.rules.rules import Rules
from service.store.client import STORE_ERRORS, to_milliseconds
from service.store.input_stream.rhythm.arrivals import KEPT_FOR
from service.store.input_stream.rhythm.rhythm_record import next_version
from service.store.outbox import Outbox
from service.telemetry import metrics

LOOK_EVERY = timedelta(seconds=30)
WRITTEN_AFTER = timedelta(minutes=1)
"""Until then all workers have written what came."""
WAITS_FOR_READERS = KEPT_FOR / 2
"""Slots are evaluated after that, though articles of theirs may wait to be read."""
TELLS_WITHIN = timedelta(hours=1)
"""What a slot shows that was over before is not told: the service was not running, or was late."""

log = structlog.get_logger(__name__)


async def follow_rhythms(
    outboxes: Mapping[str, Outbox],
    rules: Callable[[], Rules],
    alarms_a_year: float,
    stop: asyncio.Event,
) -> None:
    """Evaluate until `stop` is set; with 0 alarms a year nothing is told."""
    rhythms = Rhythms(outboxes, alarms_a_year)

    async def look() -> None:
        await rhythms.evaluate(rules(), stop)

    def failed(error: Exception) -> None:
        log.warning("rhythm.failed", error=str(error))

    await every(LOOK_EVERY, stop, look, errors=STORE_ERRORS, failed=failed)


class Rhythms:
    """The rhythms of all streams of an installation."""

    def __init__(self, outboxes: Mapping[str, Outbox], alarms_a_year: float) -> None:
        self._outboxes = outboxes
        self._alarms = alarms_a_year
        self._record = next(iter(outboxes.values())).rhythms

    async def evaluate(self, rules: Rules, stop: asyncio.Event) -> None:
        """Evaluate what slots are over. Raises what the store raises."""
        now, end = await self._over()
        head = await self._record.head() or Head.begun(end)
        oldest = slot_of(to_milliseconds(now - KEPT_FOR)) + 1
        if head.slot < oldest:  # nothing is kept of what came before
            head = Head(oldest, head.articles, head.days, version=head.version)
        while head.slot < end and not stop.is_set():
            changes = await self._evaluate(head, rules, now)
            if changes is None:
                return
            head = changes.head
            await asyncio.sleep(0)

    async def _over(self) -> tuple[datetime, int]:
        """The time by Redis, and the first slot that is not over or not read yet."""
        found = await asyncio.gather(
            *(one.input_stream.backlog() for one in self._outboxes.values())
        )
        now = min(one.at for one in found)
        read = min((one.oldest for one in found if one.oldest), default=now)
        until = max(min(now - WRITTEN_AFTER, read), now - WAITS_FOR_READERS)
        return now, slot_of(to_milliseconds(until))

    async def _evaluate(self, head: Head, rules: Rules, now: datetime) -> Changes | None:
        """Evaluate one slot; None where another process has done so."""
        slot = head.slot
        found = await asyncio.gather(*(one.arrivals.read(slot) for one in self._outboxes.values()))
        counts: dict[str, SlotCounts] = dict(zip(self._outboxes, found, strict=True))
        tells = (slot + 1) * SLOT > timedelta(seconds=now.timestamp()) - TELLS_WITHIN
        terms = Terms(self._alarms, partial(watchlist_digest, rules), tells=tells)
        due = await self._record.due(slot + 1, head.after(counts).articles) if tells else []
        wanted = [*dict.fromkeys((*series_of(counts), *due))]
        states = await self._record.states(wanted)
        missing = {one: b"" for one in due if one not in states}
        known = await self._record.count()
        changes = await asyncio.to_thread(evaluate, head, counts, states | missing, terms, known)
        subscribers = tuple(one.id for one in rules.subscribers.values() if one.reports)

        def name(id_: str) -> str:
            watchlist = rules.watchlists.get(id_)
            return watchlist.name if watchlist else id_

        events = [*rhythm_events(changes, slot, subscribers, name)]
        if not await self._record.put(changes, events, at=now):
            return None
        _tell(changes)
        await asyncio.gather(*(one.arrivals.forget([slot]) for one in self._outboxes.values()))
        changes.head = next_version(changes.head)
        return changes


def watchlist_digest(rules: Rules, id_: str) -> str | None:
    """The digest of one watchlist, which is not decoded for it; None if there is none."""
    records = rules.watchlists.rule_set.records
    number = records.find(id_)
    return None if number is None else f"{int(records.content_hash[number]):016x}"


def _tell(changes: Changes) -> None:
    """Log and count what is unusual."""
    for one in changes.quiet:
        metrics.RHYTHM_CHANGES[f"{one.kind}_quiet"].inc()
        log.warning("rhythm.quiet", kind=one.kind, name=one.name, gaps=round(one.gaps, 1))
    for back in changes.back:
        metrics.RHYTHM_CHANGES[f"{back.kind}_back"].inc()
        log.info("rhythm.back", kind=back.kind, name=back.name)
    for spike in changes.spikes:
        metrics.RHYTHM_CHANGES["watchlist_spike"].inc()
        log.info("rhythm.spike", watchlist_id=spike.name, stories=spike.spike.stories)
