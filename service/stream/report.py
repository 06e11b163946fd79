"""What the log says of a batch: one line for each alert, and for each entry that was no article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from service.alerts.decision import AlertDraft, Counted, Created, Held, Outcome, Retracted, Updated
from service.alerts.events.payload import evidence_lines
from service.alerts.stories.story import StoryNote
from service.store.commit.commit import Committed, DeadLetter

log = structlog.get_logger(__name__)


def log_batch(committed: Committed, dead: Sequence[DeadLetter]) -> None:
    """Log what a commit did."""
    for letter in dead:
        log.warning(
            "article.dead_lettered", entry_id=letter.entry_id.decode(), reason=letter.reason
        )
    for entry in committed.done:
        if entry.again:
            log.info("story.inherited", entry_id=entry.entry_id.decode(), copies=len(entry.again))
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
        for outcome in entry.outcomes:
            if isinstance(outcome.draft, AlertDraft):
                _log_alert(outcome.draft, outcome, entry.note)
            elif isinstance(outcome.decision, Retracted):
                _log_retraction(outcome)


def _log_alert(draft: AlertDraft, outcome: Outcome, note: StoryNote | None) -> None:
    event = outcome.event
    facts: dict[str, Any] = {
        "article_id": draft.article.id,
        "watchlist_id": draft.watchlist_id,
        "score": draft.score,
    }
    match outcome.decision:
        case Created(subscribers) | Updated(subscribers):
            log.info(
                "article.matched",
                alert_id=event.id if event else draft.alert_id,
                updated=isinstance(outcome.decision, Updated),
                deliveries=len(subscribers),
                evidence=evidence_lines(event.data if event else {}),
                **facts,
            )
        case Held():
            log.info("alert.held", alert_id=draft.alert_id, **facts)
        case Counted(milestone):
            log.info(
                "story.joined",
                story_id=draft.story_id,
                told_by=outcome.before.reach.first,
                why=note.why if note else "",
                milestone_sources=milestone,
                **facts,
            )
        case _:
            log.info("article.repeated", alert_id=draft.alert_id, **facts)


def _log_retraction(outcome: Outcome) -> None:
    draft = outcome.draft
    log.info(
        "alert.retracted",
        alert_id=draft.alert_id,
        article_id=draft.article.id,
        watchlist_id=draft.watchlist_id,
        deliveries=len(outcome.decision.subscribers)
        if isinstance(outcome.decision, Retracted)
        else 0,
        cancelled=len(outcome.unsent),
    )
