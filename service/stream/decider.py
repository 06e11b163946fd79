"""The way of a batch: entries to articles, to what the rules say of them, to one commit.

Nothing is acknowledged but by the commit: an entry that no decision was reached on stays pending.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import compress
from typing import TypeVar

import structlog

from service.articles.article import Article, compose
from service.articles.entry import Draft, read_entry
from service.errors import BadEntry
from service.rules.rules import Rules
from service.settings import StreamSettings
from service.store.client import STORE_ERRORS
from service.store.commit.commit import DeadLetter
from service.store.outbox import Outbox
from service.store.stories.stories import Known
from service.stream.decisions import Judged, decide
from service.stream.page_pool import PagePool
from service.stream.report import tell
from service.waits import Retries

MOST_TRIES = 5
"""Decisions of one article while others tell of it; then it stays pending for a while."""
SHORT, FEW = 20_000, 50
"""Characters and matches of a batch that is judged in the event loop: some 20 ms at most."""

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream entry as it came; nothing about it is believed yet."""

    id: bytes
    fields: Mapping[bytes, bytes]
    deliveries: int = 1


Read = tuple[Entry, Article]


class Decider:
    """Decides batches of one stream by the rules in force."""

    def __init__(
        self,
        outbox: Outbox,
        settings: StreamSettings,
        *,
        rules: Callable[[], Rules],
        max_evidence: int,
        pages: PagePool,
        now: Callable[[], datetime],
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._rules = rules
        self._max_evidence = max_evidence
        self._pages = pages
        self._now = now
        self.stopping = asyncio.Event()
        """To be set when the service ends: a commit that Redis refuses is given up then."""
        self.progress = asyncio.Event()
        """Set whenever a page was read or a batch is through."""
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

    async def decide(self, entries: Sequence[Entry]) -> None:
        """Judge and commit a batch; on return each entry is acknowledged or still pending.

        Raises RedisError, StoreError or OSError where Redis did not answer before the stop.
        """
        try:
            articles, dead = await self._read(entries)
            for together in _rounds(articles):
                await self._decide(together, dead)
                dead = []
        finally:
            self.progress.set()

    async def _decide(self, articles: Sequence[Read], dead: Sequence[DeadLetter]) -> None:
        """Judge articles, relate them to what was told before, and commit what is told now."""
        at, rules = self._now(), self._rules()
        judged, known = await self._judge(articles, rules)
        silences = await self._store.until_done(lambda: self._outbox.silences.in_force(at))
        for _ in range(MOST_TRIES):
            past = await self._store.until_done(partial(self._outbox.relations.relate, known))
            work = partial(decide, judged, past, rules, at=at, silences=silences)
            decided = await _run(work, here=sum(len(one.matches) for one in judged) <= FEW)
            made = await self._store.until_done(partial(self._outbox.commit, decided, dead, at=at))
            tell(decided, dead, made)
            if not made.stale:
                return
            # Another reader has told of another revision of these meanwhile.
            stale = [one.entry_id.decode() in made.stale for one in judged]
            judged, known, dead = [*compress(judged, stale)], [*compress(known, stale)], []
        log.warning("article.conflict", entries=len(judged))

    async def _read(self, entries: Sequence[Entry]) -> tuple[list[Read], list[DeadLetter]]:
        """The entries' articles, and a dead letter for each that holds none."""
        read = await asyncio.gather(*(self._article(entry) for entry in entries))
        articles: list[Read] = []
        dead: list[DeadLetter] = []
        for entry, found in zip(entries, read, strict=True):
            if isinstance(found, Article):
                articles.append((entry, found))
            else:
                dead.append(DeadLetter(entry.id, entry.fields, str(found), entry.deliveries))
        return articles, dead

    async def _article(self, entry: Entry) -> Article | BadEntry:
        if entry.deliveries > self._settings.max_deliveries:
            return BadEntry(
                f"not decided in {entry.deliveries - 1} deliveries: each time its reader failed or "
                "ended; look for article.failed in the log, then replay it"
            )
        try:
            draft: Draft = read_entry(entry.fields, max_bytes=self._settings.max_article_bytes)
            if not draft.needs_html:
                return compose(draft)
            page = await self._pages.extract(draft.html, draft.url)
            self.progress.set()
            return compose(draft, page)
        except BadEntry as error:
            return error

    async def _judge(
        self, articles: Sequence[Read], rules: Rules
    ) -> tuple[list[Judged], list[Known]]:
        """What the rules say of each article; one that breaks the matching stays undecided."""
        texts = (text for _, article in articles for _, text in article.zones())
        short = sum(map(len, texts)) <= SHORT
        found = await _run(partial(_match, articles, rules), here=short)
        few = sum(len(numbers) for _, numbers in found) <= FEW
        return await _run(partial(self._score, found, rules), here=short and few)

    def _score(
        self, found: Sequence[tuple[Read, Sequence[int]]], rules: Rules
    ) -> tuple[list[Judged], list[Known]]:
        judged: list[Judged] = []
        known: list[Known] = []
        for (entry, article), numbers in found:
            with _undecided(entry, article):
                most = self._max_evidence
                matches = rules.engine.score_matches(article, numbers, max_evidence=most)
                one = Judged(entry.id, article, tuple(matches))
                known.append(one.known)
                judged.append(one)
        return judged, known

    def _commit_failed(self, error: Exception) -> None:
        log.error("stream.commit_failed", stream=self._outbox.stream, error=str(error))

    def _commit_recovered(self) -> None:
        log.info("stream.commit_recovered", stream=self._outbox.stream)


def _match(articles: Sequence[Read], rules: Rules) -> list[tuple[Read, Sequence[int]]]:
    found: list[tuple[Read, Sequence[int]]] = []
    for entry, article in articles:
        with _undecided(entry, article):
            (numbers,) = rules.engine.matching_queries([article])
            found.append(((entry, article), numbers))
    return found


@contextmanager
def _undecided(entry: Entry, article: Article) -> Iterator[None]:
    """Leaves an article pending that breaks the matching; the others of its batch go on."""
    try:
        yield
    except Exception:
        log.exception(
            "article.failed",
            entry_id=entry.id.decode(),
            article_id=article.id,
            deliveries=entry.deliveries,
        )


async def _run(work: Callable[[], Answer], *, here: bool) -> Answer:
    """Short work is done in the event loop: beside a thread, both wait for the interpreter."""
    return work() if here else await asyncio.to_thread(work)


def _rounds(articles: Sequence[Read]) -> Iterator[list[Read]]:
    """The articles in as few rounds as it takes for none to hold two revisions of one.

    What a revision changes is known only when the one before it was committed.
    """
    together: list[Read] = []
    revisions: dict[str, str] = {}
    for entry, article in articles:
        if revisions.setdefault(article.id, article.revision) != article.revision:
            yield together
            together, revisions = [], {article.id: article.revision}
        together.append((entry, article))
    yield together
