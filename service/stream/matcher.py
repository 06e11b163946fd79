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
from service.telemetry import metrics

INLINE_MAX_CHARS = 20_000
INLINE_MAX_MATCHES = 50
"""Characters and matches of a batch that is worked on in the event loop: some 20 ms at most."""

Given = TypeVar("Given")
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
        self._turn = asyncio.Lock()

    async def prepare(self, language: str, rules: Rules) -> None:
        """Load what the first article of a language needs: its dictionary, and the rules' forms."""
        async with self._turn:
            if not rules.engine.is_prepared(language):
                await asyncio.to_thread(rules.engine.prepare_language, language)

    async def match(self, articles: Sequence[ReadEntry], rules: Rules) -> list[MatchedArticle]:
        """The matches of each article; one on which the matching fails is left out, and logged."""
        with metrics.STAGES["match"].time():
            texts = (text for read in articles for _, text in read.article.zones())
            short = sum(map(len, texts)) <= INLINE_MAX_CHARS
            # The rules may have been replaced since the articles were read.
            short = short and all(
                rules.engine.is_prepared(read.article.language) for read in articles
            )
            find = partial(_find_queries, rules)
            found = await run_work(
                lambda: _together_or_singly(find, articles, lambda read: read), inline=short
            )
            few = sum(len(one.queries) for one in found) <= INLINE_MAX_MATCHES
            score = partial(self._score, rules)
            return await run_work(
                lambda: _together_or_singly(score, found, lambda one: one.read),
                inline=short and few,
            )

    def _score(self, rules: Rules, found: Sequence[_Found]) -> list[MatchedArticle]:
        scored = rules.engine.score_batch(
            [one.read.article for one in found],
            [one.queries for one in found],
            max_evidence=self._max_evidence,
        )
        return [
            MatchedArticle(one.read.entry.id, one.read.article, tuple(matches))
            for one, matches in zip(found, scored, strict=True)
        ]


def _find_queries(rules: Rules, articles: Sequence[ReadEntry]) -> list[_Found]:
    found = rules.engine.matching_queries([read.article for read in articles])
    return [_Found(read, queries) for read, queries in zip(articles, found, strict=True)]


def _together_or_singly(
    work: Callable[[Sequence[Given]], list[Answer]],
    given: Sequence[Given],
    entry_of: Callable[[Given], ReadEntry],
) -> list[Answer]:
    """Works on all articles at once; where that fails, one by one: what it fails on is left out."""
    try:
        return work(given)
    except Exception:  # noqa: BLE001 - it is raised again, and logged with its article
        found: list[Answer] = []
        for one in given:
            with _logged_failure(entry_of(one)):
                found += work([one])
        return found


@contextmanager
def _logged_failure(read: ReadEntry) -> Iterator[None]:
    """Leaves an article pending on which the matching fails; the others of its batch go on."""
    try:
        yield
    except Exception:
        metrics.ARTICLE_FAILURES.inc()
        log.exception(
            "article.failed",
            entry_id=read.entry.id.decode(),
            article_id=read.article.id,
            deliveries=read.entry.deliveries,
        )


async def run_work(work: Callable[[], Answer], *, inline: bool) -> Answer:
    """Short work runs in the event loop: a thread for it would wait for the interpreter."""
    return work() if inline else await asyncio.to_thread(work)
