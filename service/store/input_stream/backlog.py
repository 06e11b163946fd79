"""How far an input stream is read, what waits in it, and since when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.store.client import Store, from_milliseconds


@dataclass(frozen=True, slots=True)
class StreamBacklog:
    """What waits in one input stream, at one time."""

    at: datetime
    """That time, by the Redis server's clock."""
    has_group: bool
    """Whether anybody has ever read it."""
    unread: int | None
    """None where Redis cannot tell, as after an XDEL."""
    pending: int
    """Entries that were read and are not finished."""
    oldest: datetime | None
    """When the oldest entry that is not finished was added; None where none is left."""
    added: int
    """Entries that ever were."""
    last_added: datetime | None
    """When the newest entry was added; None: none ever was."""
    vanished: int
    """Entries that were trimmed or deleted before they were read or finished."""
    dead_letters: int
    """Those that are kept."""

    @property
    def waiting(self) -> int:
        """Entries that are not finished, at least."""
        least = 1 if self.oldest and not self.pending else 0
        return max(least, (self.unread or 0) + self.pending)

    @property
    def lag(self) -> timedelta:
        """For how long the oldest entry waits that is not finished."""
        return max(timedelta(0), self.at - self.oldest) if self.oldest else timedelta(0)


async def read_backlog(store: Store) -> StreamBacklog:
    """What waits in the stream now. Raises StoreError, and redis-py's own errors."""
    found: dict[str, Any] = json.loads(await store.run("input_stream/backlog"))
    waiting = [_added(found, name) for name in ("unread_id", "pending_id")]
    lag = found.get("unread")
    last = _added(found, "last")
    return StreamBacklog(
        at=from_milliseconds(found["now"]),
        has_group=found["group"],
        unread=lag if isinstance(lag, int) else None,
        pending=found["pending"],
        oldest=min((each for each in waiting if each), default=None),
        added=found["added"],
        last_added=last if last and last.timestamp() > 0 else None,
        vanished=found["vanished"],
        dead_letters=found["dead"],
    )


def _added(found: Mapping[str, Any], name: str) -> datetime | None:
    """When the entry with this id was added: the server gives ids by its clock."""
    text = found.get(name)
    return from_milliseconds(int(text.partition("-")[0])) if text else None
