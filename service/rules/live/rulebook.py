"""The rules in force: read, watched, and replaced as a whole when their files change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog

from service.errors import ConfigError
from service.matching.words.frequencies import Frequencies
from service.rules.live.compile_child import CompileFailed, FilesChanged
from service.rules.live.compiled_file import ForeignFile
from service.rules.live.compiler import DEFAULT_LIMITS, InlineLimits, RulesCompiler
from service.rules.live.folder import WatchedFolder
from service.rules.live.report import log_rules
from service.rules.rules import Rules, complete
from service.rules.subscribers.subscriber import SubscriberReader
from service.waits import finished_before, stopped_within

log = structlog.get_logger(__name__)


class Rulebook:
    """The rules in force; they are replaced in one step, never changed in place."""

    def __init__(
        self,
        path: Path,
        reader: SubscriberReader,
        *,
        every: timedelta,
        cache: Path,
        on_change: Callable[[Rules], None],
        limits: InlineLimits = DEFAULT_LIMITS,
    ) -> None:
        """`every`: the time between two looks at the files; `cache`: folder for compiled rules.

        `on_change` is called with each new set in a thread, before it comes into force.
        """
        self._reader = reader
        self._every = every
        self._on_change = on_change
        self._folder = WatchedFolder(path)
        self._compiler = RulesCompiler(path, cache, limits)
        self._frequencies = Frequencies.shipped()
        self._current: Rules | None = None
        self._unreadable = ""

    @property
    def current(self) -> Rules:
        """The rules in force; there are none before `open`."""
        if self._current is None:
            raise RuntimeError("there are no rules in force yet")
        return self._current

    @property
    def ready(self) -> bool:
        """Whether there are rules in force."""
        return self._current is not None

    @property
    def unreadable(self) -> str:
        """Why the files cannot be read now, so that older rules are in force; "" if they can."""
        return self._unreadable

    async def open(self, stop: asyncio.Event) -> None:
        """Puts the rules into force; on return they are, or `stop` is set.

        Raises ConfigError if they cannot be read.
        """
        while not self.ready and not stop.is_set():
            try:
                await finished_before(stop, self._refresh())
            except FilesChanged:
                continue
            except (CompileFailed, ForeignFile, FileNotFoundError) as error:
                log.error("rules.compile_failed", reason=str(error))
                await stopped_within(stop, self._every)

    async def watch(self, stop: asyncio.Event) -> None:
        """Reloads the rules when a file changes, until `stop` is set."""
        while not await stopped_within(stop, self._every):
            try:
                await finished_before(stop, self._refresh())
                self._unreadable = ""
            except (ConfigError, OSError) as error:  # the folder is gone or half-copied
                if str(error) != self._unreadable:
                    log.error("rules.unreadable", reason=str(error))
                self._unreadable = str(error)
            except FilesChanged:
                continue  # the files are read again at the next look
            except (CompileFailed, ForeignFile) as error:
                log.error("rules.compile_failed", reason=str(error))
            except Exception:  # whatever the error is, the rules in force stay
                log.exception("rules.reload_failed")

    async def _refresh(self) -> None:
        """Puts the files into force if they have changed."""
        begun = time.monotonic()
        content = await asyncio.to_thread(self._folder.read_change)
        if content is None:
            return
        before = self._current
        find_earlier = before.watchlists.find_earlier if before else None
        frequencies = await asyncio.to_thread(self._count_words)
        compiled = await self._compiler.compile(content, find_earlier, frequencies)
        rules = await asyncio.to_thread(complete, compiled, content.texts, self._reader, before)
        await asyncio.to_thread(rules.engine.prepare)  # or the first article would wait for it
        await asyncio.to_thread(self._on_change, rules)
        self._folder.accept(content)
        self._current, self._frequencies = rules, frequencies
        log_rules(rules, before.faults if before else (), time.monotonic() - begun)

    def _count_words(self) -> Frequencies:
        """How common words are, the articles of the rules in force included."""
        if self._current is None:
            return self._frequencies
        return self._frequencies.with_seen(*self._current.engine.word_counts())
