"""The search for entries of the input stream, or dead letters, in which a text stands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal

from service.store.client import Argument, Store
from service.store.keys import DEAD_LETTERS, GROUP

STEP = 200
"""Entries that the server looks through in one go: for a few milliseconds it does nothing else."""
AT_ONCE = 10
"""Of those that have the text, how many are read together."""

EntryState = Literal["unread", "pending", "done"]
RawFields = Mapping[bytes, bytes]


class EntrySearch:
    """Looks through the entries of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def entries(
        self, texts: Sequence[str], *, dead: bool = False, after: str = ""
    ) -> AsyncGenerator[tuple[str, RawFields], None]:
        """The entries in which any of these texts stands, as they are, the newest first.

        With `dead`, the dead letters, as they are stored. With `after`, only those that come after
        the entry of this id.
        """
        last = "+"
        while last:
            args: list[Argument] = [int(dead), last, STEP, AT_ONCE, after or "-", *texts]
            end, ids = await self._store.run("input_stream/entry_search", args)
            for id_ in ids:
                fields = await self.entry(id_.decode(), dead=dead)
                if fields is not None:
                    yield id_.decode(), fields
            last = end.decode()

    async def entry(self, id_: str, *, dead: bool = False) -> RawFields | None:
        """The fields of one entry, or of a dead letter as it is stored; None: it is not there."""
        key = self._store.key(DEAD_LETTERS) if dead else self._store.stream
        async with self._store.guarded():
            rows: Any = await self._store.redis.xrange(key, id_, id_)
        return rows[0][1] if rows else None

    async def state(self, id_: str) -> EntryState:
        """Whether a reader was given the entry, and has finished it."""
        stream, redis = self._store.stream, self._store.redis
        async with self._store.guarded():
            groups: Any = await redis.xinfo_groups(stream)
            ours = next((each for each in groups if each["name"] == GROUP.encode()), None)
            if ours is None or _place(ours["last-delivered-id"].decode()) < _place(id_):
                return "unread"
            found: Any = await redis.xpending_range(stream, GROUP, id_, id_, 1)
        return "pending" if found else "done"

    async def finished(self) -> str:
        """The id up to which each entry is finished; "0-0" where none is."""
        stream, redis = self._store.stream, self._store.redis
        async with self._store.guarded():
            groups: Any = await redis.xinfo_groups(stream) if await redis.exists(stream) else []
            ours = next((each for each in groups if each["name"] == GROUP.encode()), None)
            if ours is None:
                return "0-0"
            pending: Any = await redis.xpending(stream, GROUP)
        read: str = ours["last-delivered-id"].decode()
        if not pending["pending"]:
            return read
        return min(read, _before(pending["min"].decode()), key=_place)


def _before(entry_id: str) -> str:
    """The largest id that is smaller."""
    milliseconds, number = _place(entry_id)
    return f"{milliseconds}-{number - 1}" if number else f"{milliseconds - 1}-{2**64 - 1}"


def _place(entry_id: str) -> tuple[int, ...]:
    return tuple(map(int, entry_id.split("-")))
