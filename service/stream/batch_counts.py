"""What the metrics say of a batch, and what came with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from service.alerts.decision import (
    AlertDraft,
    Counted,
    Created,
    Decision,
    Draft,
    Held,
    Outcome,
    Repeated,
    Retracted,
    Updated,
)
from service.alerts.stories.story import published_at, source_of
from service.articles.article import Article
from service.store.commit.commit import Committed, DeadLetter, Decided
from service.store.input_stream.rhythm.arrivals import Arrivals
from service.store.stories.version import place_of
from service.telemetry import metrics

OLD_AFTER = timedelta(hours=24)
"""An article that was published so long before it was added is a part of a back-fill: it is no sign
of how often its source sends."""
_DECISIONS: dict[type[Decision], str] = {
    Created: "created",
    Updated: "updated",
    Retracted: "retracted",
    Held: "held",
    Counted: "joined",
    Repeated: "repeated",
}
"""As the metric names them; a retraction of what nobody has heard of is none."""


def count_batch(committed: Committed, dead: Sequence[DeadLetter]) -> None:
    """Count what a commit did; other workers have counted what they finished."""
    for letter in dead:
        if letter.entry_id not in committed.dead:
            continue
        metrics.ARTICLES["dead_lettered"].inc()
        metrics.DEAD_LETTERS[letter.kind].inc()
    for entry in committed.done:
        _count_entry(entry)


def _count_entry(entry: Decided) -> None:
    # What is decided about a draft may take several events.
    drafts: dict[Draft, Outcome] = {}
    for outcome in entry.outcomes:
        drafts.setdefault(outcome.draft, outcome)
    matches = sum(isinstance(draft, AlertDraft) for draft in drafts)
    found = "superseded" if entry.superseded else "matched" if matches else "unmatched"
    metrics.ARTICLES[found].inc()
    metrics.MATCHES.inc(matches)
    for draft, outcome in drafts.items():
        kind = type(outcome.decision)
        if kind in _DECISIONS and (kind is not Repeated or isinstance(draft, AlertDraft)):
            metrics.ALERTS[_DECISIONS[kind]].inc()
        if kind in (Created, Updated):
            metrics.SILENCED.inc(len(outcome.muted))


def count_arrivals(
    arrivals: Arrivals, committed: Committed, articles: Mapping[bytes, Article], at: datetime
) -> None:
    """Count what a commit finished for the rhythms of sources and watchlists."""
    now = round(at.timestamp() * 1000)
    longest = OLD_AFTER // timedelta(milliseconds=1)
    for entry in committed.done:
        article = articles.get(entry.entry_id)
        if article is None:
            continue
        added = int(place_of(entry.entry_id.decode()))
        if not now - 2 * longest < added <= now:  # an id of the publisher's own
            added = now
        if added - published_at(article.published_at, added) > longest:
            continue
        told = {one.draft.watchlist_id for one in entry.outcomes if _is_new(one)}
        arrivals.add(added, source_of(article), told)


def _is_new(outcome: Outcome) -> bool:
    """Whether it is a new story to the watchlist, or a new article where it tells of each."""
    return outcome.before.sent is None and outcome.after.sent is not None
