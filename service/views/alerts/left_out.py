"""Whom a watchlist notifies, and why one of them got nothing of an alert."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.rules.subscribers.terms import Terms
from service.store.deliveries.alert_records import AlertRecord
from service.views.alerts.filters import filtered
from service.views.alerts.shares import AlertShare


@dataclass(frozen=True, slots=True)
class RulesOfAlerts:
    """What the rules say now of who hears of alerts; nothing on a machine that has no rules."""

    notified: Callable[[str], Sequence[str]] = lambda _: ()
    """The subscribers whom the watchlist of this id notifies."""
    terms: Mapping[str, Terms] = field(default_factory=dict)
    """By subscriber: only of those that can be used."""

    @property
    def subscribers(self) -> Collection[str]:
        """Those that can be used."""
        return self.terms.keys()

    def left_out(self, record: AlertRecord, heard: Collection[str]) -> Iterator[AlertShare]:
        """Those whom the alert's watchlist notifies and who are not among `heard`, with why."""
        event = record.events[0]
        data: dict[str, Any] = json.loads(event.body).get("data", {}) if event.body else {}
        watchlist = data.get("watchlist", {})
        score = data.get("score", {}).get("value")
        for name in self.notified(watchlist.get("id", "")):
            if name not in heard and event.type == "alert.created":
                why = filtered(self.terms.get(name), watchlist.get("severity", ""), score)
                if record.retracted and not why:
                    continue  # nobody need be told of it any more
                words = f"not told: {why or NOT_FILTERED}"
                yield AlertShare(name, event.type, event.id, "left_out", words)


NOT_FILTERED = (
    "another alert of its story reached it, or the rules did not name it when the alert was made"
)
