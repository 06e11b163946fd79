"""Where the reading of articles ends and delivery begins: alerts, deliveries and leases in Redis.

A batch of entries is committed by one script, acknowledgements last; ids are digests, so that
whatever is done twice is done once. A delivery is leased, sent, and settled; a lease that runs
out makes it due again, so that no worker's death loses one. All times are the Redis server's.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError

from service.alert import Alert, delivery_id, rfc3339
from service.batch import Claimed, Committed, DeadLetter, Decided, Lag, steps
from service.delivery.outcome import Again, Done, Failed, Next, Postponed
from service.errors import StoreError
from service.ledger import Attempt, Ledger
from service.store import GROUP, Argument, Store

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["Claimed", "Committed", "DeadLetter", "Decided", "Lag", "Leased", "Outbox"]

LONGEST_BLOCK = 2.0
"""Seconds that one command may wait at the server: well below redis-py's socket timeout (5 s)."""

TEXT_GONE = "the event's text is gone from Redis: was its key deleted or evicted?"


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that is this worker's to send until its lease ends."""

    id: str
    alert_id: str
    subscriber: str
    attempt: int
    """Counts every attempt of the delivery, from 1."""
    step: int
    """Counts the attempts since its schedule began, from 1."""
    body: bytes
    token: str
    disabled: str
    """Why the subscriber is disabled; empty when it is not, or when an operator asked to send."""


class Outbox:
    """One input stream's outbox; `ledger` is the operator's view of it.

    Every method raises StoreError when a key holds what Tocsin does not keep there, and lets
    redis-py's own errors through: the caller knows whether to wait or to end.
    """

    def __init__(
        self,
        redis: Redis,
        stream: str,
        *,
        keep_alerts: timedelta = timedelta(days=30),
        keep_articles: timedelta = timedelta(days=7),
    ) -> None:
        self.stream = stream
        self._store = Store(redis, stream)
        self._redis = redis
        self._keep_alerts = _milliseconds(keep_alerts)
        self._keep_articles = _milliseconds(keep_articles)
        self.ledger = Ledger(self._store)

    async def ensure_group(self) -> None:
        """Create the group at the stream's beginning, so that nothing written before is missed."""
        async with self._store.guarded():
            try:
                await self._redis.xgroup_create(self.stream, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):  # it stands already
                    raise

    async def publish(self, entries: Sequence[Mapping[str, str]]) -> list[str]:
        """Append entries to the input stream, as any XADD would; their ids."""
        async with self._store.guarded(), self._redis.pipeline(transaction=False) as pipe:
            for fields in entries:
                pipe.xadd(self.stream, dict[Any, Any](fields))
            ids: list[bytes] = await pipe.execute()
        return [entry_id.decode() for entry_id in ids]

    async def commit(
        self, decided: Sequence[Decided], dead: Sequence[DeadLetter] = (), *, at: datetime
    ) -> Committed:
        """Write alerts, deliveries and dead letters, then acknowledge: each entry wholly or not.

        When it raises, what is not acknowledged stays pending, and the same call may be made
        again: it completes the work and doubles nothing. A batch beyond STEP_BYTES takes
        several steps, each of whole entries.
        """
        store, total = self._store, Committed()
        timestamp = rfc3339(at)
        keys = [store.stream, store.due, store.states["pending"], store.dead, store.bell]
        for step in steps(decided, dead, timestamp):
            head: list[Argument] = [GROUP, store.prefix, timestamp, self._keep_alerts]
            records = _records(store, step.alerts)
            made = await store.run("commit", keys, [*head, *step.arguments], records)
            created, updated, repeated = (tuple(id_.decode() for id_ in ids) for ids in made[:3])
            total += Committed(created, updated, repeated, *made[3:])
        return total

    async def lease(
        self, limit: int, lease: timedelta, *, worker: str, at: datetime
    ) -> list[Leased]:
        """Take up to `limit` deliveries that are due; each counts as an attempt begun at `at`."""
        store, token = self._store, secrets.token_hex(8)
        args: list[Argument] = [store.prefix, limit, _milliseconds(lease), token]
        args += [rfc3339(at), worker]
        rows = await store.run("lease", [store.due, store.disabled, store.bell], args)
        leased = []
        for row in rows:
            one = _leased(row, token)
            if one.body:
                leased.append(one)
            else:  # nothing can be sent, now or later
                gone = Attempt(rfc3339(at), worker, duration_ms=0, error=TEXT_GONE)
                await self.settle(one, gone, Failed())
        return leased

    async def settle(self, leased: Leased, attempt: Attempt, then: Next) -> bool:
        """Record the attempt and what becomes of the delivery; whether that counted.

        It does not count when the lease ran out and another worker holds the delivery now, or
        has ended it; but a success always counts.
        """
        store = self._store
        verdict, delay, note, disable = _verdict(then, attempt)
        record = {k: v for k, v in asdict(attempt).items() if k != "number"}
        delivery, alert = store.delivery(leased.id), store.alert(leased.alert_id)
        keys = [delivery, alert, store.due, store.disabled, store.bell, *store.states.values()]
        args: list[Argument] = [leased.id, leased.token, leased.attempt, json.dumps(record)]
        args += [verdict, delay, note, disable, self._keep_alerts]
        return bool(await store.run("settle", keys, args, [delivery, alert]))

    async def wait(self, patience: float) -> None:
        """Until a delivery is due or a commit of any process rang the bell.

        Returns after `patience` seconds at the latest, and after LONGEST_BLOCK in any case.
        """
        store = self._store
        due = await store.run("next_due", [store.due])
        if due is not None:
            patience = min(patience, due / 1000)
        if patience > 0:
            async with store.guarded():
                # Below a millisecond the server would take it as 0, which is for ever.
                seconds = max(0.001, min(patience, LONGEST_BLOCK))
                await self._redis.blpop([store.bell], timeout=seconds)

    async def claim_idle(self, consumer: str, min_idle: timedelta) -> Claimed | None:
        """Take over one entry that no reader has touched for `min_idle`, the oldest first.

        Entries that were deleted from the stream meanwhile leave the list of pending ones.
        """
        idle = _milliseconds(min_idle)
        async with self._store.guarded():
            while True:
                found: Any = await self._redis.xpending_range(
                    self.stream, GROUP, "-", "+", 1, idle=idle
                )
                if not found:
                    return None
                one, times = found[0]["message_id"], found[0]["times_delivered"]
                taken: Any = await self._redis.xclaim(self.stream, GROUP, consumer, idle, [one])
                for entry_id, fields in taken:
                    return Claimed(entry_id, fields, times + 1)

    async def keep(self, consumer: str, entry_ids: Sequence[bytes]) -> None:
        """Say that these entries are being worked on, so that nobody claims them as idle."""
        if entry_ids:
            async with self._store.guarded():
                # JUSTID: to go on with an entry is not to deliver it once more.
                ids: Any = list(entry_ids)
                await self._redis.xclaim(self.stream, GROUP, consumer, 0, ids, justid=True)

    async def lag(self) -> Lag:
        """How much is unread and unfinished. Raises StoreError while the group is missing."""
        async with self._store.guarded():
            groups: Any = await self._redis.xinfo_groups(self.stream)
            ours = next((group for group in groups if group["name"] == GROUP.encode()), None)
            if ours is None:
                raise StoreError(
                    f"stream {self.stream!r} has no group {GROUP!r}: somebody removed it, and "
                    "nothing is read until `tocsin run` creates it again"
                )
            oldest: Any = await self._redis.xpending_range(self.stream, GROUP, "-", "+", 1)
        idle = oldest[0]["time_since_delivered"] / 1000 if oldest else 0.0
        return Lag(ours["lag"], ours["pending"], idle)

    async def trim(self) -> tuple[int, int]:
        """Let go of what is older than its retention: how many articles and dead letters went.

        Never an entry that any group of the stream has still to read or to acknowledge.
        """
        store = self._store
        keys = [store.stream, store.dead, store.states["delivered"], store.states["failed"]]
        articles, letters = await store.run(
            "trim", keys, [GROUP, self._keep_articles, self._keep_alerts]
        )
        return articles, letters


