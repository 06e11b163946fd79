"""Which of the texts under one id an entry's text is: several articles may come with one id.

A text that has next to nothing in common with those that alerted under its id is another article's.
It gets an identity of its own, and so alerts of its own; nothing is retracted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from service.alerts.stories.overlap import TextSketch, sketch, unpacked
from service.articles.identity import Identity, scope_of
from service.store.client import Store
from service.store.keys import ARTICLE_TEXTS
from service.store.stories.known.known_texts import KnownText, earlier_digest, identified
from service.store.stories.query import StoryQuery
from service.store.stories.reply import ReadHistory
from service.store.stories.version import Guard, TextRecord


class ArticleTexts:
    """The texts of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def identify(self, queries: Sequence[StoryQuery]) -> list[StoryQuery]:
        """The queries with the identity of each article's text, in order."""
        if not queries:
            return []
        bases = [Identity(query.article.scope, query.article.id) for query in queries]
        asked = [{"article": base.digest, "earlier": earlier_digest(base)} for base in bases]
        rows = await self._store.run("stories/known/texts", [json.dumps(asked)])
        return [
            identified(query, base, _known(flat), _told(body, base))
            for query, base, (flat, body) in zip(queries, bases, rows, strict=True)
        ]

    def guarded(self, query: StoryQuery, read: ReadHistory) -> ReadHistory:
        """The history, with what a commit checks and writes of the text."""
        text = query.text
        if text is None:
            return read
        key = self._store.key(ARTICLE_TEXTS, Identity(query.article.scope, query.article.id).digest)
        guard = Guard(key, ("HLEN", key), (str(text.known),))
        version = replace(
            read.version,
            guards=(*read.version.guards, guard),
            text=TextRecord(
                key,
                text.name,
                text.sketch.packed(),
                is_another=text.known > 0 and text.before is None,
                surplus=text.surplus,
            ),
        )
        return replace(read, version=version, text=text)


def _known(flat: Sequence[bytes]) -> dict[str, KnownText]:
    found = {}
    for name, value in zip(flat[::2], flat[1::2], strict=True):
        place, _, packed = value.decode().partition(" ")
        found[name.decode()] = KnownText(float(place), unpacked(packed))
    return found


def _told(body: bytes | None, base: Identity) -> TextSketch | None:
    """What an event of an earlier version tells of the article; None where the scope is another."""
    if not body:
        return None
    data: dict[str, Any] = json.loads(body)["data"]
    article = data["article"]
    scopes = {scope_of(article["source"], ""), scope_of("", article["url"])}
    if base.scope not in scopes:
        return None
    sentences = [one["sentence"] for one in data.get("evidence", ())]
    return sketch("\n".join([article["title"], article["summary"], *sentences]))
