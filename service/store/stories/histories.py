"""The histories of articles in Redis: their stories, and what was sent of them before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

from service.alerts.alert import alert_id
from service.alerts.stories.placement import NearStory, Placement, UnplacedArticle, place_articles
from service.alerts.stories.similarity import Fingerprint
from service.articles.identity import Identity
from service.errors import StoreError
from service.store.client import Argument, Store, span_milliseconds
from service.store.keys import ALERT, ALERTED, THROTTLE
from service.store.stories.query import StoryQuery, WatchlistQuery
from service.store.stories.reply import ReadHistory, parse_history

MAX_PLACEMENTS = 10
"""How often an article is placed while others begin stories that it might be a copy of."""
_NO_WORDS = b"\0"
"""The signature of a text without a word, which no other text can be like."""


class Histories:
    """The histories of one stream. Raises StoreError, and redis-py's own errors.

    A story lives for `window`; `similarity` is the share of word pairs that makes two texts copies.
    """

    def __init__(self, store: Store, window: timedelta, similarity: float) -> None:
        self._store = store
        self._window = span_milliseconds(window)
        self._similarity = similarity

    async def read(self, queries: Sequence[StoryQuery]) -> list[ReadHistory]:
        """Each article's history, in their order; those with a fingerprint join a story.

        Of two copies one is the first, whichever workers read them. Reading again changes nothing.
        """
        found: dict[int, ReadHistory] = {}
        for _ in range(MAX_PLACEMENTS):
            left = {n: query for n, query in enumerate(queries) if n not in found}
            found |= await self._read_once(left) if left else {}
            if len(found) == len(queries):
                return [found[n] for n in range(len(queries))]
        raise StoreError(
            f"stream {self._store.stream!r}: other workers kept beginning stories of the same "
            "texts; the batch is tried again"
        )

    async def _read_once(self, queries: Mapping[int, StoryQuery]) -> dict[int, ReadHistory]:
        """The histories of all but those articles that are to be placed again."""
        joins = await self._place({n: q for n, q in queries.items() if q.fingerprint is not None})
        signatures: list[bytes] = []
        asked = []
        for number, query in queries.items():
            join = joins.get(number)
            if join and "keys" in join and query.fingerprint:
                signatures.append(query.fingerprint.signature or _NO_WORDS)
                join["signature"] = len(signatures)
            asked.append(_asked_article(query, join))
        args: list[Argument] = [self._window, json.dumps(asked), *signatures]
        records = chain.from_iterable(map(self._records, queries.values()))
        now, rows = await self._store.run("stories/history", args, records)
        return {
            number: parse_history(self._store, query, now, row)
            for (number, query), row in zip(queries.items(), rows, strict=True)
            if row
        }

    def _records(self, query: StoryQuery) -> Iterator[str]:
        """Keys that the script reads, for errors that name the one of a wrong type."""
        yield self._store.key(ALERTED, query.article.digest)
        for each in query.watchlists:
            yield self._store.key(ALERT, alert_id(each.watchlist_id, *query.article.parts))
            yield self._store.key(THROTTLE, each.watchlist_id)

    async def _place(self, queries: Mapping[int, StoryQuery]) -> dict[int, dict[str, Any]]:
        """How each article joins its story."""
        if not queries:
            return {}
        asked = [
            {"article": each.article.digest, "keys": each.hex_keys} for each in queries.values()
        ]
        rows, flat = await self._store.run("stories/near", [json.dumps(asked)])
        signatures = dict(zip(flat[::2], flat[1::2], strict=True))
        unplaced = [
            _unplaced(query, row, signatures)
            for query, row in zip(queries.values(), rows, strict=True)
        ]
        placements = place_articles(unplaced, self._similarity)
        return {
            number: _join(query, placement, row[1])
            for (number, query), placement, row in zip(
                queries.items(), placements, rows, strict=True
            )
        }


def _asked_article(query: StoryQuery, join: Mapping[str, Any] | None) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "article": query.article.digest,
        "revision": query.revision,
        "watchlists": [_asked_watchlist(query.article, each) for each in query.watchlists],
    }
    return asked | ({"join": join} if join else {})


def _asked_watchlist(article: Identity, query: WatchlistQuery) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "id": query.watchlist_id,
        "alert": alert_id(query.watchlist_id, *article.parts),
        "throttled": query.throttled,
    }
    return asked | ({} if query.subscribers is None else {"subscribers": query.subscribers})


def _join(query: StoryQuery, placement: Placement, version: bytes) -> dict[str, Any]:
    join: dict[str, Any] = {
        "story": placement.story_id,
        "source": query.source.casefold(),
        "named": query.source,
    }
    if placement.begins:
        join |= {"keys": query.hex_keys, "version": version.decode()}
    return join


def _unplaced(
    query: StoryQuery, row: Sequence[Any], signatures: Mapping[bytes, bytes]
) -> UnplacedArticle:
    present, _, near = row
    return UnplacedArticle(
        query.fingerprint or Fingerprint(b"", ()),
        query.own_story,
        _near_story(present, 0, signatures) if present else None,
        tuple(_near_story(story, shared, signatures) for story, shared in near),
    )


def _near_story(story: bytes, shared: int, signatures: Mapping[bytes, bytes]) -> NearStory:
    return NearStory(story.decode(), Fingerprint(signatures[story], ()), shared)
