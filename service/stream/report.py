"""What the log says of a batch: a line for each article and what became of its alerts, and one for
each entry that was no article.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from service.alerts.decision import (
    AlertDraft,
    Counted,
    Created,
    Decision,
    Held,
    Outcome,
    Repeated,
    Retracted,
    Updated,
)
from service.alerts.events.payload import evidence_lines
from service.store.commit.commit import Committed, DeadLetter, Decided
from service.stream.batch_counts import count_batch
from service.telemetry.trace_context import entry_context, logged_trace

MAX_LOGGED_ALERTS = 500
"""Alerts of one line; those of an article that has more are in several lines."""

log = structlog.get_logger(__name__)


def log_batch(committed: Committed, dead: Sequence[DeadLetter]) -> None:
    """Log and count what a commit did."""
    count_batch(committed, dead)
    for letter in (one for one in dead if one.entry_id in committed.dead):
        log.warning(
            "article.dead_lettered",
            entry_id=letter.entry_id.decode(),
            reason=letter.reason,
            **logged_trace(entry_context(letter.fields)),
        )
    for entry in committed.done:
        trace = entry.trace and entry.trace.trace_id
        with bound_contextvars(trace_id=trace) if trace else nullcontext():
            _log_entry(entry)


def _log_entry(entry: Decided) -> None:
    """Log what a commit did with an entry."""
    if entry.again:
        log.info("story.inherited", entry_id=entry.entry_id.decode(), copies=len(entry.again))
    if entry.trimmed_copies:
        entry_id, copies = entry.entry_id.decode(), entry.trimmed_copies
        log.warning("story.copies_trimmed", entry_id=entry_id, copies=copies)
    if entry.superseded and entry.version:
        article_id = entry.version.article.id
        entry_id = entry.entry_id.decode()
        log.info("article.superseded", entry_id=entry_id, article_id=article_id)
    text = entry.version.text if entry.version else None
    if text is not None and text.is_another and entry.version:
        article_id, entry_id = entry.version.article.id, entry.entry_id.decode()
        log.info("article.other_text", entry_id=entry_id, article_id=article_id)
    if entry.note and entry.version and entry.note.like != entry.note.story_id:
        log.info(
            "story.distinct",
            article_id=entry.version.article.id,
            story_id=entry.note.story_id,
            like=entry.note.like,
            why=entry.note.why,
        )
    if entry.outcomes:
        _log_outcomes(entry)


def log_totals(stream: str, committed: Committed) -> None:
    """Log a batch, or a round of it, in one line."""
    done = committed.done
    log.info(
        "batch.committed",
        stream=stream,
        entries=len(done) + len(committed.dead),
        matched=sum(bool(entry.outcomes) for entry in done),
        events=sum(one.event is not None for entry in done for one in entry.outcomes),
        deliveries=committed.deliveries,
        dead_letters=len(committed.dead),
        stale=len(committed.stale),
        finished_by_others=committed.others,
    )


def _log_outcomes(entry: Decided) -> None:
    """Log the alerts of an article, those that had the same end in one line."""
    for start in range(0, len(entry.outcomes), MAX_LOGGED_ALERTS):
        outcomes = entry.outcomes[start : start + MAX_LOGGED_ALERTS]
        about = {"article_id": outcomes[0].draft.article.id, "entry_id": entry.entry_id.decode()}
        ends: dict[type[Decision], list[dict[str, Any]]] = {}
        for outcome in outcomes:
            ends.setdefault(type(outcome.decision), []).append(_alert_facts(outcome))
        if alerts := ends.get(Created, []) + ends.get(Updated, []):
            log.info("article.matched", **about, alerts=alerts)
        if alerts := ends.get(Held, []):
            log.info("alert.held", **about, alerts=alerts)
        if alerts := ends.get(Counted, []):
            why = entry.note.why if entry.note else ""
            log.info("story.joined", **about, why=why, alerts=alerts)
        if alerts := ends.get(Retracted, []):
            log.info("alert.retracted", **about, alerts=alerts)
        if alerts := [one for one in ends.get(Repeated, ()) if "score" in one]:
            log.info("article.repeated", **about, alerts=alerts)


def _alert_facts(outcome: Outcome) -> dict[str, Any]:
    """What is logged of an alert; of a retraction there is no score."""
    draft, event, decision = outcome.draft, outcome.event, outcome.decision
    facts: dict[str, Any] = {"watchlist_id": draft.watchlist_id, "alert_id": draft.alert_id}
    if isinstance(draft, AlertDraft):
        facts["score"] = draft.score
    match decision:
        case Created(subscribers) | Updated(subscribers):
            if event is not None:
                facts["alert_id"] = event.id
                facts["evidence"] = evidence_lines(event.data)
            facts["updated"] = isinstance(decision, Updated)
            facts["deliveries"] = len(subscribers)
        case Retracted(subscribers):
            facts["deliveries"] = len(subscribers)
            facts["cancelled"] = len(outcome.unsent)
        case Counted(milestone):
            del facts["alert_id"]
            facts["told_by"] = outcome.before.reach.first
            facts["milestone_sources"] = milestone
            facts["story_id"] = draft.story_id
    return facts
