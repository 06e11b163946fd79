"""All of an installation at one time: what waits and since when, the store, and who works."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.alerts.alert import rfc3339
from service.rules.in_force.state import RulesInForce
from service.store.deliveries.waiting import WaitingDeliveries
from service.store.input_stream.backlog import StreamBacklog
from service.store.input_stream.rhythm.rhythm_record import QuietNote
from service.store.input_stream.workers import AliveWorker
from service.store.outbox import Outbox


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One input stream, and what waits to be delivered from it."""

    stream: str
    read: bool
    """Whether any process has ever read it."""
    added_per_second: float | None
    """Entries; None until it was looked at twice."""
    unread: int | None
    """Entries; null where Redis cannot tell."""
    pending: int
    """Entries that were read and are not finished."""
    lag_seconds: float
    """For how long the oldest entry waits that is not finished."""
    last_added: str | None
    dead_letters: int
    vanished: int
    deliveries: int
    """Those that wait."""
    due: int
    """Those of them that could be sent now, at least."""
    oldest_due_seconds: float
    """For how long the lane waits to be served that has waited longest."""
    failed: int
    """Deliveries that failed for good and are kept."""
    lanes: Mapping[str, int]
    """How many lanes in which something waits are in each state."""


@dataclass(frozen=True, slots=True)
class RulesStatus:
    """The set of rules in force."""

    rules: str
    """Its digest, as alerts name it."""
    watchlists: int
    subscribers: int
    since: str | None
    running_last_good: int
    """Faulty watchlists whose last good version is in force."""
    left_out: int
    """Faulty watchlists without one."""


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """The Redis server; on a cluster the one that holds most of those that have streams.

    Empty texts and nulls where it does not tell.
    """

    servers: int
    """How many have streams."""
    version: str
    memory_bytes: int | None
    max_memory_bytes: int | None
    """0: no limit."""
    policy: str
    append_only: bool | None
    clock_ahead_seconds: float
    """Of this machine's clock."""
    risks: tuple[str, ...]
    """Settings by which one of them may lose what it has accepted, a sentence each."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A process that runs."""

    worker: str
    roles: tuple[str, ...]
    version: str
    started: str
    seen: str
    articles_per_second: float
    """In the last minute, as the next one."""
    deliveries_per_second: float


MOST_QUIET = 100
"""That are listed."""


@dataclass(frozen=True, slots=True)
class QuietStatus:
    """Who is quiet for far longer than usual."""

    sources: int
    streams: int
    watchlists: int
    listed: tuple[QuietNote, ...]
    """Those that are quiet for longest, at most 100."""


@dataclass(frozen=True, slots=True)
class Status:
    """All of it, by the clock of Redis."""

    at: str
    streams: tuple[StreamStatus, ...]
    rules: RulesStatus | None
    """None: there are none in force yet."""
    store: StoreStatus
    workers: tuple[WorkerStatus, ...]
    quiet: QuietStatus


Backlogs = Mapping[str, StreamBacklog]
"""What waited in each stream when it was looked at."""


async def read_backlogs(outboxes: Mapping[str, Outbox]) -> Backlogs:
    """What waits in each stream now. Raises StoreError, and redis-py's own errors."""
    found = await asyncio.gather(*(one.input_stream.backlog() for one in outboxes.values()))
    return dict(zip(outboxes, found, strict=True))


async def read_status(
    outboxes: Mapping[str, Outbox],
    backlogs: Backlogs,
    earlier: Backlogs,
    servers: Sequence[Mapping[str, Any]],
    *,
    risks: Iterable[str],
    own_time: datetime,
) -> Status:
    """The status now; rates are those since `earlier`.

    `servers` and `risks` are what the servers say of themselves.
    Raises StoreError, and redis-py's errors.
    """
    deliveries = await asyncio.gather(*(one.deliveries.waiting() for one in outboxes.values()))
    first = next(iter(outboxes.values()))
    in_force, workers = await first.rules.in_force(), await first.workers.alive()
    quiet = await first.rhythms.quiet()
    now = await first.silences.now()
    ahead = (own_time - now).total_seconds()
    return Status(
        at=rfc3339(now),
        streams=tuple(
            _stream(name, backlogs[name], earlier.get(name), waiting)
            for name, waiting in zip(outboxes, deliveries, strict=True)
        ),
        rules=_rules(in_force) if in_force else None,
        store=_store(servers, round(ahead, 1), tuple(risks)),
        workers=tuple(map(_worker, workers)),
        quiet=_quiet(quiet),
    )


def _quiet(notes: Sequence[QuietNote]) -> QuietStatus:
    counts = Counter(one.kind for one in notes)
    listed = tuple(notes[:MOST_QUIET])
    return QuietStatus(counts["source"], counts["stream"], counts["watchlist"], listed)


def _stream(
    name: str, backlog: StreamBacklog, earlier: StreamBacklog | None, waiting: WaitingDeliveries
) -> StreamStatus:
    rate = None
    if earlier is not None and backlog.at > earlier.at:
        seconds = (backlog.at - earlier.at).total_seconds()
        rate = round(max(0, backlog.added - earlier.added) / seconds, 1)
    oldest = (waiting.at - waiting.oldest_due).total_seconds() if waiting.oldest_due else 0.0
    return StreamStatus(
        stream=name,
        read=backlog.has_group,
        added_per_second=rate,
        unread=backlog.unread,
        pending=backlog.pending,
        lag_seconds=round(backlog.lag.total_seconds(), 3),
        last_added=rfc3339(backlog.last_added) if backlog.last_added else None,
        dead_letters=backlog.dead_letters,
        vanished=backlog.vanished,
        deliveries=waiting.pending,
        due=waiting.due,
        oldest_due_seconds=round(max(0.0, oldest), 3),
        failed=waiting.failed,
        lanes={state: count for state, count in waiting.lanes.items() if count},
    )


def _rules(in_force: RulesInForce) -> RulesStatus:
    return RulesStatus(
        rules=in_force.digest,
        watchlists=in_force.watchlists,
        subscribers=in_force.subscribers,
        since=rfc3339(in_force.since) if in_force.since else None,
        running_last_good=len(in_force.kept),
        left_out=len(in_force.left_out),
    )


def _store(
    servers: Sequence[Mapping[str, Any]], ahead: float, risks: tuple[str, ...]
) -> StoreStatus:
    info = max(servers, key=lambda one: one.get("used_memory", 0))
    name, version = "Redis", info.get("redis_version", "")
    if info.get("server_name") == "valkey":
        name, version = "Valkey", info.get("valkey_version", version)
    append_only = info.get("aof_enabled")
    return StoreStatus(
        servers=len({one.get("run_id") for one in servers}),  # several streams may share one
        version=f"{name} {version}" if version else "",
        memory_bytes=info.get("used_memory"),
        max_memory_bytes=info.get("maxmemory"),
        policy=str(info.get("maxmemory_policy", "")),
        append_only=None if append_only is None else bool(append_only),
        clock_ahead_seconds=ahead,
        risks=risks,
    )


def _worker(one: AliveWorker) -> WorkerStatus:
    return WorkerStatus(
        worker=one.name,
        roles=one.note.roles,
        version=one.note.version,
        started=one.note.started,
        seen=rfc3339(one.seen),
        articles_per_second=one.note.articles_per_second,
        deliveries_per_second=one.note.deliveries_per_second,
    )
