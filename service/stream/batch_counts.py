"""What the metrics say of a batch."""

from __future__ import annotations

from collections.abc import Sequence

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
from service.store.commit.commit import Committed, DeadLetter, Decided
from service.telemetry import metrics

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
