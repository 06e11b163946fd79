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
from service.articles.identity import Identity
from service.concurrency.waits import Turn
from service.rules.rules import Rules
from service.stream.decisions import MatchedArticle, matched_article
from service.stream.entry import Entry
from service.telemetry import metrics
from service.telemetry.trace_context import logged_trace

SLICE_CHARS = 64_000
SLICE_MATCHES = 100
"""Characters and matches of articles that are worked on at a time: the event loop does some
milliseconds of it, then other things have their turn. An article that has more of either by itself
is worked on in a thread."""

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
        turn = Turn()
        matched: list[MatchedArticle] = []
        with metrics.STAGES["match"].time():
            for some in slices(articles, _chars, SLICE_CHARS):
                inline = _chars(some[0]) <= SLICE_CHARS and _is_prepared(rules, some)
                find = partial(_find_queries, rules)
                found = await run_work(
                    partial(_together_or_singly, find, some, lambda read: read), inline=inline
                )
                await turn.pause()
                for few in slices(found, _matches, SLICE_MATCHES):
                    score = partial(self._score, rules)
                    matched += await run_work(
                        partial(_together_or_singly, score, few, lambda one: one.read),
                        inline=inline and _matches(few[0]) <= SLICE_MATCHES,
                    )
                    await turn.pause()
        return matched

    def _score(self, rules: Rules, found: Sequence[_Found]) -> list[MatchedArticle]:
        scored = rules.engine.score_batch(
            [one.read.article for one in found],
            [one.queries for one in found],
            max_evidence=self._max_evidence,
        )
        return [
            matched_article(
                one.read.entry.id,
                one.read.article,
                matches,
                trace=one.read.entry.trace,
                origin=one.read.entry.origin,
            )
            for one, matches in zip(found, scored, strict=True)
        ]


def rounds(articles: Sequence[ReadEntry]) -> Iterator[list[ReadEntry]]:
    """The articles in as few rounds as it takes for none to hold two revisions of one.

    What a revision changes is known only when the one before it was committed.
    """
    together: list[ReadEntry] = []
    revisions: dict[Identity, str] = {}
    for read in articles:
        article = read.article
        if revisions.setdefault(article.identity, article.revision) != article.revision:
            yield together
            together, revisions = [], {article.identity: article.revision}
        together.append(read)
    yield together


def slices(
    given: Sequence[Given], size: Callable[[Given], int], most: int
) -> Iterator[Sequence[Given]]:
    """What is given in runs that have a size of `most` together, or are one that has more."""
    start = total = 0
    for number, one in enumerate(given):
        total += size(one)
        if total > most and number > start:
            yield given[start:number]
            start, total = number, size(one)
    if given:
        yield given[start:]


def _chars(read: ReadEntry) -> int:
    return sum(len(text) for _, text in read.article.zones())


def _matches(found: _Found) -> int:
    return len(found.queries)


def _is_prepared(rules: Rules, articles: Sequence[ReadEntry]) -> bool:
    """The rules may have been replaced since the articles were read."""
    return all(map(rules.engine.is_prepared, {read.article.language for read in articles}))


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
            **logged_trace(read.entry.trace),
        )


async def run_work(work: Callable[[], Answer], *, inline: bool) -> Answer:
    """Short work runs in the event loop: a thread for it would wait for the interpreter."""
    return work() if inline else await asyncio.to_thread(work)


async def listed(work: Iterator[Answer], *, inline: bool) -> list[Answer]:
    """The same for many pieces of work: in the event loop, others have their turn in between."""
    if not inline:
        return await asyncio.to_thread(list, work)
    turn = Turn()
    done: list[Answer] = []
    for answer in work:
        done.append(answer)
        await turn.pause()
    return done
