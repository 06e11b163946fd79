"""The list of alerts, newest first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from service.store.client import Argument, Store, to_milliseconds

STEP = 500
"""Alerts that the server looks at in one go: for a few milliseconds it does nothing else."""


class AlertIndex:
    """The alerts of one stream, by the time at which they were made, as long as `keep_alerts`.

    Raises StoreError, and redis-py's own errors.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def newest(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        watchlist: str = "",
        judged: bool | None = None,
    ) -> AsyncIterator[list[str]]:
        """The ids, at most `STEP` at a time; looks no further back than it is asked to.

        `judged`: only those that have a verdict, or have none; None: all.
        """
        verdicts = "" if judged is None else str(int(judged))
        least = str(to_milliseconds(since)) if since else "-inf"
        last, at = "", str(to_milliseconds(until)) if until else "+inf"
        before: set[str] = set()
        while True:
            args: list[Argument] = [last, at, least, STEP, watchlist, verdicts]
            end, ends_at, rows = await self._store.run("deliveries/alert_index", args)
            ids = [id_.decode() for id_, _ in rows]
            yield [id_ for id_ in ids if id_ not in before]
            last, at, before = end.decode(), ends_at.decode(), {*ids}
            if not last:
                return
