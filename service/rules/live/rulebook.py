"""The rules in force: read, watched, and swapped whole when their files change."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from pathlib import Path
from typing import Any

import structlog

from service.errors import ConfigError, Fault
from service.matching.engine.engine import prepare
from service.matching.words.frequencies import Frequencies
from service.rules.compilation.compile import CompiledRules, compile_rules
from service.rules.compilation.rule_set import CompileReport, FindEarlier, RuleSet
from service.rules.live import compiled_file as rulestore
from service.rules.live.compile_process import (
    CompilingFailed,
    FilesChanged,
    Made,
    OnlyHere,
    compile_beside,
)
from service.rules.live.compiled_file import ForeignFile
from service.rules.live.folder import TICK, Signature, Texts, read, settled, signature
from service.rules.rules import Rules, complete
from service.rules.subscribers.subscriber import SubscriberReader

AT_ONCE = 32 * 1024
"""Most bytes of rules that are compiled beside matching in this process: it takes about 50 ms."""
AT_START = 1024 * 1024
"""Most bytes of rules that are compiled in this process at its start, when nothing else runs."""
TOLD = 100
"""Most ids of watchlists that stay, of those that are logged."""

log = structlog.get_logger(__name__)


class Rulebook:
    """The current rules; they are replaced in one step, never changed in place."""

    def __init__(
        self,
        path: Path,
        reader: SubscriberReader,
        *,
        every: float,
        folder: Path,
        changed: Callable[[Rules], None],
        at_start: int = AT_START,
        at_once: int = AT_ONCE,
        tick: int = TICK,
    ) -> None:
        """`every`: seconds between two looks at the files; `folder`: for compiled rules.

        `tick`: nanoseconds within which the file system may give two changes one time.
        `changed` hears of each new set before it is in force, in a thread.
        """
        self._path = path
        self._reader = reader
        self._every = every
        self._folder = folder
        self._changed = changed
        self._at_start = at_start
        self._at_once = at_once
        self._tick = tick
        self._seen: Signature = ()
        self._key = ""
        self._settled = False
        self._current: Rules | None = None
        self._unreadable = ""
        self._frequencies = self._learned = Frequencies.shipped()

    @property
    def current(self) -> Rules:
        """The rules in force; there are none before `open`."""
        if self._current is None:
            raise RuntimeError("the rules are asked for before they are ready")
        return self._current

    @property
    def ready(self) -> bool:
        """Whether there are rules in force."""
        return self._current is not None

    @property
    def unreadable(self) -> str:
        """Why the rules cannot be read at present, those in force being older; "" when they can."""
        return self._unreadable

    async def open(self, stop: asyncio.Event) -> None:
        """Put the rules into force; on return they are, or `stop` is set.

        Raises ConfigError where they cannot be read.
        """
        while not self.ready and not stop.is_set():
            try:
                await _unless(stop, self._read())
            except FilesChanged:
                continue
            except (CompilingFailed, ForeignFile, FileNotFoundError) as error:
                log.error("rules.compile_failed", reason=str(error))
                await _unless(stop, asyncio.sleep(self._every))

    async def watch(self, stop: asyncio.Event) -> None:
        """Reload when a file changes, until `stop`; looks every `every` seconds."""
        while not stop.is_set():
            await _unless(stop, asyncio.sleep(self._every))
            try:
                await _unless(stop, self._read())
                self._unreadable = ""
            except (ConfigError, OSError) as error:
                # The folder is gone or half-copied: the rules that run stay.
                if str(error) != self._unreadable:
                    log.error("rules.unreadable", reason=str(error))
                self._unreadable = str(error)
            except FilesChanged:
                continue  # at the next look they may be whole
            except (CompilingFailed, ForeignFile) as error:
                log.error("rules.compile_failed", reason=str(error))
            except Exception:  # whatever it is, the rules that run stay, and are read again
                log.exception("rules.reload_failed")

    async def _read(self) -> None:
        """Put what the files say now into force, if it is not."""
        seen = await asyncio.to_thread(signature, self._path)
        before = self._current
        if before is not None and seen == self._seen and await asyncio.to_thread(self._same):
            return
        begun = time.monotonic()
        files = await asyncio.to_thread(read, self._path)
        key = await asyncio.to_thread(rulestore.key, files)
        compiled = await self._rule_set(files, key)
        texts = Texts(files)
        rules = await asyncio.to_thread(complete, compiled, texts, self._reader, before)
        # Or the first article would wait for it.
        await asyncio.to_thread(rules.engine.prepare)
        await asyncio.to_thread(self._changed, rules)
        self._seen, self._current, self._frequencies = seen, rules, self._learned
        self._key, self._settled = key, False
        _tell(rules, before.faults if before else (), time.monotonic() - begun)

    def _same(self) -> bool:
        """Whether files that look as they did are what they were.

        One that is written twice within a tick of the clock may look the same: the files are read
        again until that is past.
        """
        if self._settled:
            return True
        late = settled(self._seen, time.time_ns() - self._tick)
        same = rulestore.key(read(self._path)) == self._key
        self._settled = late and same
        return same

    async def _rule_set(self, files: Mapping[str, bytes], key: str) -> CompiledRules:
        """The compiled rules: what was stored, or made here, or by another process."""
        size = sum(map(len, files.values()))
        keep = None
        if self._current is not None:
            keep = self._current.watchlists.find_earlier
            self._learned = await asyncio.to_thread(_learned, self._frequencies, self._current)
        common = self._learned
        if size <= (self._at_once if self._current else self._at_start):
            return await asyncio.to_thread(compile_rules, Texts(files), keep, common)
        stored = await asyncio.to_thread(_stored, self._folder, key)
        if stored is not None:
            return CompiledRules(stored, CompileReport())
        try:
            made = await self._made(key, keep, common)
        except OnlyHere as error:
            log.warning("rules.compiled_here", reason=str(error))
            return await asyncio.to_thread(compile_rules, Texts(files), keep, common)
        rule_set = await asyncio.to_thread(_taken, made, key, self._folder)
        return CompiledRules(rule_set, made.findings)

    async def _made(self, key: str, keep: FindEarlier | None, common: Frequencies) -> Made:
        """What another process makes of the files; raises as `compile_beside`."""
        making = compile_beside(self._path, key, self._folder, keep, common)
        if self._current is not None:
            return await making
        # Nothing is matched yet: the kernels are loaded meanwhile.
        preparing = asyncio.create_task(asyncio.to_thread(prepare))
        try:
            made = await making
            await preparing
            return made
        finally:
            preparing.cancel()


def _learned(frequencies: Frequencies, rules: Rules) -> Frequencies:
    """How common words are, by the articles too that these rules have judged."""
    return frequencies.with_seen(*rules.engine.word_counts())


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Does some work, which is cancelled when `stop` is set. Raises what the work raises."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        working.cancel()
        await asyncio.wait((working,))
    if not working.cancelled():
        working.result()


def _stored(folder: Path, key: str) -> RuleSet | None:
    """What was compiled before, None where there is nothing of use."""
    try:
        return rulestore.read(rulestore.path_in(folder, key), key)
    except FileNotFoundError:
        return None
    except (ForeignFile, OSError) as error:
        log.warning("rules.store_ignored", reason=str(error))
        return None


def _taken(made: Made, key: str, folder: Path) -> RuleSet:
    """The rules in a file that was made just now; it stays where the next start may use it."""
    rule_set = rulestore.read(made.path, key)
    try:
        if made.path.parent == folder:
            rulestore.tidy(folder)
        else:
            if not (made.findings.faults or made.findings.kept):
                log.warning("rules.not_stored", folder=str(folder), reason="it takes no file")
            shutil.rmtree(made.path.parent)
    except OSError as error:
        log.warning("rules.not_tidied", reason=str(error))
    return rule_set


def _tell(rules: Rules, known: Collection[Fault], seconds: float) -> None:
    known = set(known)
    for fault in rules.faults:
        if fault not in known:
            log.error(
                "rules.fault",
                file=fault.file,
                line=fault.line,
                column=fault.column,
                message=fault.message,
                hint=fault.hint,
            )
    log.info(
        "rules.loaded",
        watchlists=len(rules.watchlists),
        subscribers=len(rules.subscribers),
        faults=len(rules.faults),
        kept=list(rules.kept[:TOLD]),
        rules=rules.digest,
        seconds=round(seconds, 3),
    )
