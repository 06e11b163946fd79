"""What happens to a batch: entries → articles → matches → one commit.

Only the commit acknowledges: an entry about which nothing was decided stays pending. Entries that
take long to read, or are the first of a language, are decided when that is done; neither their
batch nor the next ones wait for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import compress
from typing import cast

import structlog

from service.articles.article import Article
from service.concurrency.waits import Retries, Turn
from service.errors import BadEntry
from service.rules.rules import Rules
from service.settings import StreamSettings
from service.store.client import STORE_ERRORS
from service.store.commit.commit import DeadLetter, Decided
from service.store.outbox import Outbox
from service.store.stories.query import StoryQuery
from service.store.stories.reply import ReadHistory
from service.stream.batch_counts import count_arrivals
from service.stream.consequences import until_story_left, with_consequences
from service.stream.decisions import decide_entries, story_query, traced
from service.stream.entry import Entry
from service.stream.entry_reader import EntryReader, Found, log_failure
from service.stream.matcher import SLICE_MATCHES, ArticleMatcher, ReadEntry, listed, rounds
from service.stream.page_pool import PagePool
from service.stream.report import log_batch, log_totals
from service.telemetry import metrics

MAX_DECISIONS = 5
"""How often a batch is decided while others change what it rests on; then its entries stay pending
for a while."""
MAX_SLOW_BYTES = 32 * 2**20
"""Bytes of entries that are read while other batches go on; with more, these wait."""
MAX_READY = 20
"""Most long entries that are decided together."""

log = structlog.get_logger(__name__)


class BatchDecider:
    """Decides batches of one stream by the rules in force."""

    def __init__(
        self,
        outbox: Outbox,
        settings: StreamSettings,
        *,
        rules: Callable[[], Rules],
        max_evidence: int,
        pages: PagePool,
    ) -> None:
        self._outbox = outbox
        self._rules = rules
        self._matcher = ArticleMatcher(max_evidence)
        self._reader = EntryReader(pages, settings)
        self.stopping = asyncio.Event()
        """To be set when the service ends: a commit that Redis refuses is given up then."""
        self.progress = asyncio.Event()
        """Set whenever a page was read or a batch is through."""
        self.in_hand: set[bytes] = set()
        """The ids of the entries that are read or decided now."""
        self._slow: dict[asyncio.Task[None], int] = {}
        """Entries that take long, by the task that reads them, and their bytes."""
        self._ready: list[tuple[Entry, Found]] = []
        """Those of them that are read and not decided."""
        self._turn = asyncio.Lock()
        self._store = Retries(
            self.stopping,
            STORE_ERRORS,
            failed=self._commit_failed,
            recovered=self._commit_recovered,
        )

    @property
    def committing(self) -> bool:
        """Whether Redis did what it was last asked to do."""
        return not self._store.failing

    @property
    def reading(self) -> bool:
        """Whether an entry is read that takes long: it comes to its end, for it has limits."""
        return bool(self._slow)

    async def process(self, entries: Sequence[Entry]) -> None:
        """Match and commit a batch; on return each entry is acknowledged, pending or read on.

        Raises RedisError, StoreError or OSError where Redis did not answer before the stop.
        """
        self.in_hand.update(entry.id for entry in entries)
        read: list[tuple[Entry, Found]] = []
        left = {entry.id: entry for entry in entries}
        try:
            turn = Turn()
            with metrics.STAGES["read"].time(), self._outbox.spans.stage("read"):
                for entry in entries:
                    found, is_read = self._reader.read_here(entry)
                    if is_read and self._can_match(found):
                        read.append((entry, found))
                    else:
                        self._slow[asyncio.create_task(self._read_apart(entry, found))] = entry.size
                        left.pop(entry.id, None)
                    await turn.pause()  # deliveries go on meanwhile
            await self._decide(read)
        finally:  # also of what was not read: what is in hand is taken over by nobody
            self._finish(left.values())
        while sum(self._slow.values()) > MAX_SLOW_BYTES:
            await asyncio.wait(self._slow, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self) -> None:
        """Return when the entries that take long are decided, too."""
        while self._slow:
            await asyncio.wait(self._slow)

    def _can_match(self, found: Found) -> bool:
        """Whether what was found can be matched without loading anything for its language."""
        if not isinstance(found, Article):
            return True
        return self._rules().engine.is_prepared(found.language)

    async def _read_apart(self, entry: Entry, found: Found) -> None:
        """Read an entry that takes long, and decide it together with others that are ready.

        `found` is an article whose language takes long, or None for an entry that is to be read.
        """
        try:
            found = found or await self._reader.read_apart(entry)
            if isinstance(found, Article):
                await self._matcher.prepare(found.language, self._rules())
            self._ready.append((entry, found))
            self.progress.set()
            async with self._turn:
                while self._ready:
                    ready, self._ready = self._ready[:MAX_READY], self._ready[MAX_READY:]
                    try:
                        with self._outbox.spans.batch(
                            self._outbox.stream, [one.fields for one, _ in ready]
                        ):
                            await self._decide(ready)
                    finally:
                        self._finish(entry for entry, _ in ready)
        except STORE_ERRORS as error:  # the service ends: another reader takes the entry over
            log.warning("stream.commit_given_up", stream=self._outbox.stream, error=str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours spoils no other entry
            log_failure(entry, error)
        finally:
            self._finish([entry])
            self._slow.pop(cast("asyncio.Task[None]", asyncio.current_task()))

    def _finish(self, entries: Iterable[Entry]) -> None:
        self.in_hand.difference_update(entry.id for entry in entries)
        self.progress.set()

    async def _decide(self, read: Sequence[tuple[Entry, Found]]) -> None:
        """Commit what was read; nothing becomes of an entry with which reading failed."""
        articles = [ReadEntry(entry, one) for entry, one in read if isinstance(one, Article)]
        dead = [
            DeadLetter(entry.id, entry.fields, str(one), entry.deliveries, one.kind)
            for entry, one in read
            if isinstance(one, BadEntry)
        ]
        for articles_in_round in rounds(articles):
            await self._decide_round(articles_in_round, dead)
            dead = []

    async def _decide_round(
        self, articles: Sequence[ReadEntry], dead: Sequence[DeadLetter]
    ) -> None:
        """Match articles, read their histories, and commit what is decided about them.

        All of it goes by the clock of Redis, which is the same for all workers.
        """
        rules = self._rules()
        with self._outbox.spans.stage("match"):
            matched = traced(await self._matcher.match(articles, rules), self._outbox.spans)
        inline = all(len(one.matches) <= SLICE_MATCHES for one in matched)
        queries = await listed((story_query(one, rules) for one in matched), inline=inline)
        in_force = await self._store.until_done(self._outbox.silences.in_force)
        at = in_force.at
        conflicts = 0
        while conflicts < MAX_DECISIONS:
            # Which texts they are is asked each time: others may have told of them meanwhile.
            histories = await self._store.until_done(partial(self._histories, queries))
            with metrics.STAGES["decide"].time():
                decisions = decide_entries(
                    matched, histories, rules, at=at, silences=in_force.silences
                )
                decided = await listed(decisions, inline=inline)
            decided, refused = _parted(decided, articles)
            complete = partial(with_consequences, self._outbox, decided)
            decided, later = until_story_left(await self._store.until_done(complete))
            dead = [*dead, *refused]
            commit = partial(self._outbox.commit, decided, dead, at=at)
            # Each try by itself: while Redis is away, no article takes longer.
            committed = await self._store.until_done(partial(metrics.timed, "commit", commit))
            log_batch(committed, dead)
            log_totals(self._outbox.stream, committed)
            read = {one.entry.id: one.article for one in articles}
            count_arrivals(self._outbox.arrivals, committed, read, at)
            if not committed.stale and not later:
                return
            # Another reader has changed the histories of these since they were read.
            conflicts += bool(committed.stale)
            again = committed.stale | later
            stale = [one.entry_id in again for one in matched]
            matched, queries, dead = [*compress(matched, stale)], [*compress(queries, stale)], []
        metrics.CONFLICTS.inc(len(matched))
        log.warning("article.conflict", entries=len(matched))

    async def _histories(self, queries: Sequence[StoryQuery]) -> list[ReadHistory]:
        """What is known of the articles, and which texts under their ids they are."""
        with metrics.STAGES["history"].time():
            return await self._outbox.article_histories.read(queries)

    def _commit_failed(self, error: Exception) -> None:
        log.error("stream.commit_failed", stream=self._outbox.stream, error=str(error))

    def _commit_recovered(self) -> None:
        log.info("stream.commit_recovered", stream=self._outbox.stream)


def _parted(
    decided: Sequence[Decided], articles: Sequence[ReadEntry]
) -> tuple[list[Decided], list[DeadLetter]]:
    """The entries that were decided, and dead letters of those that were refused."""
    entries = {read.entry.id: read.entry for read in articles}
    dead = [
        DeadLetter(one.entry_id, entry.fields, one.refused, entry.deliveries, one.refused_as)
        for one in decided
        for entry in ([entries[one.entry_id]] if one.refused else ())
    ]
    return [one for one in decided if not one.refused], dead
