"""The scores of a watchlist's newest alerts, where this machine has a store with alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta

from service.cli.input.context import wait_for
from service.errors import TocsinError
from service.settings import Settings

TIMEOUT = timedelta(seconds=5)
"""How long the store may take to answer: an article is explained without it, too."""


class RecentScores:
    """Reads them when they are asked for. An embedded server that does not run is not started.

    What speaks to the store is loaded then: it takes 0.2 s, and most articles match nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asks = True
        self._known: dict[str, list[float]] = {}
        self.problem = ""
        """Why the store could not be asked; "" if it could, or there is none."""

    def of(self, watchlists: Iterable[str]) -> dict[str, Sequence[float]]:
        """The scores by watchlist; none where no alert is known."""
        names = set(watchlists)
        if self._asks and (unknown := names - self._known.keys()):
            self._ask(unknown)
        return {name: self._known.get(name, ()) for name in names}

    def _ask(self, watchlists: Iterable[str]) -> None:
        from service.app.redis.embedded import is_running  # noqa: PLC0415
        from service.store.client import STORE_ERRORS  # noqa: PLC0415

        store = self._settings.store
        if store.embedded and not is_running(store.data_dir):
            self._asks = False
            return
        try:
            self._known |= wait_for(self._read(watchlists))
        except (*STORE_ERRORS, TocsinError, TimeoutError) as error:
            self._asks = False
            self.problem = str(error) or "the store does not answer"

    async def _read(self, watchlists: Iterable[str]) -> dict[str, list[float]]:
        from service.app.redis.outboxes import outboxes, redis_url  # noqa: PLC0415
        from service.views.alerts.recent_scores import recent_scores  # noqa: PLC0415

        with redis_url(self._settings.store) as url:
            async with (
                asyncio.timeout(TIMEOUT.total_seconds()),
                outboxes(self._settings, url) as found,
            ):
                return {name: await recent_scores(found.values(), name) for name in watchlists}
