"""What a replay did: alerts by watchlist and day, and what became of the other matches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from service.alerts.decision import (
    AlertDraft,
    Counted,
    Created,
    Held,
    Outcome,
    Repeated,
    Retracted,
    Updated,
    Withdrawn,
)
from service.alerts.routing import AT_ONCE
from service.archive.moments import from_ms, ms_of
from service.rules.rules import Rules

KINDS = ("alerts", "held", "told", "repeated", "updated", "retracted", "below")
"""What can become of a match. `alerts`: a new alert; `held`: a throttle holds it for a summary;
`told`: another copy of the story has alerted; `repeated`: this revision has, or a newer one;
`below`: its score is below the threshold."""
DELIVERIES = ("at_once", "digest", "quiet_hours", "filtered", "silenced")
"""What can become of an alert and a subscriber."""


class AlertRow(NamedTuple):
    """A new alert."""

    watchlist: str
    article: str
    """The digest of its identity."""
    entry_id: str
    score: float
    held: bool
    story_id: str


class Match(NamedTuple):
    """What a watchlist and an article are to be looked up by."""

    watchlist: str
    article: str


@dataclass(slots=True)
class WatchlistTally:
    """The sums of one watchlist."""

    kinds: Counter[str] = field(default_factory=Counter)
    """By KINDS."""
    deliveries: Counter[str] = field(default_factory=Counter)
    """By DELIVERIES."""
    days: Counter[date] = field(default_factory=Counter)
    """Alerts by day (UTC), held ones too."""


@dataclass(slots=True)
class Tally:
    """The sums of one set of rules."""

    watchlists: dict[str, WatchlistTally] = field(default_factory=dict)
    subscribers: Counter[str] = field(default_factory=Counter)
    """Events that each receives, be it at once, after quiet hours, or in a digest."""
    alerts: list[AlertRow] = field(default_factory=list)
    others: dict[Match, str] = field(default_factory=dict)
    """Of matches that made no alert: what became of them, by KINDS."""
    refused: Counter[str] = field(default_factory=Counter)
    """Entries that correct nothing, by kind: walls, and parts of a text that was alerted before."""

    def of(self, watchlist: str) -> WatchlistTally:
        """The sums of a watchlist."""
        return self.watchlists.setdefault(watchlist, WatchlistTally())

    def note_below(self, watchlist: str, article: str) -> None:
        """Note a match whose score is below the threshold."""
        self.of(watchlist).kinds["below"] += 1
        self.others[Match(watchlist, article)] = "below"

    def note(self, outcome: Outcome, rules: Rules) -> None:
        """Note a decision."""
        draft = outcome.draft
        tally = self.of(draft.watchlist_id)
        kind = _kind(outcome)
        if kind:
            tally.kinds[kind] += 1
        if isinstance(draft, AlertDraft):
            self._note_match(tally, draft, outcome, kind)
            if isinstance(outcome.decision, Created | Held):
                self._note_filters(tally, draft, outcome, rules)
        if outcome.event and kind != "held":
            self._note_deliveries(tally, outcome)

    def _note_match(
        self, tally: WatchlistTally, draft: AlertDraft, outcome: Outcome, kind: str
    ) -> None:
        article = draft.article.digest
        if isinstance(outcome.decision, Created | Held) and outcome.before.sent is None:
            held = kind == "held"
            row = AlertRow(
                draft.watchlist_id, article, draft.entry_id, draft.score, held, draft.story_id
            )
            self.alerts.append(row)
            tally.days[from_ms(ms_of(draft.entry_id)).date()] += 1
        elif kind == "told":
            self.others[Match(draft.watchlist_id, article)] = kind

    @staticmethod
    def _note_filters(
        tally: WatchlistTally, draft: AlertDraft, outcome: Outcome, rules: Rules
    ) -> None:
        watchlist = rules.watchlists[draft.watchlist_id]
        wanted = {*draft.subscribers, *outcome.muted}
        tally.deliveries["filtered"] += sum(name not in wanted for name in watchlist.notify)
        tally.deliveries["silenced"] += len(outcome.muted)

    def _note_deliveries(self, tally: WatchlistTally, outcome: Outcome) -> None:
        event = outcome.event
        for name in event.subscribers if event else ():
            route = event.routes.get(name, AT_ONCE) if event else AT_ONCE
            way = "digest" if route.digest_due else "quiet_hours" if route.not_before else "at_once"
            tally.deliveries[way] += 1
            self.subscribers[name] += 1


def _kind(outcome: Outcome) -> str:
    match outcome.decision:
        case Created():
            return "alerts"
        case Held():
            return "held" if outcome.before.sent is None else ""
        case Counted():
            return "told"
        case Updated():
            return "updated"
        case Retracted() | Withdrawn():
            return "retracted"
        case Repeated():
            return "repeated" if isinstance(outcome.draft, AlertDraft) else ""


def merged(tallies: Sequence[Tally]) -> Tally:
    """The sums of several streams; the rows stay the same objects."""
    found = Tally()
    for each in tallies:
        found.subscribers.update(each.subscribers)
        found.refused.update(each.refused)
        found.alerts += each.alerts
        found.others |= each.others
        for name, counts in each.watchlists.items():
            of_watchlist = found.of(name)
            of_watchlist.kinds.update(counts.kinds)
            of_watchlist.deliveries.update(counts.deliveries)
            of_watchlist.days.update(counts.days)
    return found


def total(tally: Tally) -> Counter[str]:
    """The sums of all watchlists, by KINDS and DELIVERIES."""
    found: Counter[str] = Counter()
    for each in tally.watchlists.values():
        found.update(each.kinds)
        found.update(each.deliveries)
    return found


def busiest(days: Iterable[tuple[date, int]]) -> tuple[date, int] | None:
    """The day with the most alerts; the first of several. None: there is none."""
    return max(days, key=lambda each: (each[1], -each[0].toordinal()), default=None)


def by_day(tally: Tally) -> Counter[date]:
    """The alerts of all watchlists, by day."""
    found: Counter[date] = Counter()
    for each in tally.watchlists.values():
        found.update(each.days)
    return found


def whole_days(days: Sequence[date]) -> list[date]:
    """Every day from the first to the last of these."""
    if not days:
        return []
    first, last = min(days).toordinal(), max(days).toordinal()
    return [date.fromordinal(each) for each in range(first, last + 1)]
