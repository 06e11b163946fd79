"""What came to a stream: counted in the process, and written every few seconds.

What is not written yet is lost when a process is killed. That makes one gap of two at most, which
is no silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from service.alerts.rhythm.slot_counts import SlotCounts
from service.alerts.rhythm.slots import slot_of
from service.store.client import Argument, Store, span_milliseconds
from service.store.keys import ARRIVALS

KEPT_FOR = timedelta(days=2)
"""For so long nobody may evaluate what came."""
MOST_NAMES = 10_000
"""Sources and watchlists of one slot; with more, it says nothing of who is not among them."""


@dataclass
class _Slot:
    articles: int = 0
    names: dict[str, int] = field(default_factory=dict)
    full: bool = False


class Arrivals:
    """What came to one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._slots: dict[int, _Slot] = {}
        self._writer = uuid4().hex[:12]
        self._writing: dict[int, _Slot] = {}
        """What may have been written; it is written again under the same number."""
        self._number = 0

    def add(self, added: int, source: str, watchlists: Iterable[str]) -> None:
        """An article was added to the stream at a time (ms), and is new to these watchlists."""
        slot = self._slots.setdefault(slot_of(added), _Slot())
        slot.articles += 1
        names = slot.names
        if source:
            names["s:" + source] = names.get("s:" + source, 0) + 1
        for watchlist in watchlists:
            names["w:" + watchlist] = names.get("w:" + watchlist, 0) + 1
        if len(names) > MOST_NAMES:
            slot.full = True
            names.clear()

    async def write(self) -> None:
        """Write what came since the last time; where that fails, it is written the next time.

        A call that was carried out and not answered counts once: each slot knows the number of the
        last writing of each writer.
        """
        if self._writing:
            await self._write()
        self._writing, self._slots = self._slots, {}
        self._number += 1
        if self._writing:
            await self._write()

    async def _write(self) -> None:
        slots = self._writing
        args: list[Argument] = [span_milliseconds(KEPT_FOR), MOST_NAMES, self._writer, self._number]
        for number, slot in slots.items():
            args += [number, slot.articles, int(slot.full), len(slot.names)]
            for name, count in slot.names.items():
                args += [name, count]
        await self._store.run("input_stream/rhythm/count", args, self._keys(slots))
        self._writing = {}

    def _keys(self, slots: Iterable[int]) -> list[str]:
        return [self._store.key(ARRIVALS, str(number)) for number in slots]

    async def read(self, slot: int) -> SlotCounts:
        """What came in a slot."""
        redis: Any = self._store.redis  # its replies are typed for both of redis-py's clients
        keys = self._keys([slot])
        async with self._store.guarded(keys):
            found: Mapping[bytes, bytes] = await redis.hgetall(keys[0])
        names = {name.decode(): int(count) for name, count in found.items() if name[:3] != b"by:"}
        return SlotCounts(
            names.pop("articles", 0),
            frozenset(name[2:] for name in names if name.startswith("s:")),
            {name[2:]: count for name, count in names.items() if name.startswith("w:")},
            whole="full" not in names,
        )

    async def forget(self, slots: Iterable[int]) -> None:
        """Delete what came in slots that are evaluated."""
        keys = self._keys(slots)
        if keys:
            await self._store.redis.unlink(*keys)
