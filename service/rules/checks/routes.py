"""Whom a watchlist's alert is sent to, and how, by the rules alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.rules.rules import Watchlist
from service.rules.schema.values import ExpectedSending, Sending
from service.rules.subscribers.terms import Terms


@dataclass(frozen=True, slots=True)
class SubscriberRoute:
    """How one subscriber is sent an alert, but for silences, which come and go."""

    subscriber: str
    sending: Sending
    filters: tuple[str, ...] = ()
    """Those that leave it out: `score`, and the severity of the watchlist."""

    def __str__(self) -> str:
        return ", ".join((self.sending, *self.filters))

    def is_as(self, expected: ExpectedSending) -> bool:
        """Whether it is what a test expects; a test need not name a filter."""
        sending, _, reason = expected.partition(", ")
        return sending == self.sending and (not reason or reason in self.filters)


def find_route(
    watchlist: Watchlist, terms: Mapping[str, Terms], name: str, score: float
) -> SubscriberRoute:
    """How a subscriber is sent an alert of this score; `terms`: of those that can be used."""
    own = terms.get(name)
    if own is None or name not in watchlist.notify:
        return SubscriberRoute(name, "not")
    filters: list[str] = []
    if own.severities and watchlist.severity not in own.severities:
        filters.append(watchlist.severity)
    if score < own.min_score:
        filters.append("score")
    if filters:
        return SubscriberRoute(name, "not", tuple(filters))
    return SubscriberRoute(name, "digest" if own.digest else "at once")
