"""Files are read by a process with limits, so that none holds up or ends the reading of others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from types import TracebackType
from typing import NamedTuple, Self

from service.articles.article import Article
from service.articles.files.entries import (
    Source,
    UnreadableError,
    article_of,
    articles_in,
    entries,
    parsed,
)
from service.articles.files.feeds import Fields, with_ids
from service.concurrency.processes import CallError, LimitedProcess, LimitError, Limits
from service.errors import BadEntry

LIMITS = Limits(cpu_seconds=10, memory_bytes=512 * 2**20, wall_seconds=120)
"""Of a hundred entries, and of one where a hundred need more."""
MAX_FAILURES = 2
"""Entries of a file that may pass the limits; then the rest of it is not read."""
_AT_ONCE = 100
_MAX_HARMLESS_BYTES = 16 * 1024


class LimitedFiles:
    """Reads files; its process starts with the first file that may need much."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._process = self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()

    def entries(self, source: Source) -> Iterator[Fields | UnreadableError]:
        """As `files.entries`, with an error in place of what needs too much."""
        return entries(source) if _is_harmless(source) else with_ids(self._parsed(source))

    def articles(
        self, source: Source, *, max_bytes: int
    ) -> Iterator[Article | BadEntry | UnreadableError]:
        """As `files.articles_in`, with an error in place of what needs too much."""
        if _is_harmless(source):
            yield from articles_in(source, max_bytes=max_bytes)
            return
        for found in self.entries(source):
            if isinstance(found, UnreadableError):
                yield found
                continue
            try:
                article = self._process.call(_Entry(found, max_bytes))
            except (LimitError, CallError) as error:
                yield UnreadableError(f"{source.name}: the entry {self._reason(error)}")
            else:
                bad = isinstance(article, BadEntry)
                yield BadEntry(f"{source.name}: {article}") if bad else article

    def _parsed(self, source: Source) -> Iterator[Fields | UnreadableError]:
        done, failures, at_once = 0, 0, _AT_ONCE
        while failures < MAX_FAILURES:
            try:
                self._process.call(_File(source, done))
                while found := self._process.call(at_once):
                    yield from found
                    done += len(found)
            except LimitError as error:
                reason = self._reason(error)
                if at_once == 1:
                    yield UnreadableError(f"{source.name}: entry {done + 1} {reason}")
                    done, failures = done + 1, failures + 1
                at_once = 1  # to know which of them it is
            except CallError as error:
                yield UnreadableError(f"{source.name}: {self._reason(error)}")
                return
            else:
                return
        yield UnreadableError(f"{source.name}: the entries after {done} are not read")

    def _reason(self, error: LimitError | CallError) -> str:
        if isinstance(error, LimitError):
            self._process = self._begin()
            return str(error)
        return f"cannot be read ({str(error).strip().rpartition(chr(10))[2]})"

    def _begin(self) -> LimitedProcess:
        return LimitedProcess("tocsin-files", _Reading, self._limits)


class _File(NamedTuple):
    """A file to read, and how many of its entries are known."""

    source: Source
    after: int


class _Entry(NamedTuple):
    """An entry to make an article of."""

    fields: Fields
    max_bytes: int


class _Reading:
    """What the process does: it opens a file, reads its next entries, or makes an article."""

    def __init__(self) -> None:
        self._entries: Iterator[Fields | UnreadableError] = iter(())

    def __call__(self, asked: _File | _Entry | int) -> object:
        if isinstance(asked, int):
            return list(islice(self._entries, asked))
        if isinstance(asked, _File):
            self._entries = parsed(asked.source, after=asked.after)
            return None
        try:
            return article_of(asked.fields, max_bytes=asked.max_bytes)
        except BadEntry as error:
            return error


def _is_harmless(source: Source) -> bool:
    """Whether a file takes no time: a short text, or short JSON."""
    return len(source.content) <= _MAX_HARMLESS_BYTES and b"<" not in source.content
