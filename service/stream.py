"""The FastStream edge: read a batch, judge it, commit and acknowledge it in one step.

An entry that no decision was reached on stays pending. Entries whose reader died are taken over
one at a time, so that an entry which crashes its reader harms no other, and is recognised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import RedisBatchStreamMessage
from redis.exceptions import RedisError

from service.article import Article, Draft, compose, read_entry
from service.errors import BadEntry, StoreError, TocsinError
from service.judging import Judged, decide
from service.outbox import DeadLetter, Outbox
from service.pages import PagePool
from service.relations import Known
from service.settings import StreamSettings
from service.store import GROUP
from service.telling import tell
from service.watchlist import Rules

POLL = 1000
"""Milliseconds that one read may wait at the server: below redis-py's socket timeout of 5 s."""
WATCH_EVERY = 2.0
"""Seconds between two looks at whether the stream is being read."""
LONGEST_PAUSE = 15.0
"""Seconds between two tries of a commit, at most."""
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


class ArticleReader:
    """Reads one stream: entries in, one commit a batch out."""

    def __init__(
        self,
        outbox: Outbox,
        settings: StreamSettings,
        *,
        consumer: str,
        rules: Callable[[], Rules],
        max_evidence: int,
        pages: PagePool,
        now: Callable[[], datetime],
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._consumer = consumer
        self._rules = rules
        self._max_evidence = max_evidence
        self._pages = pages
        self._now = now
        self._stopping = asyncio.Event()
        self._in_hand: set[bytes] = set()
        self._progress = asyncio.Event()
        self._subscriber: Any = None
        self.trouble = "not started"
        """Why the stream is not being read; empty while it is."""
        self.committing = True
        """Whether the last commit went through."""

    @property
    def stream(self) -> str:
        """The name of the stream."""
        return self._outbox.stream

    def subscribe(self, broker: RedisBroker) -> None:
        """Make `broker` read the stream for us once `run` starts it."""
        stream = StreamSub(
            self.stream,
            group=GROUP,
            consumer=self._consumer,
            batch=True,
            max_records=self._settings.batch_size,
            polling_interval=POLL,
        )
        self._subscriber = broker.subscriber(
            stream=stream, ack_policy=AckPolicy.MANUAL, parser=_raw, decoder=_entries
        )
        self._subscriber(self.process)

    async def process(self, entries: Sequence[Entry]) -> None:
        """Judge and commit a batch; on return each entry is acknowledged or still pending."""
        ids = {entry.id for entry in entries}
        self._in_hand |= ids
        try:
            articles, dead = await self._read(entries)
            for together in _rounds(articles):
                await self._decide(together, dead)
                dead = []
        finally:
            self._in_hand -= ids
            self._progress.set()

    async def _decide(self, articles: Sequence[Read], dead: Sequence[DeadLetter]) -> None:
        """Judge articles, relate them to what was told before, and commit what is told now."""
        at, rules = self._now(), self._rules()
        judged, known = await self._judge(articles, rules)
        past = await self._written(lambda: self._outbox.relations.relate(known))
        silences = await self._written(lambda: self._outbox.silences.in_force(at))
        work = partial(decide, judged, past, rules, at=at, silences=silences)
        decided = await _run(work, here=sum(len(one.matches) for one in judged) <= FEW)
        made = await self._written(lambda: self._outbox.commit(decided, dead, at=at))
        tell(decided, dead, made)

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
                "ended; look for article.undecided in the log, then replay it"
            )
        try:
            draft: Draft = read_entry(entry.fields, max_bytes=self._settings.max_article_bytes)
            if not draft.needs_html:
                return compose(draft)
            page = await self._pages.extract(draft.html, draft.url)
            self._progress.set()
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
                matches = rules.engine.scored(article, numbers, max_evidence=most)
                one = Judged(entry.id, article, tuple(matches))
                known.append(one.known)
                judged.append(one)
        return judged, known

    async def _written(self, write: Callable[[], Awaitable[Answer]]) -> Answer:
        """Write, and where Redis will not, again and again until it does or the service stops."""
        pause = 0.25
        while True:
            try:
                answer = await write()
            except (RedisError, StoreError, OSError) as error:
                if self.committing:
                    log.error("stream.commit_failed", stream=self.stream, error=str(error))
                self.committing = False
                if await self._stopped_within(pause):
                    raise
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                if not self.committing:
                    log.info("stream.commit_recovered", stream=self.stream)
                self.committing = True
                return answer

    async def run(self) -> None:
        """Read until `stop`. Raises TocsinError when entries wait and nothing moves any more."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            tasks.create_task(self._keep_in_hand())
            tasks.create_task(self._reclaim())

    async def stop(self) -> None:
        """Read nothing more; a batch in hand is finished first."""
        self._stopping.set()
        await self._subscriber.stop()

    async def _watch(self) -> None:
        """Start the reading; see that it goes on; mend what can be mended.

        FastStream's subscriber ends when the group is gone and spins when the key is of another
        type or the server refuses writes, so each look makes sure of the group first.
        """
        moved = asyncio.get_running_loop().time()
        while True:
            now = asyncio.get_running_loop().time()
            try:
                await self._outbox.ensure_group()
                if not self._subscriber.running:
                    await self._subscriber.start()
                self._trouble("")
                lag = await self._outbox.lag()
            except (RedisError, StoreError, OSError, TimeoutError) as error:
                await self._subscriber.stop()
                self._trouble(str(error) or type(error).__name__)
                moved = now
            else:
                if self._progress.is_set() or not lag.unread or not self.committing:
                    moved = now
                self._progress.clear()
                if now - moved > self._settings.stall_after:
                    raise TocsinError(
                        f"stream {self.stream}: {lag.unread} entries wait and nothing was read for "
                        f"{now - moved:.0f} s; ending, so that a fresh process takes over"
                    )
            if await self._stopped_within(WATCH_EVERY):
                return

    def _trouble(self, reason: str) -> None:
        if reason and reason != self.trouble:
            log.error("stream.not_read", stream=self.stream, reason=reason)
        elif self.trouble and not reason:
            log.info("stream.reading", stream=self.stream, group=GROUP, consumer=self._consumer)
        self.trouble = reason

    async def _keep_in_hand(self) -> None:
        """Tell Redis that the entries in hand are being worked on, so that nobody takes them."""
        while not await self._stopped_within(self._settings.reclaim_after / 3):
            if self._in_hand and not self.trouble:
                try:
                    await self._outbox.keep(self._consumer, sorted(self._in_hand))
                except (RedisError, StoreError, OSError) as error:
                    log.warning("stream.keep_failed", stream=self.stream, error=str(error))

    async def _reclaim(self) -> None:
        """Take over, one at a time, what a dead reader left."""
        idle = timedelta(seconds=self._settings.reclaim_after)
        while not await self._stopped_within(min(self._settings.reclaim_after / 4, 10.0)):
            # While commits fail an entry is no nearer to a decision, and must not be counted as
            # tried once more.
            while self.committing and not self.trouble and not self._stopping.is_set():
                try:
                    claimed = await self._outbox.claim_idle(self._consumer, idle)
                    if claimed is None:
                        break
                    log.info(
                        "stream.reclaimed",
                        entry_id=claimed.entry_id.decode(),
                        deliveries=claimed.deliveries,
                    )
                    await self.process(
                        [Entry(claimed.entry_id, claimed.fields, claimed.deliveries)]
                    )
                except (RedisError, StoreError, OSError) as error:
                    log.warning("stream.reclaim_failed", stream=self.stream, error=str(error))
                    break

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True


def _match(articles: Sequence[Read], rules: Rules) -> list[tuple[Read, Sequence[int]]]:
    found: list[tuple[Read, Sequence[int]]] = []
    for entry, article in articles:
        with _undecided(entry, article):
            (numbers,) = rules.engine.numbers([article])
            found.append(((entry, article), numbers))
    return found


@contextmanager
def _undecided(entry: Entry, article: Article) -> Iterator[None]:
    """Leaves an article pending that breaks the matching; the others of its batch go on."""
    try:
        yield
    except Exception:
        log.exception(
            "article.undecided",
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


async def _raw(message: Any, original: object) -> RedisBatchStreamMessage:
    """FastStream's parser, total: it hands the raw fields on, so no entry can fail its batch."""
    del original
    return RedisBatchStreamMessage(message, b"", consumer=None, group=None)  # type: ignore[arg-type]


async def _entries(message: RedisBatchStreamMessage, original: object) -> list[Entry]:
    """FastStream's decoder: the entries as they stand."""
    del original
    raw = message.raw_message
    return [
        Entry(entry_id, fields)
        for entry_id, fields in zip(raw["message_ids"], raw["data"], strict=True)
    ]
