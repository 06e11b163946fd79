"""The copies of a story, which may tell it once the article that told it is retracted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from service.alerts.decide import released_names
from service.alerts.decision import Outcome, Retracted, Withdrawn
from service.store.client import Store
from service.store.keys import STORY_COPIES

MAX_LOOKED_AT = 20
"""Copies of which the stream entries are looked at; the first ones."""
MAX_READ_AGAIN = 3
"""Those of them that are read again: the fullest texts. Of these, the first that matches alerts."""


@dataclass(frozen=True, slots=True)
class Heirs:
    """The copies that may tell a story from now on."""

    entries: tuple[tuple[str, ...], ...] = ()
    """To be read again, each as names and values in turn; the fullest first."""
    trimmed: int = 0
    """Copies that cannot be read again: their entries are no longer in the stream."""


class StoryCopies:
    """The copies of one stream's stories. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def heirs(self, outcome: Outcome) -> Heirs:
        """What may tell the story of an outcome: nothing where its alert stands, or told none."""
        draft = outcome.draft
        is_gone = isinstance(outcome.decision, Retracted | Withdrawn)
        if not (is_gone and draft.story_id and released_names(draft, outcome.before)):
            return Heirs()
        ids = await self._entry_ids(draft.story_id, draft.article.digest)
        if not ids:
            return Heirs()
        async with self._store.guarded(), self._store.redis.pipeline(transaction=False) as asked:
            for id_ in ids:
                asked.xrange(self._store.stream, id_, id_)
            found: Any = await asked.execute()
        entries = [tuple(_decoded(fields)) for rows in found for _, fields in rows]
        fullest = sorted(entries, key=lambda parts: -sum(map(len, parts)))[:MAX_READ_AGAIN]
        return Heirs(tuple(fullest), trimmed=len(ids) - len(entries))

    async def _entry_ids(self, story: str, without: str) -> list[str]:
        async with self._store.guarded():
            key = self._store.key(STORY_COPIES, story)
            copies: Any = await self._store.redis.hgetall(key)
        ids = [
            json.loads(text)["entry"] for name, text in copies.items() if name.decode() != without
        ]
        return sorted(ids, key=lambda id_: tuple(map(int, id_.split("-"))))[:MAX_LOOKED_AT]


def _decoded(fields: dict[bytes, bytes]) -> list[str]:
    """The fields that are text: no article has any others."""
    found: list[str] = []
    for name, value in fields.items():
        try:
            found += [name.decode(), value.decode()]
        except UnicodeDecodeError:
            continue
    return found
