"""What the log says of a batch: one line for each alert, and for each entry that was no article."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from service.alerts.alert import Alert, Retraction
from service.alerts.events.payload import evidence_lines
from service.store.commit.commit import Committed, DeadLetter, Decided

log = structlog.get_logger(__name__)


def tell(decided: Sequence[Decided], dead: Sequence[DeadLetter], made: Committed) -> None:
    """Log what a commit came to."""
    for letter in dead:
        log.warning(
            "article.dead_lettered", entry_id=letter.entry_id.decode(), reason=letter.reason
        )
    for each in decided:
        if each.entry_id.decode() in made.stale:
            continue
        if each.after and each.entry_id.decode() in made.overtaken:
            entry, article = each.entry_id.decode(), each.after.article_id
            log.info("article.superseded", entry_id=entry, article_id=article)
            continue
        for alert in each.alerts:
            _tell_alert(alert, made)
        for gone in each.retractions:
            _tell_retraction(gone, made)


def _tell_alert(alert: Alert, made: Committed) -> None:
    facts = {
        "article_id": alert.article_id,
        "watchlist_id": alert.watchlist_id,
        "score": alert.score,
    }
    told = alert.created if alert.id in made.created else alert.updated
    if told.id in made.created or told.id in made.updated:
        log.info(
            "article.matched",
            alert_id=told.id,
            updated=told is alert.updated,
            deliveries=len(told.subscribers),
            evidence=evidence_lines(told.data),
            **facts,
        )
    elif alert.id in made.held:
        log.info("alert.held", alert_id=alert.id, **facts)
    elif alert.id in made.counted:
        reached = alert.story_updated is not None and alert.story_updated.id in made.stories
        sources = alert.milestone if reached else 0
        log.info("story.joined", story_id=alert.story_id, milestone_sources=sources, **facts)
    else:
        log.info("article.repeated", alert_id=alert.id, **facts)


def _tell_retraction(gone: Retraction, made: Committed) -> None:
    if gone.event.id in made.retracted:
        log.info(
            "alert.retracted",
            alert_id=gone.alert_id,
            article_id=gone.article_id,
            watchlist_id=gone.watchlist_id,
            deliveries=len(gone.event.subscribers),
        )
