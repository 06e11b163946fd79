"""Matches → drafts of alerts, and decisions about them → events (DESIGN.md §6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Any

from service.alerts.alert import Event, alert_id, rfc3339
from service.alerts.correction import changes
from service.alerts.decide import decide_alert, decide_retraction, history_after
from service.alerts.decision import (
    AlertDecision,
    AlertDraft,
    Counted,
    Created,
    Held,
    Limit,
    Outcome,
    Retracted,
    RetractionDraft,
    Updated,
)
from service.alerts.events.blocks import ArticleFacts
from service.alerts.events.event_types import EventType
from service.alerts.events.payload import article_facts, match_facts, watchlist_facts
from service.alerts.history import ArticleHistory, BatchHistory, SentAlert, StoryReach
from service.alerts.people.silence import Silence
from service.alerts.recipients import Recipients, routed
from service.articles.article import Article
from service.articles.identity import Identity
from service.matching.evaluation.judge import Match
from service.rules.rules import Rules, Watchlist


class ArticleAlerts:
    """The alerts of one article that was read from one stream entry.

    `identity` is that of its text, where several have one id. `at` is when it was judged. What one
    of the `silences` mutes is recorded, and not sent. `withdrawal` is what a publisher says who
    takes the article back; "" for any other.
    """

    def __init__(
        self,
        article: Article,
        entry_id: str,
        rules: Rules,
        *,
        at: datetime,
        silences: Collection[Silence] = (),
        identity: Identity | None = None,
        withdrawal: str = "",
    ) -> None:
        self._article = article
        self._identity = identity or article.identity
        self._entry_id = entry_id
        self._withdrawal = withdrawal
        self._rules = rules
        self._at = at
        self._recipients = Recipients(rules, silences)

    @cached_property
    def _facts(self) -> ArticleFacts:
        """What events say of the article: the same in all of them."""
        return article_facts(self._article)

    @cached_property
    def _matched_at(self) -> str:
        return rfc3339(self._at)

    def outcomes(
        self, matches: Sequence[Match], history: ArticleHistory, batch: BatchHistory
    ) -> tuple[Outcome, ...]:
        """What becomes of each match and of each alert that no longer matches.

        `batch` has what was decided before in the same batch, and takes up what is decided here.
        """
        decided = [one for match in matches for one in self._outcomes(match, history, batch)]
        matched = {match.query_id for match in matches}
        # Where a watchlist left the rules, the article has not changed.
        unmatched = (each for each in history.alerts if each not in matched)
        gone = [each for each in unmatched if each in self._rules.watchlists]
        return (*decided, *(self._retraction(each, history, batch) for each in gone))

    def draft(self, match: Match, history: ArticleHistory) -> AlertDraft:
        """The match as an alert to decide about."""
        watchlist = self._rules.watchlists[match.query_id]
        story = history.story if watchlist.repeat == "story" else None
        throttle = watchlist.throttle
        return AlertDraft(
            alert_id=alert_id(watchlist.id, *self._identity.parts),
            watchlist_id=watchlist.id,
            article=self._identity,
            revision=self._article.revision,
            entry_id=self._entry_id,
            score=match.score.value,
            subscribers=self._recipients.wanted(watchlist, match.score),
            story_id=story.id if story else "",
            milestone=story.milestone if story else 0,
            limit=Limit(throttle.max, throttle.per) if throttle else None,
        )

    def _outcomes(
        self, match: Match, article: ArticleHistory, batch: BatchHistory
    ) -> Iterator[Outcome]:
        """What becomes of a match: one outcome, and one more for each further event."""
        draft = self.draft(match, article)
        before = batch.of(draft.alert_id, draft.watchlist_id, article)
        watchlist = self._rules.watchlists[match.query_id]
        is_muted = self._recipients.is_muted(watchlist)
        decision = decide_alert(draft, before, now=article.now, is_muted=is_muted)
        if isinstance(decision, Counted) and decision.milestone:
            events = [*self._story_events(draft, decision, match, article, before.reach)]
        else:
            made = self._alert_event(draft, decision, match, article, before.sent)
            events = [made] if made else []
        heard = before.sent.subscribers if before.sent else ()
        interested = self._recipients.interested(watchlist, match.score)
        muted = self._recipients.muted(watchlist, chain(interested, heard))
        first = Outcome(draft, decision, events[0] if events else None, before, before, muted=muted)
        recorded = self._recorded(first, article, batch)
        yield recorded
        for event in events[1:]:
            yield Outcome(draft, decision, event, recorded.after, recorded.after)

    def _retraction(
        self, watchlist_id: str, article: ArticleHistory, batch: BatchHistory
    ) -> Outcome:
        watchlist = self._rules.watchlists[watchlist_id]
        draft = RetractionDraft(
            alert_id=alert_id(watchlist_id, *self._identity.parts),
            watchlist_id=watchlist_id,
            article=self._identity,
            revision=self._article.revision,
            entry_id=self._entry_id,
            story_id=article.story_id,
        )
        before = batch.of(draft.alert_id, watchlist_id, article)
        is_muted = self._recipients.is_muted(watchlist)
        decision = decide_retraction(draft, before, is_muted=is_muted)
        event = None
        if isinstance(decision, Retracted) and before.sent:
            data = self._retraction_data(watchlist, before.sent)
            event_id = self._later_id("retracted", watchlist_id, before.sent)
            event = self._event("alert.retracted", event_id, data, watchlist, decision.subscribers)
        heard = before.sent.subscribers if before.sent else ()
        muted = self._recipients.muted(watchlist, heard)
        outcome = Outcome(draft, decision, event, before, before, muted=muted)
        return self._recorded(outcome, article, batch)

    def _recorded(self, outcome: Outcome, article: ArticleHistory, batch: BatchHistory) -> Outcome:
        draft, event = outcome.draft, outcome.event
        after = history_after(
            draft,
            outcome.decision,
            outcome.before,
            now=article.now,
            event_id=event.id if event else "",
            data=event.data if event else None,
        )
        batch.record(draft.alert_id, draft.watchlist_id, article.story_id, after)
        before, muted = outcome.before, outcome.muted
        return Outcome(draft, outcome.decision, event, before, after, muted=muted)

    def _alert_event(
        self,
        draft: AlertDraft,
        decision: AlertDecision,
        match: Match,
        article: ArticleHistory,
        sent: SentAlert | None,
    ) -> Event | None:
        watchlist = self._rules.watchlists[draft.watchlist_id]
        if not isinstance(decision, Created | Held | Updated):
            return None
        kind: EventType = "alert.created"
        event_id = draft.alert_id
        data = self._match_data(match, watchlist, article)
        if isinstance(decision, Updated) and sent is not None:
            kind = "alert.updated"
            event_id = self._later_id("updated", watchlist.id, sent)
            data = {"alert_id": draft.alert_id, **data, "changes": changes(sent.data, data)}
        return self._event(kind, event_id, data, watchlist, decision.subscribers)

    def _story_events(
        self,
        draft: AlertDraft,
        decision: Counted,
        match: Match,
        article: ArticleHistory,
        reach: StoryReach,
    ) -> Iterator[Event]:
        """The spread of a story: an event for each alert by which it reached subscribers."""
        watchlist = self._rules.watchlists[draft.watchlist_id]
        names_by_alert: dict[str, list[str]] = {}
        for name in decision.subscribers:
            names_by_alert.setdefault(reach.by_subscriber[name], []).append(name)
        for told_by, names in names_by_alert.items():
            parts = [watchlist.id, draft.story_id, str(decision.milestone)]
            event_id = alert_id(*parts, *([told_by] if told_by != reach.first else []))
            data = {"alert_id": told_by, **self._match_data(match, watchlist, article)}
            yield self._event("story.updated", event_id, data, watchlist, tuple(names))

    def _match_data(
        self, match: Match, watchlist: Watchlist, article: ArticleHistory
    ) -> dict[str, Any]:
        facts = match_facts(
            self._facts,
            match,
            watchlist,
            story=article.story,
            rules=self._rules.digest,
            at=self._matched_at,
        )
        return {**facts}

    def _retraction_data(self, watchlist: Watchlist, sent: SentAlert) -> dict[str, Any]:
        facts = self._facts
        return {
            "alert_id": sent.alert_id,
            "watchlist": watchlist_facts(watchlist),
            "article": facts,
            **({"story": sent.data["story"]} if "story" in sent.data else {}),
            **({"reason": self._withdrawal} if self._withdrawal else {}),
            "rules": self._rules.digest,
            "matched_at": self._matched_at,
            "changes": changes(sent.data, {"article": facts}),
        }

    def _later_id(self, kind: str, watchlist_id: str, sent: SentAlert) -> str:
        """The id of a later event about an alert: a new one each time that a text comes back."""
        article = self._article
        return alert_id(kind, watchlist_id, *self._identity.parts, article.revision, sent.latest_id)

    def _event(
        self,
        kind: EventType,
        event_id: str,
        data: dict[str, Any],
        watchlist: Watchlist,
        subscribers: tuple[str, ...],
    ) -> Event:
        event = Event(kind, event_id, data, subscribers)
        return routed(event, self._rules, watchlist.severity, self._at)
