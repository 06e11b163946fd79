"""What became of every delivery, and every entry that could not be read: list, show, send again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.errors import StoreError
from service.store.client import Store, from_milliseconds
from service.store.deliveries.delivery import Attempt, Delivery, State
from service.store.deliveries.search import Found, Wanted, find
from service.store.keys import (
    ALERT,
    ATTEMPT_FIELD,
    DEAD_LETTERS,
    DELIVERIES,
    DELIVERY,
    LANE,
    STATES,
)

NO_ANSWER_YET = "no answer yet"
WORKER_ENDED = "no answer recorded: its worker ended"

FIELD = b"field:"
"""Stands before the name of each raw field of a dead letter, so that none can pass for its own."""
PACKED = b"fields"
"""Holds all raw fields as JSON, each byte a code point, when they are too many for one command."""
MOST_FIELDS = 1_000
_ENTRY_ID = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
ANY = Wanted()
META = (b"entry", b"at", b"reason", b"deliveries")


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A dead letter as it is kept."""

    id: str
    entry_id: str
    at: str
    reason: str
    deliveries: int
    size: int
    """Bytes of its raw fields."""
    fields: Mapping[bytes, bytes]
    """Byte for byte as they were read; empty in lists."""


class Ledger:
    """The operator's view of one stream's outbox; `lanes` tells how its lanes stand."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def deliveries(
        self, *, state: State | None = None, limit: int = 50, wanted: Wanted = ANY
    ) -> list[Delivery]:
        """Newest first, by the time at which each came into its state."""
        store = self._store
        newest: dict[str, Found] = {}
        for name in (state,) if state else STATES:
            newest |= {one.id: one for one in await find(store, name, wanted, limit)}
        found = sorted(newest.values(), key=lambda one: one.at, reverse=True)[:limit]
        async with store.guarded():
            each = [await self._read(one.id) for one in found]
        return [delivery for delivery in each if delivery]

    async def failed(self, wanted: Wanted, limit: int | None = None) -> list[Found]:
        """The deliveries that have failed for good, at most so many, newest first."""
        return await find(self._store, "failed", wanted, limit)

    async def recover(self, wanted: Wanted) -> int:
        """Send every failed delivery of these again, the oldest first; returns how many.

        What is pending or delivered meanwhile is left alone: to do it twice is to do it once.
        """
        found = sorted(await self.failed(wanted), key=lambda one: one.created_at)
        return sum([await self.retry(one.id, only="failed") for one in found])

    async def delivery(self, delivery_id: str) -> Delivery | None:
        """One delivery with its body and every attempt; None when there is none of that id."""
        store = self._store
        async with store.guarded([store.key(DELIVERY, delivery_id)]):
            delivery = await self._read(delivery_id)
            if delivery is None:
                return None
            body: Any = await store.redis.hget(store.key(ALERT, delivery.alert_id), "body")
        return replace(delivery, body=body or b"")

    async def retry(self, delivery_id: str, *, only: State | None = None) -> bool:
        """Send it again now, in whatever state or `only` in that one; False when there is none.

        Its attempts count on, its schedule starts anew, and a disabled subscriber is tried too.
        One that a worker is sending at this moment is left to that worker.
        """
        store = self._store
        records = [store.key(DELIVERY, delivery_id)]
        return bool(await store.run("deliveries/retry", [delivery_id, only or ""], records))

    async def dead(self, *, limit: int = 50) -> list[StoredLetter]:
        """The newest dead letters first, without their fields."""
        store = self._store
        rows = await store.run("deliveries/dead_list", [limit, len(META)])
        return [_letter(row[0], _pairs(row[2:]), row[1], {}) for row in rows]

    async def dead_letter(self, letter_id: str) -> StoredLetter | None:
        """One dead letter with its fields; None when there is none of that id."""
        found = _ENTRY_ID.fullmatch(letter_id)
        if found is None or any(int(number) >= 2**64 for number in found.groups()):
            return None  # to ask Redis for such an id is an error
        store = self._store
        async with store.guarded():
            rows: Any = await store.redis.xrange(store.key(DEAD_LETTERS), letter_id, letter_id)
        for entry_id, stored in rows:
            fields = _raw_fields(stored)
            size = sum(len(name) + len(value) for name, value in fields.items())
            return _letter(entry_id, stored, size, fields)
        return None

    async def replay(self, letter_id: str) -> str | None:
        """Write the entry to the input stream again, and drop the letter; its new id.

        None when there is no such letter (any more). Raises StoreError for more fields than one
        command can write.
        """
        letter = await self.dead_letter(letter_id)
        if letter is None:
            return None
        if len(letter.fields) > MOST_FIELDS:
            raise StoreError(
                f"dead letter {letter_id} has {len(letter.fields):,} fields, more than the "
                f"{MOST_FIELDS:,} that can be written back: publish the article anew with the "
                "fields that Tocsin reads"
            )
        store = self._store
        flat = [part for pair in letter.fields.items() for part in pair]
        entry = await store.run("deliveries/replay", [letter_id, *flat])
        return entry.decode() if entry else None

    async def _read(self, delivery_id: str) -> Delivery | None:
        store = self._store
        fields: Any = await store.redis.hgetall(store.key(DELIVERY, delivery_id))
        if not fields:
            return None
        told = {name.decode(): text.decode() for name, text in fields.items()}
        due = await store.redis.zscore(store.key(LANE, told["subscriber"]), delivery_id)
        since = await store.redis.zscore(store.key(DELIVERIES, told["state"]), delivery_id)
        return _delivery(delivery_id, told, due, since)


def _delivery(
    delivery_id: str, fields: Mapping[str, str], due: float | None, since: float | None
) -> Delivery:
    last = int(fields["attempts"])
    created = float(fields["created"])
    return Delivery(
        id=delivery_id,
        alert_id=fields["alert"],
        subscriber=fields["subscriber"],
        watchlist_id=fields["watchlist"],
        article_id=fields["article"],
        state=fields["state"],  # type: ignore[arg-type]  # only our scripts write it
        created_at=from_milliseconds(created),
        since=from_milliseconds(created if since is None else since),
        due_at=None if due is None else from_milliseconds(due),
        sending="token" in fields,
        note=fields.get("note", ""),
        attempts=tuple(
            _attempt(number, fields[name], leased="token" in fields, last=last)
            for number in range(1, last + 1)
            if (name := ATTEMPT_FIELD.fill(str(number))) in fields
        ),
    )


def _attempt(number: int, record: str, *, leased: bool, last: int) -> Attempt:
    known: dict[str, Any] = json.loads(record)
    if "duration_ms" not in known:
        known["error"] = NO_ANSWER_YET if leased and number == last else WORKER_ENDED
    return Attempt(**known, number=number)


def _letter(
    letter_id: bytes, meta: Mapping[bytes, bytes], size: int, fields: Mapping[bytes, bytes]
) -> StoredLetter:
    entry, at, reason, deliveries = (meta[name].decode() for name in META)
    return StoredLetter(letter_id.decode(), entry, at, reason, int(deliveries), size, fields)


def packed(fields: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """A dead letter's raw fields as they are stored: see FIELD and PACKED."""
    if len(fields) <= MOST_FIELDS:
        return {FIELD + name: value for name, value in fields.items()}
    text = {name.decode("latin-1"): value.decode("latin-1") for name, value in fields.items()}
    return {PACKED: json.dumps(text).encode()}


def _raw_fields(stored: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    if PACKED in stored:
        text: dict[str, str] = json.loads(stored[PACKED])
        return {name.encode("latin-1"): value.encode("latin-1") for name, value in text.items()}
    return {name[len(FIELD) :]: raw for name, raw in stored.items() if name.startswith(FIELD)}


def _pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
