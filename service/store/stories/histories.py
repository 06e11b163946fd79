"""The histories of articles in Redis: their stories, and what was sent of them before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from service.alerts.alert import alert_id
from service.articles.identity import Identity
from service.concurrency.waits import Turn
from service.errors import StoreError
from service.store.client import Argument, Store, span_milliseconds
from service.store.keys import ALERT, ALERTED, THROTTLE
from service.store.stories import history_calls
from service.store.stories.history_calls import (
    Asked,
    left_pieces,
    with_left,
    with_more,
)
from service.store.stories.query import StoryQuery, WatchlistQuery
from service.store.stories.reply import (
    ReadHistory,
    parse_history,
    superseded_copy,
    with_copy_guard,
)

if TYPE_CHECKING:
    from service.store.stories.placed_article import PlacedArticle

MAX_PLACEMENTS = 10
"""How often an article is placed while others begin stories that it might be a copy of."""
MAX_INLINE_ROWS = 500
"""Alerts of an article whose histories are parsed in the event loop: some ms of it."""
OUTDATED = -1
"""The script's row of an entry that repeats what its article says no more."""
_NO_WORDS = b"\0"
"""The record of a text without a word, which no other text can be like."""


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
        placed = await self._place({n: q for n, q in queries.items() if q.fingerprint is not None})
        texts: list[bytes] = []
        asked: dict[int, Asked] = {}
        room = history_calls.MAX_LOOKED_UP
        for number, query in queries.items():
            join = placed[number].join if number in placed else None
            if join and "keys" in join and query.fingerprint:
                record = query.fingerprint.record
                texts.append(record.pack() if record else _NO_WORDS)
                join["record"] = len(texts)
            room -= sum(1 + each.throttled for each in query.watchlists)
            asked[number] = _asked_article(query, join, look_up=room >= 0)
        now, rows = await self._rows(queries, asked, texts)
        found: dict[int, ReadHistory] = {}
        turn = Turn()
        for number, row in rows.items():
            if row:
                found[number] = await self._parsed(queries[number], now, row, placed.get(number))
                await turn.pause()
        return found

    async def _parsed(
        self, query: StoryQuery, now: int, row: Any, placed: PlacedArticle | None
    ) -> ReadHistory:
        """A row's history; that of thousands of alerts is parsed in a thread."""
        if row == OUTDATED:
            return superseded_copy(query, now)
        if len(query.watchlists) + len(row[-2]) <= MAX_INLINE_ROWS:
            read = parse_history(self._store, query, now, row)
        else:
            read = await asyncio.to_thread(parse_history, self._store, query, now, row)
        if placed is None:
            return read
        placement = placed.placement
        if query.origin and (placement.begins or placement.comparison is None):
            read = with_copy_guard(self._store, read, placement.story_id, placed.join["copy"])
        return replace(read, placement=placement)

    async def _rows(
        self, queries: Mapping[int, StoryQuery], asked: Mapping[int, Asked], texts: list[bytes]
    ) -> tuple[int, dict[int, Any]]:
        """The time in ms, and the script's row of each article."""
        now, found = await self._call([*asked.values()], texts, self._records(queries))
        rows = dict(zip(asked, found, strict=True))
        current = [number for number, row in rows.items() if row and row != OUTDATED]
        told = [n for n in current if not rows[n][0] and queries[n].watchlists]
        calls = history_calls.calls({number: _asked_alerts(queries[number]) for number in told})
        for call in calls:
            pieces = [piece for piece in call if rows[piece.article]]
            _, found = await self._call([one.asked for one in pieces], (), self._records(queries))
            for piece, row in zip(pieces, found, strict=True):
                rows[piece.article] = with_more(rows[piece.article], row)
        for number in [n for n in current if rows[n] and rows[n][-1]]:
            for part in left_pieces(asked[number], rows[number]):
                _, (row,) = await self._call([part])
                rows[number] = with_left(rows[number], row)
        return now, rows

    async def _call(
        self,
        asked: Sequence[Asked],
        texts: Sequence[bytes] = (),
        records: Iterable[str] = (),
    ) -> tuple[int, list[Any]]:
        args: list[Argument] = [self._window, history_calls.MAX_ROWS, orjson.dumps(asked), *texts]
        now, found = await self._store.run("stories/history", args, records)
        return now, found

    def _records(self, queries: Mapping[int, StoryQuery]) -> Iterator[str]:
        """Keys that the script reads, for errors that name the one of a wrong type."""
        for query in queries.values():
            yield self._store.key(ALERTED, query.article.digest)
            for each in query.watchlists:
                yield self._store.key(ALERT, alert_id(each.watchlist_id, *query.article.parts))
                yield self._store.key(THROTTLE, each.watchlist_id)

    async def _place(self, queries: Mapping[int, StoryQuery]) -> dict[int, PlacedArticle]:
        """How each article joins its story."""
        if not queries:
            return {}
        # Imported here: all commands load this module, and only the service compares texts.
        from service.store.stories.placed_article import place  # noqa: PLC0415

        asked = [
            {"article": each.article.digest, "keys": each.hex_keys} for each in queries.values()
        ]
        found = await self._store.run("stories/near", [orjson.dumps(asked)])
        return place(queries, found, self._similarity, self._window)


def _asked_article(
    query: StoryQuery, join: Mapping[str, Any] | None, *, look_up: bool
) -> dict[str, Any]:
    """What the first call asks of an article; where it matched, whether anything was sent."""
    asked: dict[str, Any] = {
        "article": query.article.digest,
        "revision": query.revision,
        "watchlists": (),
    }
    if join:
        asked["join"] = join
    if query.origin:
        asked["origin"] = query.origin
    if query.watchlists:
        asked["part"] = True
    if query.watchlists and look_up:
        parts = query.article.parts
        ids = [alert_id(each.watchlist_id, *parts) for each in query.watchlists]
        throttled = [each.watchlist_id for each in query.watchlists if each.throttled]
        asked |= {"alerts": "".join(ids), "throttled": throttled}
    return asked


def _asked_alerts(query: StoryQuery) -> dict[str, Any]:
    return {
        "article": query.article.digest,
        "revision": query.revision,
        "watchlists": [_asked_watchlist(query.article, each) for each in query.watchlists],
    }


def _asked_watchlist(article: Identity, query: WatchlistQuery) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "id": query.watchlist_id,
        "alert": alert_id(query.watchlist_id, *article.parts),
        "throttled": query.throttled,
    }
    return asked | ({} if query.subscribers is None else {"subscribers": query.subscribers})
