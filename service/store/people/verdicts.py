"""Verdicts on one stream's alerts, in Redis: with the alert, and as long as it is kept.

The entry whose article was judged is kept beside it, since the stream lets go of it sooner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from service.alerts.people.verdict import MOST_KEPT, GivenVerdict, verdict_text
from service.store.client import Argument, Store, span_milliseconds
from service.store.keys import JUDGED

GIVEN, GONE = "given", "gone"
ENTRY_ID = b" id"
"""The field that has the entry's id. No entry is read by a field whose name begins with a space."""


class JudgedEntry(NamedTuple):
    """The entry of an alert."""

    entry_id: str
    fields: Mapping[bytes, bytes]


class Verdicts:
    """What was said of the alerts of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store, keep_alerts: timedelta) -> None:
        self._store = store
        self._keep = span_milliseconds(keep_alerts)

    async def now(self) -> datetime:
        """The time by the clock of the Redis server."""
        return await self._store.now()

    async def give(self, alert: str, verdict: GivenVerdict) -> str:
        """Keep a verdict. Returns GIVEN, GONE (there is no such alert), or the event's type.

        `alert` is the id of the first event; only `alert.created` takes a verdict.
        """
        args: list[Argument] = [alert, verdict_text(verdict), MOST_KEPT, self._keep]
        said = await self._store.run("people/verdict", args, [self._store.key(JUDGED, alert)])
        return str(said.decode())

    async def entries(self, alerts: Mapping[str, str]) -> dict[str, JudgedEntry]:
        """The entries of alerts by their ids; `alerts` has the entry's id for each.

        Those that were kept with a verdict, else as the stream has them; without those that are
        gone.
        """
        found: dict[str, JudgedEntry] = {}
        ids = [*alerts]
        async with self._store.guarded(), self._store.redis.pipeline(transaction=False) as pipe:
            for alert in ids:
                pipe.hgetall(self._store.key(JUDGED, alert))
                pipe.xrange(self._store.stream, alerts[alert] or "0-0", alerts[alert] or "0-0")
            replies: list[Any] = await pipe.execute()
        for alert, kept, rows in zip(ids, replies[::2], replies[1::2], strict=True):
            entry = _kept(kept) or _of_stream(rows)
            if entry is not None:
                found[alert] = entry
        return found


def _kept(fields: Mapping[bytes, bytes]) -> JudgedEntry | None:
    others = {name: value for name, value in fields.items() if name != ENTRY_ID}
    return JudgedEntry(fields[ENTRY_ID].decode(), others) if ENTRY_ID in fields else None


def _of_stream(rows: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> JudgedEntry | None:
    return JudgedEntry(rows[0][0].decode(), rows[0][1]) if rows else None
