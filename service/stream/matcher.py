"""Articles → the watchlists that they match, without holding up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog

from service.articles.article import Article
from service.rules.rules import Rules
from service.stream.decisions import MatchedArticle
from service.stream.entry import Entry

INLINE_MAX_CHARS = 20_000
INLINE_MAX_MATCHES = 50
"""Characters and matches of a batch that is worked on in the event loop: some 20 ms at most."""

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """An entry with the article that it holds."""

    entry: Entry
    article: Article


@dataclass(frozen=True, slots=True)
class _Found:
    """An article with the numbers of the queries that match it."""

    read: ReadEntry
    queries: Sequence[int]


class ArticleMatcher:
    """Matches the articles of a batch; `max_evidence` limits the mentions that a match shows."""

    def __init__(self, max_evidence: int) -> None:
        self._max_evidence = max_evidence

    async def match(self, articles: Sequence[ReadEntry], rules: Rules) -> list[MatchedArticle]:
        """The matches of each article; one on which the matching fails is left out, and logged."""
        texts = (text for read in articles for _, text in read.article.zones())
        short = sum(map(len, texts)) <= INLINE_MAX_CHARS
        found = await run_work(partial(_find_queries, articles, rules), inline=short)
        few = sum(len(one.queries) for one in found) <= INLINE_MAX_MATCHES
        return await run_work(partial(self._score, found, rules), inline=short and few)

    def _score(self, found: Sequence[_Found], rules: Rules) -> list[MatchedArticle]:
        matched: list[MatchedArticle] = []
        for one in found:
            entry, article = one.read.entry, one.read.article
            with _logged_failure(one.read):
                matches = rules.engine.score_matches(
                    article, one.queries, max_evidence=self._max_evidence
                )
                matched.append(MatchedArticle(entry.id, article, tuple(matches)))
        return matched


def _find_queries(articles: Sequence[ReadEntry], rules: Rules) -> list[_Found]:
    found: list[_Found] = []
    for read in articles:
        with _logged_failure(read):
            (queries,) = rules.engine.matching_queries([read.article])
            found.append(_Found(read, queries))
    return found


@contextmanager
def _logged_failure(read: ReadEntry) -> Iterator[None]:
    """Leaves an article pending on which the matching fails; the others of its batch go on."""
    try:
        yield
    except Exception:
        log.exception(
            "article.failed",
            entry_id=read.entry.id.decode(),
            article_id=read.article.id,
            deliveries=read.entry.deliveries,
        )


async def run_work(work: Callable[[], Answer], *, inline: bool) -> Answer:
    """Short work runs in the event loop: a thread for it would wait for the interpreter."""
    return work() if inline else await asyncio.to_thread(work)
