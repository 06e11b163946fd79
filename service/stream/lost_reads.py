"""Entries that were given to this reader by a read whose answer never came.

They are pending for it, and nobody works on them. Without a look at its own list, they would wait
until another reader takes them for those of a dead one, and that would count against them.
"""

from __future__ import annotations

from collections.abc import Collection

from service.store.input_stream.own_pending import OwnPending
from service.stream.entry import Entry


class LostReads:
    """Those of one consumer of one stream."""

    def __init__(self, pending: OwnPending) -> None:
        self._pending = pending
        self._met: set[bytes] = set()
        """Ids that came to the reader, and are pending for all it knows."""
        self._suspects: set[bytes] = set()

    def meet(self, ids: Collection[bytes]) -> None:
        """These came to the reader: what is left pending of them waits to be reclaimed."""
        self._met.update(ids)

    async def find(self) -> list[Entry]:
        """The entries that are pending and did not come: not now, nor when this was asked last.

        An answer may be on its way. Raises StoreError, and redis-py's own errors.
        """
        known = self._met.copy()
        pending = (await self._pending.deliveries()).keys()
        self._met -= known - pending
        unmet = pending - self._met
        lost, self._suspects = unmet & self._suspects, unmet
        if not lost:
            return []
        found = await self._pending.read(lost)
        return [Entry(one.entry_id, one.fields, one.deliveries) for one in found]
