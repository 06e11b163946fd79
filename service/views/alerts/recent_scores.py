"""The scores of a watchlist's newest alerts."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest

from service.store.outbox import Outbox
from service.views.alerts.alert_list import AlertFilter, AlertLine, alert_lines

RECENT_ALERTS = 200
"""Newest alerts of a watchlist that a score is compared with."""


async def recent_scores(outboxes: Iterable[Outbox], watchlist: str) -> list[float]:
    """The scores of its newest alerts in all streams. Raises what the store raises."""
    found: list[AlertLine] = []
    for outbox in outboxes:
        number = 0
        async for line in alert_lines(outbox, AlertFilter(watchlist=watchlist), None):
            found.append(line)
            number += 1
            if number == RECENT_ALERTS:
                break
    newest = nlargest(RECENT_ALERTS, found, key=lambda line: line.at)
    return [line.score for line in newest]
