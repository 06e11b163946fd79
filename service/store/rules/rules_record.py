"""The set of rules in force, the sets before it, and the workers that judge by it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from redis.exceptions import RedisError

from service.alerts.alert import Event, rfc3339
from service.errors import StoreError, refusal
from service.rules.in_force.state import (
    MAX_NAMES,
    Claim,
    RulesChange,
    RulesInForce,
    SetContent,
    Standing,
    WorkerRules,
)
from service.store.client import Argument, Store, from_milliseconds, span_milliseconds
from service.store.commit.event_plan import event_arguments
from service.store.keys import RULES, RULES_CONTENT, RULES_HISTORY, RULES_PIECE, RULES_WORKERS

WORKER_ENDS_AFTER = timedelta(minutes=1)
"""A worker that has said nothing for so long has ended: its rules files do not count any more."""
MISSED_LOOKS = 5
"""One that looks less often may miss so many looks before."""
MAX_OFFERS = 100
"""Rules files of which it is remembered how new they are."""
MAX_HISTORY = 100
"""Sets that are listed."""
MAX_TRIES = 5
"""How often the pieces of a set are written: others may delete pieces with a set of theirs."""
KEPT_SETS = 5
"""Sets of which Redis keeps what they hold, the one in force included."""
PIECES_WAIT = timedelta(hours=1)
"""Pieces of a set are deleted if the set does not come into force within this time."""
_MISSING = 2
"""What the script returns where Redis lacks pieces of a set."""


@dataclass(frozen=True, slots=True)
class PastSet:
    """A set of rules that came into force."""

    set_id: str
    content: str
    digest: str
    watchlists: int
    by: str
    at: datetime
    change: RulesChange
    """The first `MAX_NAMES` ids of each kind."""
    counts: Mapping[str, int]
    """How many there were: `added`, `removed`, `changed`."""


@dataclass(frozen=True, slots=True)
class RunningWorker:
    """A worker, and what it says of its rules files."""

    name: str
    offer: str
    seen: datetime
    said: WorkerRules


class RulesRecord:
    """What Redis keeps of the rules of all workers. Its methods raise StoreError."""

    def __init__(self, store: Store, keep_alerts: timedelta) -> None:
        """`keep_alerts`: for how long a report of faults is kept."""
        self._store = store
        self._keep_alerts = keep_alerts

    async def claim(self, worker: str, offer: str, said: WorkerRules, *, fresh: bool) -> Claim:
        """See `SharedRules.claim`."""
        args: list[Argument] = [worker, offer, int(fresh), json.dumps(asdict(said))]
        lives = max(WORKER_ENDS_AFTER, MISSED_LOOKS * timedelta(seconds=said.looks_every))
        args += [span_milliseconds(lives), MAX_OFFERS]
        async with _in_words():
            newest, fields = await self._store.run("rules/claim", args)
        return Claim(_in_force(dict(zip(fields[::2], fields[1::2], strict=True))), bool(newest))

    async def in_force(self) -> RulesInForce | None:
        """The set in force; None: there is none yet."""
        async with _in_words(), self._store.guarded():
            return _in_force(await self._redis().hgetall(self._store.key(RULES)))

    async def content(self, rules: RulesInForce | PastSet) -> SetContent | None:
        """What a set holds; None: it is gone. A piece at a time: the server is not held."""
        store, redis = self._store, self._redis()
        async with _in_words(), store.guarded():
            key = store.key(RULES_CONTENT, rules.content)
            head, said, parts = await redis.hmget(key, ["head", "pieces", "parts"])
            if head is None and parts is not None:  # version 1 of the data: all of it
                found = await redis.hmget(key, [*map(str, range(int(parts)))])
                head = None if None in found else b"".join(found)
            names = tuple((said or b"").decode().split())
            pieces = {name: await redis.get(store.key(RULES_PIECE, name)) for name in names}
        if head is None or None in pieces.values():
            return None
        return SetContent(head, names, pieces.__getitem__)

    async def put(
        self, rules: RulesInForce, content: SetContent, change: RulesChange, *, replaces: int
    ) -> bool:
        """See `SharedRules.put`."""
        fields = {
            "offer": rules.offer,
            "digest": rules.digest,
            "watchlists": str(rules.watchlists),
            "subscribers": str(rules.subscribers),
            "root": rules.root,
            "by": rules.by,
            "kept": json.dumps(rules.kept),
            "left_out": json.dumps(rules.left_out),
        }
        entry = json.dumps(_entry(rules, change)) if change else ""
        args: list[Argument] = [replaces, rules.set_id, rules.content, json.dumps(fields)]
        args += [entry, MAX_HISTORY, KEPT_SETS, content.head, " ".join(content.pieces)]
        async with _in_words():
            for _ in range(MAX_TRIES):
                done, *missing = await self._store.run("rules/put", args)
                if done != _MISSING:
                    return bool(done)
                await self._write(content, [name.decode() for name in missing])
        return False

    async def _write(self, content: SetContent, names: Sequence[str]) -> None:
        store = self._store
        for name in names:
            piece = await asyncio.to_thread(content.piece, name)
            async with store.guarded():
                await store.redis.set(store.key(RULES_PIECE, name), piece, px=PIECES_WAIT)

    async def accept(self, offer: str) -> None:
        """Have these rules files put in force by the worker that has them, whatever they lose."""
        async with _in_words(), self._store.guarded():
            await self._redis().hset(self._store.key(RULES), "accepted", offer)

    async def leave(self, worker: str) -> None:
        """See `SharedRules.leave`."""
        async with _in_words(), self._store.guarded():
            await self._redis().hdel(self._store.key(RULES_WORKERS), worker)

    async def workers(self) -> list[RunningWorker]:
        """The workers that run, by name."""
        async with _in_words(), self._store.guarded():
            found = await self._redis().hgetall(self._store.key(RULES_WORKERS))
        return [_worker(name, text) for name, text in sorted(found.items())]

    async def now(self) -> datetime:
        """The time by the clock of Redis, as all times here."""
        async with _in_words():
            return await self._store.now()

    async def history(self, most: int = MAX_HISTORY) -> list[PastSet]:
        """The sets that came into force, the last one first."""
        async with _in_words(), self._store.guarded():
            rows: Any = await self._store.redis.xrevrange(
                self._store.key(RULES_HISTORY), count=most
            )
        return [_past(entry_id, fields) for entry_id, fields in rows]

    async def report_faults(self, faults: str, event: Event | None, *, at: datetime) -> bool:
        """Send a report, unless these faults were reported last; `faults`: a digest of them."""
        timestamp = rfc3339(at)
        args: list[Argument] = [timestamp, span_milliseconds(self._keep_alerts), faults]
        async with _in_words():
            args += event_arguments(event, timestamp)
            return bool(await self._store.run("rules/report", args))

    def _redis(self) -> Any:  # its replies are typed for both of redis-py's clients
        return self._store.redis


@asynccontextmanager
async def _in_words() -> AsyncIterator[None]:
    """Raise what Redis does not do as a StoreError: the rules know no client."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreError(f"Redis: {refusal(error)}") from error


