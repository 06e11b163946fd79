"""The processes that run, and how long they take for their work."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from service.store.client import Argument, Store, from_milliseconds, span_milliseconds
from service.store.keys import PACE, WORKERS

ENDS_AFTER = timedelta(minutes=1)
"""A process that has said nothing for so long has ended."""


@dataclass(frozen=True, slots=True)
class WorkerNote:
    """What a process says of itself."""

    roles: tuple[str, ...]
    version: str
    started: str
    """RFC 3339, by its own clock."""
    articles_per_second: float
    """In the last minute, as the next one."""
    deliveries_per_second: float


@dataclass(frozen=True, slots=True)
class AliveWorker:
    """A process that runs."""

    name: str
    seen: datetime
    """When it last said so, by the Redis server's clock."""
    note: WorkerNote


class Workers:
    """The processes of one installation, which say so in its first stream.

    Raises StoreError, and redis-py's own errors.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def say(self, worker: str, note: WorkerNote, pace: Mapping[str, float]) -> None:
        """Say that a process runs; `pace` as `pace` gives it, where it has been measured."""
        args: list[Argument] = []
        for name, seconds in pace.items():
            args += [name, repr(seconds)]
        await self._run(worker, json.dumps(asdict(note)), args)

    async def leave(self, worker: str) -> None:
        """Say that it ends."""
        await self._run(worker, "", ())

    async def _run(self, worker: str, said: str, pace: Sequence[Argument]) -> None:
        args = [worker, said, span_milliseconds(ENDS_AFTER), *pace]
        await self._store.run("input_stream/alive", args)

    async def alive(self) -> list[AliveWorker]:
        """Those that have said so in the last minute, by name."""
        now = await self._store.now()
        async with self._store.guarded():
            found: Any = await self._redis().hgetall(self._store.key(WORKERS))
        workers = [_worker(name, text) for name, text in sorted(found.items())]
        return [each for each in workers if now - each.seen <= ENDS_AFTER]

    async def pace(self) -> dict[str, float]:
        """Seconds that one process took for an article (`match`) and a delivery (`deliver`).

        Those that have not been measured yet are not there.
        """
        async with self._store.guarded():
            found: Any = await self._redis().hgetall(self._store.key(PACE))
        return {name.decode(): float(seconds) for name, seconds in found.items()}

    def _redis(self) -> Any:  # its replies are typed for both of redis-py's clients
        return self._store.redis


def _worker(name: bytes, text: bytes) -> AliveWorker:
    record = json.loads(text)
    said = json.loads(record["said"])
    known = {each.name: said[each.name] for each in fields(WorkerNote)}  # a newer one says more
    note = WorkerNote(**{**known, "roles": tuple(said["roles"])})
    return AliveWorker(name.decode(), from_milliseconds(record["seen"]), note)
