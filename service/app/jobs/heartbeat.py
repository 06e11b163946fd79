"""A process says every few seconds that it runs, what it does, and how long its work takes."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from service.alerts.alert import rfc3339
from service.concurrency.waits import every
from service.store.client import STORE_ERRORS
from service.store.input_stream.workers import WorkerNote, Workers
from service.telemetry.work import WorkTotals, work_totals

BEAT_EVERY = timedelta(seconds=5)
WINDOW = timedelta(minutes=1)
"""Rates are those of so long a time."""
FADE = 0.99
"""A process can deliver as many as it once did, which is believed less with each beat."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """What does not change while a process runs."""

    worker: str
    roles: tuple[str, ...]
    version: str
    started: datetime


class Pace:
    """What a process did in the last minute, and how long its work takes."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, WorkTotals]] = deque()
        self._most_deliveries = 0.0
        """A second, of any beat."""

    def add(self, at: float, totals: WorkTotals) -> None:
        """All that was done until `at`, in seconds of any clock."""
        if self._seen:
            before, then = self._seen[-1]
            sent = (totals.deliveries - then.deliveries) / max(1e-3, at - before)
            self._most_deliveries = max(self._most_deliveries * FADE, sent)
        self._seen.append((at, totals))
        while at - self._seen[0][0] > WINDOW.total_seconds():
            self._seen.popleft()

    def rates(self) -> tuple[float, float]:
        """Articles and deliveries a second."""
        (first, then), (last, now) = self._seen[0], self._seen[-1]
        seconds = max(1e-3, last - first)
        done = now.articles - then.articles, now.deliveries - then.deliveries
        return round(done[0] / seconds, 2), round(done[1] / seconds, 2)

    def seconds(self) -> dict[str, float]:
        """For an article (`match`) and a delivery (`deliver`), where there were any."""
        (_, then), (_, now) = self._seen[0], self._seen[-1]
        found = {}
        if now.articles > then.articles:
            busy = now.busy_seconds - then.busy_seconds
            found["match"] = busy / (now.articles - then.articles)
        if now.deliveries > then.deliveries:
            found["deliver"] = 1 / self._most_deliveries
        return found


async def beat(workers: Workers, identity: Identity, stop: asyncio.Event) -> None:
    """Say it until `stop` is set."""
    pace, loop = Pace(), asyncio.get_running_loop()

    async def say() -> None:
        pace.add(loop.time(), work_totals())
        articles, deliveries = pace.rates()
        note = WorkerNote(
            identity.roles, identity.version, rfc3339(identity.started), articles, deliveries
        )
        await workers.say(identity.worker, note, pace.seconds())

    def failed(error: Exception) -> None:
        log.debug("worker.not_told", reason=str(error))

    await every(BEAT_EVERY, stop, say, errors=STORE_ERRORS, failed=failed)
    try:
        await workers.leave(identity.worker)
    except STORE_ERRORS as error:  # it is forgotten in a minute
        failed(error)