def _records(store: Store, alerts: Sequence[Alert]) -> Iterator[str]:
    """The keys of what these alerts come to, for whoever looks for one that is not ours."""
    for alert in alerts:
        for event_id in (alert.id, alert.update_id):
            yield store.alert(event_id)
            yield from (store.delivery(delivery_id(event_id, name)) for name in alert.subscribers)


def _leased(row: Sequence[Any], token: str) -> Leased:
    id_, alert_id, subscriber, attempt, base, body, disabled, forced = row
    return Leased(
        id=id_.decode(),
        alert_id=alert_id.decode(),
        subscriber=subscriber.decode(),
        attempt=attempt,
        step=attempt - base,
        body=body or b"",
        token=token,
        disabled=json.loads(disabled)["reason"] if disabled and not forced else "",
    )


def _verdict(then: Next, attempt: Attempt) -> tuple[str, int, str, str]:
    """The script's verdict, delay in ms, note and reason to disable."""
    match then:
        case Done():
            return "delivered", 0, "", ""
        case Again(after):
            return "retry", round(after * 1000), attempt.error, ""
        case Failed(disable):
            mark = json.dumps({"reason": disable, "at": attempt.at}) if disable else ""
            return "failed", 0, attempt.error, mark
        case Postponed(after, reason):
            return "postponed", round(after * 1000), reason, ""


def _milliseconds(span: timedelta) -> int:
    return max(1, round(span.total_seconds() * 1000))
