"""The compiled rules of a folder: from the cache, from this process, or from another one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from service.matching.engine.engine import prepare
from service.matching.words.frequencies import Frequencies
from service.rules.compilation.changed_files import WholeRules, compile_changed
from service.rules.compilation.compile import CompiledRules, compile_rules, compile_shared
from service.rules.compilation.rule_set import (
    CompileReport,
    EarlierWatchlists,
    FindEarlier,
    RuleSet,
)
from service.rules.in_force.shared_set import SharedSet
from service.rules.live.cache import cached_path, delete_old_files
from service.rules.live.cache_key import program_hash, shared_key
from service.rules.live.compiled_file import ForeignFile, read_rules
from service.rules.live.failures import MustCompileHere
from service.rules.live.folder import FolderContent
from service.rules.live.processes.compile_child import (
    CompiledFile,
    CompileRequest,
    SharedWatchlists,
)
from service.rules.live.processes.compile_process import compile_in_process
from service.rules.rules import Rules

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class InlineLimits:
    """Most bytes of rules files that this process compiles itself."""

    at_start: int = 1024 * 1024
    """When nothing else runs."""
    at_reload: int = 32 * 1024
    """While it matches articles: it takes about 50 ms."""


DEFAULT_LIMITS = InlineLimits()
CountWords = Callable[[], Awaitable[Frequencies]]
"""Says how common words are, by what was matched so far."""


class RulesCompiler:
    """Compiles the rules of a folder in the way that suits their size."""

    def __init__(self, rules: Path, cache: Path, limits: InlineLimits) -> None:
        """`cache`: the folder for compiled rules."""
        self._rules = rules
        self._cache = cache
        self._limits = limits

    async def compile(
        self,
        content: FolderContent,
        find_earlier: FindEarlier | None,
        count_words: CountWords,
        current: Rules | None,
    ) -> CompiledRules:
        """The compiled rules of these files; the arguments are those of `compile_rules`.

        `current`: those that this process matches by meanwhile; where few files have changed since,
        only these are read. Raises CompileFailed, ForeignFile, OSError.
        """
        if current is None:
            return await self.compile_all(content, find_earlier, count_words, is_reload=False)
        changed = await self.compile_changed(content, current)
        return changed or await self.compile_all(content, find_earlier, count_words)

    async def compile_changed(self, content: FolderContent, current: Rules) -> CompiledRules | None:
        """The same by the rules in force; None where many files have changed, or all are few."""
        if content.size <= self._limits.at_reload:
            return None
        whole = WholeRules.of(current.watchlists.rule_set, current.engine)
        work = partial(compile_changed, whole, content.texts, content.digests)
        rule_set = await asyncio.to_thread(work)
        if rule_set is None:
            return None
        return CompiledRules(rule_set, CompileReport(written=rule_set.written))

    async def compile_all(
        self,
        content: FolderContent,
        find_earlier: FindEarlier | None,
        count_words: CountWords,
        *,
        is_reload: bool = True,
    ) -> CompiledRules:
        """The same by reading all files; `is_reload`: this process matches meanwhile."""
        frequencies, digests = await count_words(), content.digests
        here = partial(compile_rules, content.texts, find_earlier, frequencies, digests=digests)
        request = CompileRequest(
            self._rules,
            None,
            content.key,
            self._cache,
            frequencies,
            is_reload,
            find_earlier is not None,
            program_hash(),
        )
        return await self._compile(request, here, find_earlier, content.size)

    async def compile_shared(
        self, shared: SharedSet, frequencies: Frequencies, *, is_reload: bool
    ) -> CompiledRules:
        """The compiled form of a set that another worker put in force; raises as `compile`."""
        watchlists = EarlierWatchlists(shared.records, shared.list_sets)
        here = partial(compile_shared, watchlists, shared.digest, frequencies)
        request = CompileRequest(
            self._rules,
            SharedWatchlists(watchlists, shared.digest),
            shared_key(shared.id),
            self._cache,
            frequencies,
            is_reload,
            False,
            program_hash(),
        )
        return await self._compile(request, here, None, shared.records.size)

    async def _compile(
        self,
        request: CompileRequest,
        here: Callable[[], CompiledRules],
        find_earlier: FindEarlier | None,
        size: int,
    ) -> CompiledRules:
        """What the request asks for; `here` does the same in this process. `size`: in bytes."""
        limits = self._limits
        if size <= (limits.at_reload if request.is_reload else limits.at_start):
            return await asyncio.to_thread(here)
        cached = await asyncio.to_thread(self._read_cached, request.key)
        if cached is not None:
            return CompiledRules(cached, CompileReport(written=cached.written))
        try:
            compiled = await self._compile_in_process(request, find_earlier)
        except MustCompileHere as error:
            log.warning("rules.compiled_in_service", reason=str(error))
            return await asyncio.to_thread(here)
        rule_set = await asyncio.to_thread(self._read_compiled, compiled, request.key)
        return CompiledRules(rule_set, compiled.report)

    def _read_cached(self, key: str) -> RuleSet | None:
        try:
            return read_rules(cached_path(self._cache, key), key)
        except FileNotFoundError:
            return None
        except (ForeignFile, OSError) as error:
            log.warning("rules.cache_ignored", reason=str(error))
            return None

    async def _compile_in_process(
        self, request: CompileRequest, find_earlier: FindEarlier | None
    ) -> CompiledFile:
        compiling = compile_in_process(request, find_earlier)
        if request.is_reload:
            return await compiling
        # At a start nothing is matched yet: the kernels are loaded at the same time.
        preparing = asyncio.create_task(asyncio.to_thread(prepare))
        try:
            compiled = await compiling
            await preparing
            return compiled
        finally:
            preparing.cancel()

    def _read_compiled(self, compiled: CompiledFile, key: str) -> RuleSet:
        """The rules in a new file; the file stays if the next start can use it."""
        rule_set = read_rules(compiled.path, key)
        try:
            if compiled.path.parent == self._cache:
                delete_old_files(self._cache)
            else:
                report = compiled.report
                if not (report.faults or report.kept or report.left_out):
                    reason = "the folder cannot be written"
                    log.warning("rules.not_cached", folder=str(self._cache), reason=reason)
                shutil.rmtree(compiled.path.parent)
        except OSError as error:
            log.warning("rules.cleanup_failed", reason=str(error))
        return rule_set
