"""Matched articles and their histories → what becomes of each entry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.alerts.create import ArticleAlerts
from service.alerts.history import BatchHistory
from service.alerts.silence import Silence
from service.alerts.stories.fingerprint import fingerprint
from service.alerts.stories.story import source_of
from service.articles.article import Article
from service.matching.evaluation.judge import Match
from service.rules.rules import Rules
from service.store.commit.commit import Decided
from service.store.stories.query import StoryQuery, WatchlistQuery
from service.store.stories.reply import ReadHistory
from service.store.stories.version import JudgedVersion


@dataclass(frozen=True, slots=True)
class MatchedArticle:
    """An entry's article, and the watchlists that it matches."""

    entry_id: bytes
    article: Article
    matches: tuple[Match, ...]


def story_query(matched: MatchedArticle, rules: Rules) -> StoryQuery:
    """What the store has to know of an article to find its history."""
    article, entry_id = matched.article, matched.entry_id.decode()
    if not matched.matches:
        return StoryQuery(entry_id, article.identity, article.revision)
    watchlists = [rules.watchlists[match.query_id] for match in matched.matches]
    return StoryQuery(
        entry_id,
        article.identity,
        article.revision,
        source_of(article),
        fingerprint(article.title, article.lead, article.body),
        tuple(
            WatchlistQuery(
                watchlist.id,
                tuple(watchlist.notify) if watchlist.repeat == "story" else None,
                watchlist.throttle is not None,
            )
            for watchlist in watchlists
        ),
    )


def decide_entries(
    matched: Sequence[MatchedArticle],
    histories: Sequence[ReadHistory],
    rules: Rules,
    *,
    at: datetime,
    silences: Collection[Silence] = (),
) -> list[Decided]:
    """What becomes of each entry, in order: a later one sees what an earlier one has changed."""
    batch = BatchHistory()
    decided = []
    for one, read in zip(matched, histories, strict=True):
        history = read.history
        if history.superseded:
            version = JudgedVersion(
                one.article.identity, ()
            )  # a newer decision is never taken back
            decided.append(Decided(one.entry_id, version=version, superseded=True))
            continue
        alerts = ArticleAlerts(one.article, one.entry_id.decode(), rules, at=at, silences=silences)
        outcomes = alerts.outcomes(one.matches, history, batch)
        decided.append(Decided(one.entry_id, outcomes, read.version))
    return decided
