"""What `history.lua` returns → histories, with the guards by which a commit checks them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from service.alerts.alert import rfc3339
from service.alerts.history import (
    AlertHistory,
    ArticleHistory,
    SentAlert,
    StoryReach,
    ThrottleCount,
)
from service.alerts.stories.story import SHOWN_SOURCES, Story
from service.store.client import Store, from_milliseconds
from service.store.keys import (
    ALERT,
    ALERTED,
    DECIDED,
    REACHED_FIELD,
    STORY_COPIES,
    STORY_REACHED,
    THROTTLE,
)
from service.store.stories.query import ArticleText, StoryQuery
from service.store.stories.version import Guard, JudgedVersion, field_guards, is_superseded

if TYPE_CHECKING:
    from service.alerts.stories.placement import Placement

RECORD_FIELDS = ("revision", "entry", "latest", "held", "retracted")
"""Fields of an alert's record that a decision rests on; `history.lua` reads them in this order."""


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """An article's history, and by what a commit sees that it is still true."""

    history: ArticleHistory
    version: JudgedVersion
    text: ArticleText | None = None
    """Which of the texts under its id the article is."""
    placement: Placement | None = None
    """How it came to its story; None where no watchlist matched."""


class _ArticleRow(NamedTuple):
    is_untold: int
    """1 where nothing was sent of the article nor of its story."""
    story: bytes | None
    first_seen: bytes | None
    """ms; None where no watchlist matched."""
    articles: bytes
    sources: Sequence[bytes]
    alert_count: int
    newest_entry: bytes | None
    alerts: Sequence[Sequence[Any]]
    """Of an article that `is_untold`, the fields of its throttles."""
    left: Sequence[bytes]
    """Empty or read since."""


class _AlertRow(NamedTuple):
    watchlist: bytes
    alert: bytes
    record: Sequence[bytes | None]
    throttle: Sequence[bytes | None]
    reach_fields: Sequence[bytes]
    reach: Sequence[bytes | None]
    held: Sequence[bytes]
    body: bytes | None


def parse_history(store: Store, query: StoryQuery, now: int, reply: Sequence[Any]) -> ReadHistory:
    """One article's row; `now` is in ms."""
    row = _ArticleRow(*reply)
    story, newest = _text(row.story), _text(row.newest_entry)
    alerted = store.key(ALERTED, query.article.digest)
    guards = [Guard(alerted, ("HLEN", alerted), (str(row.alert_count),))]
    alerts: dict[str, AlertHistory] = {}
    if row.is_untold:
        alerts = _untold(query, row.alerts)
        guards += _untold_guards(store, story, query, row.alerts)
    for each in () if row.is_untold else map(_AlertRow._make, row.alerts):
        alerts[each.watchlist.decode()] = _alert_history(each)
        guards += _alert_guards(store, story, each)
    if alerts:
        place = ("ZSCORE", store.key(DECIDED), query.article.digest)
        guards.append(Guard(alerted, place, (newest,)))
    history = ArticleHistory(
        now=from_milliseconds(now),
        story=_story(row) if row.first_seen else None,
        story_id=story,
        alerts=alerts,
        superseded=bool(alerts) and is_superseded(query.place, newest),
    )
    return ReadHistory(history, JudgedVersion(query.article, tuple(guards), origin=query.origin))


def superseded_copy(query: StoryQuery, now: int) -> ReadHistory:
    """That of an entry which repeats what its article says no more."""
    history = ArticleHistory(now=from_milliseconds(now), superseded=True)
    return ReadHistory(history, JudgedVersion(query.article, (), origin=query.origin))


def with_copy_guard(store: Store, read: ReadHistory, story: str, copy: str) -> ReadHistory:
    """The history of an entry that repeats another, while nobody replaces it in its story.

    `copy` is what is kept of it there.
    """
    key = store.key(STORY_COPIES, story)
    digest = read.version.article.digest
    guard = Guard(f"{key} {digest}", ("HGET", key, digest), (copy,))
    return replace(read, version=replace(read.version, guards=(*read.version.guards, guard)))


