"""The copies of a story, which may tell it once the article that told it is retracted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.alerts.decide import left_story, left_story_id, released_names
from service.alerts.decision import Outcome, Retracted, Withdrawn
from service.alerts.history import StoryReach
from service.store.client import Store
from service.store.keys import REACHED_FIELD, STORY_COPIES, STORY_REACHED
from service.store.stories.version import Guard, field_guards, place_of

MAX_LOOKED_AT = 20
"""Copies of which the stream entries are looked at; the first ones."""
ORIGIN = b"tocsin-entry"
"""The field of an entry that was written again: the id of the entry that it repeats."""
MAX_READ_AGAIN = 3
"""Those of them that are read again: the fullest texts. Of these, the first that matches alerts."""


@dataclass(frozen=True, slots=True)
class Heirs:
    """The copies that may tell a story from now on."""

    entries: tuple[tuple[str, ...], ...] = ()
    """To be read again, each as names and values in turn; the fullest first."""
    trimmed: int = 0
    """Copies that cannot be read again: their entries are no longer in the stream."""
    guard: Guard | None = None
    """By what a commit sees that the story has no other copies since."""


class StoryCopies:
    """The copies of one stream's stories. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def heirs(self, outcome: Outcome) -> Heirs:
        """What may tell the story of an outcome: nothing where its alert stands, or told none."""
        draft = outcome.draft
        is_gone = isinstance(outcome.decision, Retracted | Withdrawn)
        if outcome.left:
            story = outcome.left.story_id
        elif is_gone and draft.story_id and released_names(draft, outcome.before):
            story = draft.story_id
        else:
            return Heirs()
        ids, guard = await self._entry_ids(story, draft.article.digest)
        if not ids:
            return Heirs(guard=guard)
        async with self._store.guarded(), self._store.redis.pipeline(transaction=False) as asked:
            for id_ in ids:
                asked.xrange(self._store.stream, id_, id_)
            found: Any = await asked.execute()
        entries = [tuple(_again(id_, fields)) for rows in found for id_, fields in rows]
        fullest = sorted(entries, key=lambda parts: -sum(map(len, parts)))[:MAX_READ_AGAIN]
        return Heirs(tuple(fullest), trimmed=len(ids) - len(entries), guard=guard)

    async def with_left(self, outcome: Outcome) -> Outcome:
        """The outcome, with the story that its article has left."""
        story = left_story_id(outcome)
        if not story or outcome.before.sent is None:
            return outcome
        watchlist, names = outcome.draft.watchlist_id, outcome.before.sent.subscribers
        fields = [watchlist, *(REACHED_FIELD.fill(watchlist, name) for name in names)]
        redis: Any = self._store.redis  # its replies are typed for both of redis-py's clients
        async with self._store.guarded():
            found = await redis.hmget(self._store.key(STORY_REACHED, story), fields)
        first, *alerts = [(each or b"").decode() for each in found]
        reach = StoryReach(first, dict(zip(names, alerts, strict=True)))
        return replace(outcome, left=left_story(outcome, reach))

    def left_guards(self, outcome: Outcome) -> Iterable[Guard]:
        """By what a commit sees that the alert still holds what it sets free."""
        if outcome.left is None:
            return ()
        watchlist = outcome.draft.watchlist_id
        key = self._store.key(STORY_REACHED, outcome.left.story_id)
        fields = [reach_field(watchlist, name) for name in outcome.left.names]
        alerts = [outcome.draft.alert_id] * len(fields)
        return field_guards(f"{key} {watchlist}", key, fields, alerts)

    async def _entry_ids(self, story: str, without: str) -> tuple[list[str], Guard]:
        key = self._store.key(STORY_COPIES, story)
        async with self._store.guarded():
            copies: Any = await self._store.redis.hgetall(key)
        ids = [
            json.loads(text)["entry"] for name, text in copies.items() if name.decode() != without
        ]
        first = sorted(ids, key=lambda id_: tuple(map(int, id_.split("-"))))[:MAX_LOOKED_AT]
        return first, Guard(key, ("HLEN", key), (str(len(copies)),))


def reach_field(watchlist: str, name: str) -> str:
    """The field of whom a story has reached, by a subscriber; "" is the first alert's."""
    return REACHED_FIELD.fill(watchlist, name) if name else watchlist


def origin_of(entry_id: str, fields: Mapping[bytes, bytes]) -> str:
    """The entry that an entry repeats, which is older; "" for any other.

    As a version of its article it is as old as that: what came between is newer.
    """
    given = fields.get(ORIGIN, b"")
    try:
        origin = given.decode("ascii")
        is_older = place_of(origin) < place_of(entry_id)
    except ValueError:
        return ""
    return origin if is_older else ""


def _again(id_: bytes, fields: dict[bytes, bytes]) -> list[str]:
    """An entry as it is written again."""
    origin = origin_of(id_.decode(), fields) or id_.decode()
    kept = {name: value for name, value in fields.items() if name != ORIGIN}
    return [*_decoded(kept), ORIGIN.decode(), origin]


def _decoded(fields: dict[bytes, bytes]) -> list[str]:
    """The fields that are text: no article has any others."""
    found: list[str] = []
    for name, value in fields.items():
        try:
            found += [name.decode(), value.decode()]
        except UnicodeDecodeError:
            continue
    return found
