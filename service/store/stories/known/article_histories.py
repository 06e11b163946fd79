"""What is known of the articles of a batch: which texts they are, and their histories.

Most articles match nothing and were never alerted. Of these nothing is read: one call finds the
others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from service.alerts.history import ArticleHistory
from service.store.client import Store
from service.store.keys import ALERTED
from service.store.stories.histories import Histories
from service.store.stories.known.known_texts import earlier_digest
from service.store.stories.known.texts import ArticleTexts
from service.store.stories.query import StoryQuery
from service.store.stories.reply import ReadHistory
from service.store.stories.version import Guard, JudgedVersion

_NOTHING = ArticleHistory(now=datetime.fromtimestamp(0, UTC))
"""Nothing is decided by it, so its time does not matter."""


class ArticleHistories:
    """Those of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store, texts: ArticleTexts, histories: Histories) -> None:
        self._store = store
        self._texts = texts
        self._histories = histories

    async def read(self, queries: Sequence[StoryQuery]) -> list[ReadHistory]:
        """The history of each article, with the identity of its text, in order.

        The queries are those of entries, of whose texts nothing is known yet.
        """
        asked = await self._worth_reading(queries)
        identified = await self._texts.identify([queries[number] for number in asked])
        read = await self._histories.read(identified) if identified else []
        histories = [*map(self._without_history, queries)]
        for number, query, one in zip(asked, identified, read, strict=True):
            histories[number] = self._texts.guarded(query, one)
        return histories

    async def _worth_reading(self, queries: Sequence[StoryQuery]) -> list[int]:
        """The articles that match, and those of which anything is kept."""
        quiet = [number for number, query in enumerate(queries) if not query.watchlists]
        if not quiet:
            return [*range(len(queries))]
        bases = [queries[number].article for number in quiet]
        digests = [part for base in bases for part in (base.digest, earlier_digest(base))]
        known = await self._store.run("stories/known/kept", ["".join(digests)])
        unknown = {*quiet} - {quiet[place] for place in known}
        return [number for number in range(len(queries)) if number not in unknown]

    def _without_history(self, query: StoryQuery) -> ReadHistory:
        key = self._store.key(ALERTED, query.article.digest)
        guard = Guard(key, ("HLEN", key), ("0",))
        return ReadHistory(_NOTHING, JudgedVersion(query.article, (guard,)))
