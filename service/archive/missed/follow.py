"""An article, followed from the stream to subscribers: its trail, from rules and Redis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.alerts.alert import rfc3339
from service.archive.missed.entries import FoundArticle, KeptSearch, find_article, no_archive
from service.archive.missed.judged import NEAREST, JudgedArticle
from service.archive.missed.subscribers import alert_trail, subscriber_trails
from service.archive.missed.trail import ArticleTrail, WatchlistTrail
from service.archive.missed.wanted import Wanted
from service.archive.moments import from_ms, ms_of
from service.rules.rules import Rules
from service.store.outbox import Outbox
from service.store.stories.stories import StoredStory
from service.stream.decisions import MatchedArticle, story_query


@dataclass(frozen=True, slots=True)
class _Home:
    """The stream on which an article is, and what it has made there."""

    outbox: Outbox
    alerts: Mapping[str, str]
    """By watchlist."""
    story: StoredStory | None = None


class Follower:
    """Follows articles by these rules through these streams, of which there is at least one."""

    def __init__(
        self,
        outboxes: Mapping[str, Outbox],
        rules: Rules,
        *,
        max_bytes: int,
        kept: KeptSearch = no_archive,
    ) -> None:
        self._kept = kept
        self._outboxes = outboxes
        self._rules = rules
        self._max_bytes = max_bytes

    async def trail(
        self, wanted: Wanted, watchlist: str | None = None, subscriber: str | None = None
    ) -> ArticleTrail:
        """The trail of the newest version of an article.

        Without a `watchlist`: at all that match or have alerted, else at those that nearly match.
        """
        found = await find_article(self._outboxes, wanted, self._max_bytes, self._kept)
        home = await self._home(found, wanted)
        judged = JudgedArticle(found.article) if found.article else None
        only = [watchlist] if watchlist is not None else [*self._rules.watchlists, *home.alerts]
        trails = {
            name: self._judged(judged, name) for name in only if judged or name in home.alerts
        }
        shown = [
            name
            for name, one in trails.items()
            if watchlist is not None or name in home.alerts or one.verdict != "missed" or one.cut
        ]
        if not shown and judged:
            rules = self._rules.watchlists
            shown = sorted(trails, key=lambda name: -judged.share(rules[name]))[:NEAREST]
        article = found.article
        return ArticleTrail(
            id=article.id if article else wanted.id,
            title=article.title if article else "",
            url=article.url if article else wanted.url,
            refused=found.refused,
            refused_as_wall=found.refused_as_wall,
            oldest=await self._oldest(),
            entry=found.entry,
            letter=found.letter,
            watchlists=tuple(
                [await self._followed(home, trails[name], subscriber) for name in shown]
            ),
            others=len(trails) - len(shown),
        )

    async def _home(self, found: FoundArticle, wanted: Wanted) -> _Home:
        """Where it has alerts; else the stream of its entry."""
        homes = []
        for name, outbox in self._outboxes.items():
            if found.entry and found.entry.stream != name:
                continue
            digest = await self._digest(outbox, found, wanted)
            alerts = await outbox.alert_records.of_article(digest) if digest else {}
            kept = await outbox.alert_records.heads([*alerts.values()], lambda _: True)
            ids = {one.id for one in kept}
            alerts = {name: id_ for name, id_ in alerts.items() if id_ in ids}
            story = await outbox.stories.of_article(digest) if digest else None
            homes.append(_Home(outbox, alerts, story))
        return next((one for one in homes if one.alerts), homes[0])

    async def _digest(self, outbox: Outbox, found: FoundArticle, wanted: Wanted) -> str:
        """That of the article's identity: which of several texts under its id it is."""
        if found.article is None:
            return wanted.identity.digest if wanted.identity else ""
        entry = (found.entry.id if found.entry else "0-0").encode()
        query = story_query(MatchedArticle(entry, found.article, ()), self._rules)
        (identified,) = await outbox.texts.identify([query])
        return identified.article.digest

    def _judged(self, judged: JudgedArticle | None, name: str) -> WatchlistTrail:
        watchlist = self._rules.watchlists.get(name)
        if watchlist is None:  # the rules of today do not have it; its alert says what it did
            return WatchlistTrail(name, "missed", ("the rules of today do not have it",))
        if judged is None:  # nothing is left of the article but its alert
            return WatchlistTrail(name, "matched", (), watchlist.notify)
        return judged.trail(watchlist)

    async def _followed(
        self, home: _Home, trail: WatchlistTrail, subscriber: str | None
    ) -> WatchlistTrail:
        alert, story, outbox = home.alerts.get(trail.id), home.story, home.outbox
        if alert is not None:
            return replace(
                trail,
                alert=await alert_trail(outbox, alert),
                story=story.id if story else "",
                subscribers=await subscriber_trails(
                    outbox, alert, trail.notified, self._rules.terms, subscriber
                ),
            )
        told = story.told_by.get(trail.id, "") if story else ""
        return replace(
            trail,
            story=story.id if story else "",
            told_by=await alert_trail(outbox, told) if told else None,
        )

    async def _oldest(self) -> str:
        """When the oldest entry was added that any stream keeps."""
        ids = [await one.input_stream.first_id() for one in self._outboxes.values()]
        times = [ms_of(each) for each in ids if each]
        return rfc3339(from_ms(min(times))) if times else ""