_NOTHING = AlertHistory()


def _untold(query: StoryQuery, throttles: Sequence[Sequence[Any]]) -> dict[str, AlertHistory]:
    """The histories of alerts of which nothing is known; their watchlists may have throttles."""
    alerts = dict.fromkeys([each.watchlist_id for each in query.watchlists], _NOTHING)
    throttled = [each.watchlist_id for each in query.watchlists if each.throttled]
    for name, found in zip(throttled, throttles, strict=True):
        alerts[name] = AlertHistory(throttle=_throttle_count(found))
    return alerts


def _untold_guards(
    store: Store, story: str, query: StoryQuery, throttles: Sequence[Sequence[Any]]
) -> Iterable[Guard]:
    if story and any(each.subscribers is not None for each in query.watchlists):
        key = store.key(STORY_REACHED, story)
        yield Guard(key, ("HLEN", key), ("0",))
    throttled = [each.watchlist_id for each in query.watchlists if each.throttled]
    for name, found in zip(throttled, throttles, strict=True):
        yield _throttle_guard(store, name, found)


def _throttle_guard(store: Store, watchlist: str, found: Sequence[bytes | None]) -> Guard:
    key = store.key(THROTTLE, watchlist)
    return Guard(key, ("HMGET", key, "till", "count"), tuple(map(_text, found)))


def _alert_guards(store: Store, story: str, row: _AlertRow) -> Iterable[Guard]:
    key = store.key(ALERT, row.alert.decode())
    found = tuple(map(_text, row.record[: len(RECORD_FIELDS)]))
    yield Guard(key, ("HMGET", key, *RECORD_FIELDS), found)
    watchlist = row.watchlist.decode()
    if row.throttle:
        yield _throttle_guard(store, watchlist, row.throttle)
    if row.reach_fields:
        key = store.key(STORY_REACHED, story)
        fields = [each.decode() for each in row.reach_fields]
        yield from field_guards(f"{key} {watchlist}", key, fields, [*map(_text, row.reach)])


def _alert_history(row: _AlertRow) -> AlertHistory:
    return AlertHistory(_sent_alert(row), _story_reach(row), _throttle_count(row.throttle))


def _sent_alert(row: _AlertRow) -> SentAlert | None:
    if not row.record[0]:
        return None
    revision, entry, latest, held, retracted, subscribers, later = map(_text, row.record)
    data: dict[str, Any] = json.loads(row.body)["data"] if row.body else {}
    return SentAlert(
        alert_id=row.alert.decode(),
        revision=revision,
        entry_id=entry,
        latest_id=latest,
        later_ids=tuple(later.split()),
        data=data,
        story_id="" if retracted else data.get("story", {}).get("id", ""),
        subscribers=tuple(subscribers.split()),
        held=bool(held),
        retracted=bool(retracted),
    )


def _story_reach(row: _AlertRow) -> StoryReach:
    if not row.reach_fields:
        return StoryReach()
    first, milestone, *alerts = map(_text, row.reach)
    prefix = REACHED_FIELD.fill(row.watchlist.decode(), "")
    names = [each.decode().removeprefix(prefix) for each in row.reach_fields[2:]]
    held = frozenset(each.decode() for each in row.held)
    reached = dict(zip(names, alerts, strict=True))
    return StoryReach(first, reached, held, int(milestone or 0))


def _throttle_count(found: Sequence[bytes | None]) -> ThrottleCount:
    till, count = map(_text, found or (None, None))
    return ThrottleCount(from_milliseconds(float(till)), int(count)) if till else ThrottleCount()


def _story(row: _ArticleRow) -> Story:
    named = sorted(source.decode() for source in row.sources)
    return Story(
        id=_text(row.story),
        first_seen=rfc3339(from_milliseconds(int(row.first_seen or 0))),
        articles=int(row.articles),
        source_count=len(named),
        sources=tuple(named[:SHOWN_SOURCES]),
    )


def _text(value: bytes | None) -> str:
    return value.decode() if value else ""
