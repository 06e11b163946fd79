"""What was sent before, in a replay of one stream: the same as live decisions read from Redis.

Nothing is forgotten but stories and throttles, whose time a replay takes from the stream's ids.
Every method's `now` is ms by that clock.
"""

from __future__ import annotations

from dataclasses import replace

from service.alerts.decision import Held, Outcome, Withdrawn
from service.alerts.history import (
    AlertHistory,
    ArticleHistory,
    SentAlert,
    StoryReach,
    ThrottleCount,
)
from service.alerts.stories.placement import Placement
from service.archive.ledger.quiet_hours import Waiting
from service.archive.ledger.stories import ReplayedStories, StoredStory
from service.archive.moments import from_ms, to_ms
from service.articles.identity import Identity
from service.store.stories.known.known_texts import KnownText, identified
from service.store.stories.query import StoryQuery
from service.store.stories.version import place_of


class Ledger:
    """The past of one stream's articles.

    A story lives for `window` ms; `similarity` is the share of word pairs that makes two texts
    copies.
    """

    def __init__(self, window: int, similarity: float) -> None:
        self.stories = ReplayedStories(window, similarity)
        self.waiting = Waiting()
        self._texts: dict[str, dict[str, KnownText]] = {}
        """By the digest of an id alone."""
        self._sent: dict[str, dict[str, SentAlert]] = {}
        """By the digest of an article and by watchlist."""
        self._throttles: dict[str, ThrottleCount] = {}
        self._held: dict[str, tuple[int, dict[str, str]]] = {}
        """By watchlist, what its throttle holds: until when, and the article of each alert."""
        self._withdrawn: set[str] = set()

    def knows(self, article: str) -> bool:
        """Whether the past bears on an article that matches nothing, by the digest of its id."""
        return article in self._texts or self.stories.has(article)

    def identified(self, query: StoryQuery) -> StoryQuery:
        """The query with the identity of the article's text."""
        base = Identity(query.article.scope, query.article.id)
        return identified(query, base, self._texts.get(base.digest, {}), None)

    def read(self, query: StoryQuery, now: int) -> tuple[ArticleHistory, Placement | None]:
        """An article's history; one that matched joins its story."""
        article = query.article.digest
        if self._is_outdated(query, now):
            return ArticleHistory(now=from_ms(now), superseded=True), None
        if query.fingerprint is not None:
            placement = self.stories.join(query, now)
            story = self.stories.of_article(article, now)
        else:
            placement, story = None, self.stories.leave_copies(article, now)
        sent = self._sent.get(article, {})
        alerts = {
            each.watchlist_id: AlertHistory(
                sent.get(each.watchlist_id),
                self._reach(story if each.subscribers is not None else None, each.watchlist_id),
                self._throttles.get(each.watchlist_id, ThrottleCount())
                if each.throttled
                else ThrottleCount(),
            )
            for each in query.watchlists
        }
        for watchlist, alert in sent.items():
            if watchlist not in alerts:
                alerts[watchlist] = AlertHistory(alert, self._reach(story, watchlist))
        history = ArticleHistory(
            now=from_ms(now),
            story=story.shown() if story and placement else None,
            story_id=story.near.story_id if story else "",
            alerts=alerts,
        )
        return history, placement

    def record(self, query: StoryQuery, outcome: Outcome, now: int) -> None:
        """Keep what was decided."""
        draft, after = outcome.draft, outcome.after
        sent = self._sent.setdefault(draft.article.digest, {})
        if isinstance(outcome.decision, Withdrawn):
            sent.pop(draft.watchlist_id, None)
            self._held.get(draft.watchlist_id, (0, {}))[1].pop(draft.alert_id, None)
            self._withdrawn.add(draft.alert_id)
        elif after.sent is not None:
            self._withdrawn.discard(draft.alert_id)
            if after.sent != outcome.before.sent:
                self._record_text(query)
            # What an event said is not kept: only its list of changes would need it.
            sent[draft.watchlist_id] = replace(after.sent, data={})
        if after.throttle != outcome.before.throttle:
            self._throttles[draft.watchlist_id] = after.throttle
        if isinstance(outcome.decision, Held):
            self._hold(outcome, outcome.decision)
        elif outcome.event:
            self.waiting.add(outcome.event)
        story = self.stories.alive(draft.story_id, now)
        if story and after.reach != outcome.before.reach:
            story.reach[draft.watchlist_id] = after.reach
        if outcome.left and (left := self.stories.alive(outcome.left.story_id, now)):
            left.give_up(draft.watchlist_id, outcome.left.names)

    def release(self, now: int) -> list[tuple[str, tuple[str, ...]]]:
        """Let go what throttles have held until now: by watchlist, the ids of its alerts."""
        due = [watchlist for watchlist, (until, _) in self._held.items() if until <= now]
        released = []
        for watchlist in due:
            _, held = self._held.pop(watchlist)
            for article in held.values():
                alerts = self._sent[article]
                alerts[watchlist] = replace(alerts[watchlist], held=False)
            released.append((watchlist, tuple(held)))
        return released

    def _is_outdated(self, query: StoryQuery, now: int) -> bool:
        """Whether an entry that repeats another is an earlier version: as in `history.lua`."""
        story = self.stories.of_article(query.article.digest, now) if query.origin else None
        if story is None:
            return False
        copy = story.copies.get(query.article.digest)
        return copy is None or copy.place != query.origin

    def _record_text(self, query: StoryQuery) -> None:
        text = query.text
        if text is None:
            return
        base = Identity(query.article.scope, query.article.id).digest
        texts = self._texts.setdefault(base, {})
        texts.pop(text.surplus, None)
        texts[text.name] = KnownText(place_of(query.place), text.sketch)

    def _hold(self, outcome: Outcome, decision: Held) -> None:
        draft = outcome.draft
        until = to_ms(decision.until) if decision.until else 0
        bundle = self._held.setdefault(draft.watchlist_id, (until, {}))
        bundle[1][draft.alert_id] = draft.article.digest

    def _reach(self, story: StoredStory | None, watchlist: str) -> StoryReach:
        if story is None or watchlist not in story.reach:
            return StoryReach()
        reach = story.reach[watchlist]
        held = self._held.get(watchlist, (0, {}))[1]
        alerts = {reach.first, *reach.by_subscriber.values()}
        return replace(reach, held=frozenset(alerts & (held.keys() | self._withdrawn)))
