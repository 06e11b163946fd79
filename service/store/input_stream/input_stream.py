"""The stream of articles: who reads it, how far, and what is trimmed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from redis.exceptions import ResponseError

from service.errors import StoreError
from service.store.client import Argument, Store, span_milliseconds
from service.store.input_stream.backlog import StreamBacklog, read_backlog
from service.store.keys import GROUP, PROGRESS


@dataclass(frozen=True, slots=True)
class ClaimedEntry:
    """An entry that a reader left unfinished, and this consumer has taken over."""

    entry_id: bytes
    fields: Mapping[bytes, bytes]
    deliveries: int
    """How many times it was given to a reader, this time included."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the readers are behind."""

    unread: int | None
    """For display: None when Redis cannot tell, as after an XDEL, and wrong in Redis 7.0 for ever
    after entries were trimmed."""
    waits: bool
    """Whether an entry is there that no reader was given."""
    pending: int
    oldest_pending: timedelta
    """Since the oldest unfinished entry was given to a reader; 0 when there is none."""


@dataclass(frozen=True, slots=True)
class NewGroup:
    """What there was when the group was created."""

    stream: bool
    """The stream itself."""
    progress: bool
    """A record of how far it was read: a group was there before."""
    entries: int
    """How many entries the stream has now: all of them are to be read."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """How many entries a trim deleted."""

    articles: int
    dead_letters: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """Entries that were trimmed or deleted before they were read or finished."""

    count: int
    after: str
    before: str
    """Ids between which they were."""


class InputStream:
    """One input stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store, keep_articles: timedelta, keep_alerts: timedelta) -> None:
        self._store = store
        self._redis = store.redis
        self._stream = store.stream
        self._keep = [span_milliseconds(keep_articles), span_milliseconds(keep_alerts)]

    async def ensure_group(self) -> NewGroup | None:
        """Create the group at the stream's beginning, so that it misses no earlier entry.

        None where it is there already.
        """
        async with self._store.guarded():
            exists = bool(await self._redis.exists(self._stream))
            try:
                await self._redis.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):  # the group exists
                    raise
                return None
            known = bool(await self._redis.exists(self._store.key(PROGRESS)))
            length = await self._redis.xlen(self._stream)
        return NewGroup(exists, known, length)

    async def note_group(self) -> None:
        """Remember that there was a group: where it is gone later, somebody removed it."""
        redis: Any = self._redis  # its replies are typed for both of redis-py's clients
        async with self._store.guarded():
            await redis.hset(self._store.key(PROGRESS), "group", "1")

    async def remove_consumers(
        self, idle_for: timedelta, *, leaving: str = "", reader: str = ""
    ) -> int:
        """Take consumers out of the group that have nothing pending; how many there were.

        Those that have read nothing for so long have ended; `leaving` ends now, `reader` reads.
        """
        args: list[Argument] = [span_milliseconds(idle_for), leaving, reader]
        return int(await self._store.run("input_stream/consumers", args))

    async def was_read(self) -> bool:
        """Whether a service reads or has read from it; true where this user may not ask."""
        async with self._store.guarded():
            try:
                groups: Any = await self._redis.xinfo_groups(self._stream)
            except ResponseError as error:
                return "no such key" not in str(error)
        return any(
            each["name"] == GROUP.encode()
            and (each["last-delivered-id"] != b"0-0" or each["consumers"] > 0)
            for each in groups
        )

    async def publish(self, entries: Sequence[Mapping[str, str]]) -> list[str]:
        """Append entries, as any XADD would; their ids."""
        async with self._store.guarded(), self._redis.pipeline(transaction=False) as pipe:
            for fields in entries:
                pipe.xadd(self._stream, dict[Any, Any](fields))
            ids: list[bytes] = await pipe.execute()
        return [entry_id.decode() for entry_id in ids]

    async def entries_after(self, entry_id: str) -> list[tuple[str, dict[str, str]]]:
        """The entries behind this one, read or not, with their ids; texts as far as they are."""
        async with self._store.guarded():
            found: Any = await self._redis.xrange(self._stream, f"({entry_id}", "+")
        return [
            (id_.decode(), {_text(name): _text(value) for name, value in fields.items()})
            for id_, fields in found
        ]

    async def first_id(self) -> str | None:
        """The id of the oldest entry; None where the stream is empty."""
        async with self._store.guarded():
            found: Any = await self._redis.xrange(self._stream, "-", "+", count=1)
        return found[0][0].decode() if found else None

    async def raw_entries(self, after: str, count: int) -> list[tuple[str, Mapping[bytes, bytes]]]:
        """At most so many entries behind one, as they are, with their ids."""
        async with self._store.guarded():
            found: Any = await self._redis.xrange(self._stream, f"({after}", "+", count=count)
        return [(id_.decode(), fields) for id_, fields in found]

    async def claim_idle(self, consumer: str, min_idle: timedelta) -> ClaimedEntry | None:
        """Take over the oldest entry that no reader has touched for `min_idle`.

        Entries that were deleted from the stream leave the list of pending ones.
        """
        idle = span_milliseconds(min_idle)
        async with self._store.guarded():
            while True:
                found: Any = await self._redis.xpending_range(
                    self._stream, GROUP, "-", "+", 1, idle=idle
                )
                if not found:
                    return None
                one, times = found[0]["message_id"], found[0]["times_delivered"]
                taken: Any = await self._redis.xclaim(self._stream, GROUP, consumer, idle, [one])
                for entry_id, fields in taken:
                    return ClaimedEntry(entry_id, fields, times + 1)

    async def keep(self, consumer: str, entry_ids: Sequence[bytes]) -> None:
        """Report that these entries are being worked on, so that nobody claims them as idle."""
        if entry_ids:
            async with self._store.guarded():
                # JUSTID: an entry that its reader keeps is not delivered once more.
                ids: Any = list(entry_ids)
                await self._redis.xclaim(self._stream, GROUP, consumer, 0, ids, justid=True)

    async def lag(self) -> Lag:
        """How much is unread and unfinished. Raises StoreError while the group is missing."""
        async with self._store.guarded():
            groups: Any = await self._redis.xinfo_groups(self._stream)
            ours = next((group for group in groups if group["name"] == GROUP.encode()), None)
            if ours is None:
                raise StoreError(
                    f"stream {self._stream!r} has no group {GROUP!r}: somebody removed it, and "
                    "nothing is read until `tocsin run` creates it again"
                )
            oldest: Any = await self._redis.xpending_range(self._stream, GROUP, "-", "+", 1)
            last = f"({ours['last-delivered-id'].decode()}"
            waits = bool(await self._redis.xrange(self._stream, last, "+", 1))
        idle = oldest[0]["time_since_delivered"] if oldest else 0
        unread = ours["lag"] if waits else 0
        return Lag(unread, waits, ours["pending"], timedelta(milliseconds=idle))

    async def backlog(self) -> StreamBacklog:
        """What waits in the stream, and since when."""
        return await read_backlog(self._store)

    async def count_vanished(self) -> Vanished | None:
        """What has vanished unread or unfinished since it was counted last; None for nothing.

        Each entry is counted once, whichever process asks.
        """
        found = await self._store.run("input_stream/vanished")
        if found is None:
            return None
        count, after, before = found
        return Vanished(count, after.decode(), before.decode())

    async def vanished(self) -> int:
        """How many entries have vanished since the stream is read."""
        async with self._store.guarded():
            key = self._store.key(PROGRESS)
            found: Any = await self._redis.hget(key, "vanished")
        return int(found or 0)

    async def lost_deliveries(self) -> int:
        """How many deliveries could not be sent because their record was gone."""
        async with self._store.guarded():
            key = self._store.key(PROGRESS)
            found: Any = await self._redis.hget(key, "lost_deliveries")
        return int(found or 0)

    async def trim(self) -> Trimmed:
        """Delete what is older than its retention.

        Never an entry that any group of the stream has still to read or to acknowledge.
        """
        return Trimmed(*await self._store.run("input_stream/trim", self._keep))


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