def _in_force(fields: Mapping[bytes, bytes]) -> RulesInForce | None:
    said = {name.decode(): text.decode() for name, text in fields.items()}
    if "version" not in said:
        return None
    return RulesInForce(
        set_id=said["set"],
        content=said["content"],
        offer=said["offer"],
        digest=said["digest"],
        watchlists=int(said["watchlists"]),
        subscribers=int(said["subscribers"]),
        root=said["root"],
        by=said["by"],
        kept=tuple(json.loads(said["kept"])),
        left_out=tuple(json.loads(said["left_out"])),
        since=from_milliseconds(float(said["since"])) if "since" in said else None,
        version=int(said["version"]),
        accepted=said.get("accepted", ""),
    )


def _entry(rules: RulesInForce, change: RulesChange) -> dict[str, Any]:
    names = asdict(change)
    return {
        "set": rules.set_id,
        "digest": rules.digest,
        "watchlists": rules.watchlists,
        "by": rules.by,
        "change": {kind: ids[:MAX_NAMES] for kind, ids in names.items()},
        "counts": {kind: len(ids) for kind, ids in names.items()},
    }


def _past(entry_id: bytes, fields: Mapping[bytes, bytes]) -> PastSet:
    said = json.loads(fields[b"entry"])
    change: Mapping[str, Sequence[str]] = said["change"]
    return PastSet(
        set_id=said["set"],
        content=fields[b"content"].decode(),
        digest=said["digest"],
        watchlists=said["watchlists"],
        by=said["by"],
        at=from_milliseconds(float(entry_id.partition(b"-")[0])),
        change=RulesChange(**{kind: tuple(ids) for kind, ids in change.items()}),
        counts=said["counts"],
    )


def _worker(name: bytes, text: bytes) -> RunningWorker:
    found = json.loads(text)
    said = json.loads(found["said"])
    return RunningWorker(
        name.decode(),
        found["offer"],
        from_milliseconds(float(found["seen"])),
        WorkerRules(cast("Standing", said["standing"]), said["problem"], int(said["faults"])),
    )
