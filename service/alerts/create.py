"""Matches → alerts, with the ways on which their events go (DESIGN.md §6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from service.alerts.alert import Alert, Event, Retraction, alert_id, rfc3339
from service.alerts.correction import Data, Past, Told, changes
from service.alerts.events.payload import article_facts, match_facts, watchlist_facts
from service.alerts.routing import Route, route
from service.alerts.silence import Silence, silenced
from service.alerts.stories.story import Story
from service.articles.article import Article
from service.matching.evaluation.judge import Match
from service.matching.evaluation.score import Score
from service.rules.rules import Rules, Watchlist
from service.rules.subscribers.subscriber import Subscriber


def alerts(
    article: Article,
    matches: Sequence[Match],
    rules: Rules,
    past: Past,
    *,
    at: datetime,
    silences: Collection[Silence] = (),
) -> tuple[Alert, ...]:
    """One alert for each match.

    `past` is what was told before, `at` when this was judged; what one of the `silences` holds
    back is recorded only.
    """
    return tuple(
        _routed(_alert(article, match, rules, past, silences, at), rules, at) for match in matches
    )


def _routed(alert: Alert, rules: Rules, at: datetime) -> Alert:
    """The alert with the ways on which its events go."""
    watchlist = rules.watchlists[alert.watchlist_id]
    created, updated = (
        routed(told, rules, watchlist.severity, at) for told in (alert.created, alert.updated)
    )
    story = alert.story_updated
    return replace(
        alert,
        created=created,
        updated=updated,
        story_updated=routed(story, rules, watchlist.severity, at) if story else None,
    )


def routed(told: Event, rules: Rules, severity: str, at: datetime) -> Event:
    """The event with the ways on which its subscribers hear of it."""
    routes: dict[str, Route] = {}
    for name in told.subscribers:
        subscriber = rules.subscribers.get(name)
        if subscriber is not None and (subscriber.quiet or subscriber.digest):
            routes[name] = route(
                name, severity, at, quiet=subscriber.quiet, digest=subscriber.digest
            )
    return replace(told, routes=routes) if routes else told


def _alert(  # noqa: PLR0917
    article: Article,
    match: Match,
    rules: Rules,
    past: Past,
    silences: Collection[Silence],
    at: datetime,
) -> Alert:
    watchlist = rules.watchlists[match.query_id]
    wanted = tuple(
        name
        for name in watchlist.notify
        if _wanted(rules.subscribers.get(name), watchlist, match.score)
        and not silenced(silences, watchlist.id, watchlist.tags, name)
    )
    said = match_facts(
        article, match, watchlist, story=past.story, rules=rules.digest, at=rfc3339(at)
    )
    id_ = alert_id(watchlist.id, article.id)
    told = past.told.get(watchlist.id)
    story = past.story if watchlist.repeat == "story" else None
    milestone = story.milestone if story else 0
    return Alert(
        id=id_,
        watchlist_id=watchlist.id,
        article_id=article.id,
        revision=article.revision,
        score=match.score.value,
        created=Event("alert.created", id_, said, wanted),
        updated=_updated(
            id_,
            article,
            watchlist.id,
            said,
            wanted=wanted,
            before=_heard(told, watchlist, silences),
            told=told,
        ),
        story_id=story.id if story else "",
        milestone=milestone,
        story_updated=_story_updated(story, watchlist, said, wanted) if milestone else None,
        throttle=watchlist.throttle,
    )


def _updated(
    id_: str,
    article: Article,
    watchlist: str,
    said: Data,
    *,
    wanted: tuple[str, ...],
    before: tuple[str, ...],
    told: Told | None,
) -> Event:
    """The event of a corrected article; whoever was told of the first text is told of this one."""
    both = tuple(dict.fromkeys((*before, *wanted)))
    changed = [] if told is None else changes(told.data, said)
    event_id = _later_id("updated", watchlist, article, told)
    return Event("alert.updated", event_id, {"alert_id": id_, **said, "changes": changed}, both)


def _story_updated(
    story: Story | None, watchlist: Watchlist, said: Data, wanted: tuple[str, ...]
) -> Event | None:
    if story is None:
        return None
    event_id = alert_id(watchlist.id, story.id, str(story.milestone))
    return Event("story.updated", event_id, said, wanted)


def _later_id(kind: str, watchlist: str, article: Article, told: Told | None) -> str:
    """The id of a later event about an alert: another one each time that a text comes back."""
    latest = str(told.data.get("id", "")) if told else ""
    return alert_id(kind, watchlist, article.id, article.revision, latest)


def _heard(
    told: Told | None, watchlist: Watchlist, silences: Collection[Silence]
) -> tuple[str, ...]:
    """Those who were told before, but for whom a silence spares."""
    return tuple(
        name
        for name in (told.subscribers if told else ())
        if not silenced(silences, watchlist.id, watchlist.tags, name)
    )


def retractions(
    article: Article,
    matches: Sequence[Match],
    rules: Rules,
    past: Past,
    *,
    at: datetime,
    silences: Collection[Silence] = (),
) -> tuple[Retraction, ...]:
    """One for each watchlist that an earlier revision of the article matched and this one does not.

    None for a watchlist that is no longer among the rules: it was not the article that changed.
    """
    matched = {match.query_id for match in matches}
    found = []
    for id_, told in past.told.items():
        if id_ in matched or told.retracted or id_ not in rules.watchlists:
            continue
        watchlist = rules.watchlists[id_]
        gone = _retraction(article, watchlist, told, rules.digest, rfc3339(at))
        spared = replace(gone.event, subscribers=_heard(told, watchlist, silences))
        found.append(replace(gone, event=routed(spared, rules, watchlist.severity, at)))
    return tuple(found)


def _retraction(
    article: Article, watchlist: Watchlist, told: Told, rules: str, at: str
) -> Retraction:
    facts = article_facts(article)
    said = {
        "alert_id": told.alert_id,
        "watchlist": watchlist_facts(watchlist),
        "article": facts,
        **({"story": told.data["story"]} if "story" in told.data else {}),
        "rules": rules,
        "matched_at": at,
        "changes": changes(told.data, {"article": facts}),
    }
    event_id = _later_id("retracted", watchlist.id, article, told)
    event = Event("alert.retracted", event_id, said, told.subscribers)
    return Retraction(told.alert_id, watchlist.id, article.id, article.revision, event)


def _wanted(subscriber: Subscriber | None, watchlist: Watchlist, score: Score) -> bool:
    """Whether the subscriber's filters let the alert through.

    One that is not configured gets its delivery all the same: it waits until the rules are mended.
    """
    if subscriber is None:
        return True
    severe = not subscriber.severities or watchlist.severity in subscriber.severities
    return severe and score.value >= subscriber.min_score
