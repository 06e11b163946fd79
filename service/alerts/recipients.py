"""Who hears of a match: subscribers' filters and silences, and when each of them hears of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from service.alerts.alert import Event
from service.alerts.decision import IsMuted
from service.alerts.people.silence import Silence, silencing
from service.alerts.routing import Route, route
from service.matching.evaluation.score import Score
from service.rules.rules import Rules, Watchlist
from service.rules.subscribers.terms import Terms


class Recipients:
    """Who hears of a watchlist's matches while these silences are in force."""

    def __init__(self, rules: Rules, silences: Collection[Silence]) -> None:
        self._rules = rules
        self._silences = silences

    def interested(self, watchlist: Watchlist, score: Score) -> Iterator[str]:
        """Those whose filters let the match through."""
        for name in watchlist.notify:
            if passes_filters(self._rules.terms.get(name), watchlist, score):
                yield name

    def wanted(self, watchlist: Watchlist, score: Score) -> tuple[str, ...]:
        """Those of them whom no silence mutes."""
        is_muted = self.is_muted(watchlist)
        return tuple(name for name in self.interested(watchlist, score) if not is_muted(name))

    def is_muted(self, watchlist: Watchlist) -> IsMuted:
        """Whether a silence mutes what the watchlist sends to a subscriber."""
        return lambda name: self._silencing(watchlist, name) is not None

    def muted(self, watchlist: Watchlist, names: Iterable[str]) -> dict[str, Silence]:
        """The silence that mutes it, for each of these subscribers that has one."""
        if not self._silences:
            return {}
        found = ((name, self._silencing(watchlist, name)) for name in names)
        return {name: silence for name, silence in found if silence is not None}

    def _silencing(self, watchlist: Watchlist, name: str) -> Silence | None:
        return silencing(self._silences, watchlist.id, watchlist.tags, name)


def passes_filters(terms: Terms | None, watchlist: Watchlist, score: Score) -> bool:
    """Whether the subscriber's filters let the alert through.

    A subscriber that is not configured gets its delivery too: it waits until the rules are right.
    """
    return terms is None or terms.accepts(watchlist.severity, score.value)


def routed(event: Event, rules: Rules, severity: str, at: datetime) -> Event:
    """The event with its routes to those subscribers who do not receive it at once."""
    routes: dict[str, Route] = {}
    for name in event.subscribers:
        terms = rules.terms.get(name)
        if terms is not None and (terms.quiet or terms.digest):
            routes[name] = route(severity, at, quiet=terms.quiet, digest=terms.digest)
    return replace(event, routes=routes) if routes else event
