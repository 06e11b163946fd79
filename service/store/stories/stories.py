"""Stories as they are kept in Redis, for those who look one up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.store.client import Store, from_milliseconds
from service.store.keys import (
    ALERT,
    REACHED_FIELD,
    STORY,
    STORY_COPIES,
    STORY_OF,
    STORY_REACHED,
    STORY_SOURCES,
)


@dataclass(frozen=True, slots=True)
class StoryArticle:
    """An article of a story, as it was when it was read."""

    entry_id: str
    """Of the stream."""
    scope: str
    """Within which the article's id is one."""
    article_id: str
    source: str
    title: str
    url: str
    published_at: str
    """RFC 3339; empty where it is not known."""
    why: str
    """How its text compares with the first article's; empty for that one."""
    is_kept: bool
    """Whether its entry is still in the stream. Else it cannot tell the story when the article that
    told it is retracted."""


@dataclass(frozen=True, slots=True)
class StoredStory:
    """A story, and what it is known by."""

    id: str
    first_seen: datetime
    articles: int
    """How many it has; `copies` are the first ones."""
    sources: tuple[str, ...]
    told_by: Mapping[str, str]
    """By watchlist, the first alert of the story."""
    copies: tuple[StoryArticle, ...]
    """In the order of their stream entries."""


class Stories:
    """The stories of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, id_: str) -> StoredStory | None:
        """The story of this id, or that of the alert with it; None where there is none."""
        return await self._story(await self._story_of(id_) if id_.startswith("alr_") else id_)

    async def of_article(self, article: str) -> StoredStory | None:
        """The story of the article with this digest, while it is known."""
        async with self._store.guarded():
            found: Any = await self._store.redis.get(self._store.key(STORY_OF, article))
        return await self._story(found.decode()) if found else None

    async def reached(self, story: str, watchlist: str, names: Sequence[str]) -> dict[str, str]:
        """By subscriber, the alert of the watchlist by which the story has reached it."""
        if not story or not names:
            return {}
        redis: Any = self._store.redis  # its replies are typed for both of redis-py's clients
        fields = [REACHED_FIELD.fill(watchlist, name) for name in names]
        async with self._store.guarded():
            found = await redis.hmget(self._store.key(STORY_REACHED, story), fields)
        return {name: id_.decode() for name, id_ in zip(names, found, strict=True) if id_}

    async def _story_of(self, alert: str) -> str:
        async with self._store.guarded():
            field: Any = self._store.redis.hget(self._store.key(ALERT, alert), "body")
            body = await field
        data = json.loads(body)["data"] if body else {}
        return str(data.get("story", {}).get("id", ""))

    async def _story(self, story: str) -> StoredStory | None:
        key = self._store.key
        async with self._store.guarded(), self._store.redis.pipeline(transaction=False) as asked:
            asked.hmget(key(STORY, story), "first", "articles")
            for pattern in (STORY_SOURCES, STORY_REACHED, STORY_COPIES):
                asked.hgetall(key(pattern, story))
            asked.xrange(self._store.stream, count=1)
            (first, articles), sources, reached, copies, oldest = await asked.execute()
        start = _place(oldest[0][0].decode()) if oldest else None
        if not first:
            return None
        told = {name.decode(): alert.decode() for name, alert in reached.items()}
        return StoredStory(
            id=story,
            first_seen=from_milliseconds(int(first)),
            articles=int(articles or 0),
            sources=tuple(sorted(name.decode() for name in sources.values())),
            told_by={name: alert for name, alert in told.items() if not {"/", "#"} & set(name)},
            copies=tuple(
                sorted(
                    (_copy(text, start) for text in copies.values()),
                    key=lambda copy: _place(copy.entry_id),
                )
            ),
        )


def _copy(text: bytes, start: tuple[int, ...] | None) -> StoryArticle:
    """A copy; `start` is the place of the stream's oldest entry, None where there is none."""
    facts = json.loads(text)
    return StoryArticle(
        entry_id=facts["entry"],
        scope=facts["scope"],
        article_id=facts["article"],
        source=facts["source"],
        title=facts["title"],
        url=facts["url"],
        published_at=facts["published_at"],
        why=facts["why"],
        is_kept=start is not None and start <= _place(facts["entry"]),
    )


def _place(entry_id: str) -> tuple[int, ...]:
    return tuple(map(int, entry_id.split("-")))
