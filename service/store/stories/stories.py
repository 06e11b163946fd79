"""What articles have to do with earlier ones, in Redis: stories, and what was told of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from service.alerts.alert import rfc3339
from service.alerts.correction import Past, Told
from service.alerts.stories.similarity import FACTS, PAIRS, SAME_FACTS, Fingerprint, equal_bytes
from service.alerts.stories.story import SHOWN_SOURCES, Story
from service.articles.identity import digest
from service.store.client import Argument, Store, span_milliseconds
from service.store.keys import ALERTED


@dataclass(frozen=True, slots=True)
class Known:
    """An article that was judged, as far as its relations go."""

    article_id: str
    revision: str
    source: str = ""
    fingerprint: Fingerprint | None = None
    """None where no watchlist matched: such an article joins no story."""


class Relations:
    """One stream's stories; `window` is how long each lives."""

    def __init__(self, store: Store, window: timedelta, similarity: float) -> None:
        self._store = store
        self._window = span_milliseconds(window)
        self._least_pairs = equal_bytes(similarity, PAIRS)
        self._least_facts = equal_bytes(SAME_FACTS, FACTS)

    async def relate(self, articles: Sequence[Known]) -> list[Past]:
        """Each article's past, in their order; those with a fingerprint join a story.

        In one step for all of them, so that of two copies one is the first, whoever reads them;
        once more, it changes nothing.
        """
        if not articles:
            return []
        store = self._store
        args: list[Argument] = [self._window, self._least_pairs, PAIRS]
        args += [self._least_facts, FACTS, len(articles)]
        for article in articles:
            print_ = article.fingerprint
            name = digest(article.article_id)
            story = digest(f"{article.article_id}\0{article.revision}")
            args += [name, article.revision, article.source.casefold(), article.source]
            args.append(f"sty_{story[:16]}")
            args += [_signature(print_), len(print_.bands) if print_ else 0]
            args += [key.hex() for key in print_.bands] if print_ else []
        records = [store.key(ALERTED, digest(each.article_id)) for each in articles]
        return [_past(*row) for row in await store.run("stories/relate", args, records)]


def _signature(print_: Fingerprint | None) -> bytes:
    if print_ is None:
        return b""
    return print_.signature or b"\0"  # without a word there is nothing that another could be like


def _past(story: Sequence[Any] | None, told: Sequence[Sequence[Any]], version: bytes) -> Past:
    return Past(_story(*story) if story else None, dict(map(_told, told)), version.decode())


def _story(id_: bytes, first: bytes, articles: bytes, sources: list[bytes]) -> Story:
    seen = rfc3339(datetime.fromtimestamp(int(first) / 1000, UTC))
    named = sorted(source.decode() for source in sources)
    return Story(id_.decode(), seen, int(articles), len(named), tuple(named[:SHOWN_SOURCES]))


def _told(row: Sequence[Any]) -> tuple[str, Told]:
    watchlist, alert, revision, event, subscribers, gone = row
    data: Mapping[str, Any] = json.loads(event)["data"] if event else {}
    names = tuple((subscribers or b"").decode().split())
    return watchlist.decode(), Told(alert.decode(), revision.decode(), data, names, bool(gone))
