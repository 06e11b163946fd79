"""Deliveries of events for very many: they are kept with their event, and written in portions."""

from __future__ import annotations

import structlog

from service.store.client import STORE_ERRORS, Store

log = structlog.get_logger(__name__)


class Portions:
    """Those of one stream. Any process writes them: whoever committed the event, else a worker."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write_all(self) -> None:
        """Write what is due now."""
        while await self.write():
            pass

    async def write(self) -> bool:
        """Write the next portion; whether another one is due.

        Where that fails it is logged, and tried again later: the event is committed.
        """
        try:
            return bool(await self._store.run("commit/portion"))
        except STORE_ERRORS as error:
            log.error("delivery.not_written", stream=self._store.stream, error=str(error))
            return False
