"""Entries → articles: short texts at once, pages and long texts in other processes."""

from __future__ import annotations

import structlog

from service.articles.article import Article, compose
from service.articles.entry import read_entry
from service.concurrency.processes import CallError
from service.errors import BadEntry
from service.settings import StreamSettings
from service.stream.entry import Entry
from service.stream.page_pool import PagePool
from service.telemetry import metrics
from service.telemetry.trace_context import logged_trace

MAX_INLINE_BYTES = 16 * 1024
"""Of an entry that is read in the event loop: some 10 ms, and of the strangest text 100."""

Found = Article | BadEntry | None
"""What an entry holds; None where the answer is not known, so that the entry stays pending."""

_FIRST = {
    b"body": "ErdoÄŸan: a ship left the harbour of Quill on Monday.".encode(),
    b"published_at": b"Monday, 2 March 2026",
}
"""It needs all that an entry may need: the repair of letters, a language to be found, and the names
of months."""

log = structlog.get_logger(__name__)


def prepare() -> None:
    """Load what the first article would wait for: models and tables, a second of CPU."""
    compose(read_entry(_FIRST, max_bytes=1_000))


class EntryReader:
    """Reads entries of one stream."""

    def __init__(self, pages: PagePool, settings: StreamSettings) -> None:
        self._pages = pages
        self._max_bytes = settings.max_article_bytes
        self._max_deliveries = settings.max_deliveries

    def read_here(self, entry: Entry) -> tuple[Found, bool]:
        """What a short entry holds, and whether it was read: pages and long texts are not."""
        try:
            self._check_deliveries(entry)
            if self._max_bytes >= entry.size > MAX_INLINE_BYTES:
                return None, False
            draft = read_entry(entry.fields, max_bytes=self._max_bytes)
            return (None, False) if draft.needs_html else (compose(draft), True)
        except BadEntry as error:
            return error, True
        except Exception as error:  # noqa: BLE001 - a fault of ours spoils no other entry
            log_failure(entry, error)
            return None, True

    async def read_apart(self, entry: Entry) -> Found:
        """What a page or a long text holds; it takes the limits of `PagePool` at most."""
        try:
            return await self._pages.read(entry.fields, max_bytes=self._max_bytes)
        except BadEntry as error:
            return error
        except CallError as error:
            log_failure(entry, error)
            return None

    def _check_deliveries(self, entry: Entry) -> None:
        if entry.deliveries > self._max_deliveries:
            raise BadEntry(
                f"not decided in {entry.deliveries - 1} deliveries: each time its reader failed or "
                "ended; look for article.failed in the log, then replay it",
                "undecided",
            )


def log_failure(entry: Entry, error: Exception) -> None:
    """Log and count an entry that stays pending because of a fault."""
    metrics.ARTICLE_FAILURES.inc()
    log.error(
        "article.failed",
        entry_id=entry.id.decode(),
        deliveries=entry.deliveries,
        exc_info=error,
        **logged_trace(entry.trace),
    )
