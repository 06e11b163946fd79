"""The set in force compiled as a whole, beside matching, where only what changed was compiled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog

from service.errors import ConfigError
from service.matching.engine.layers import LayeredEngine
from service.rules.compilation.rule_set import RuleSet
from service.rules.live.compiled_file import ForeignFile
from service.rules.live.compiler import RulesCompiler
from service.rules.live.enforced import EnforcedRules
from service.rules.live.failures import CompileFailed
from service.rules.live.folder import FolderContent, WatchedFolder
from service.rules.rules import Rules

log = structlog.get_logger(__name__)


class RulesMerge:
    """Replaces an engine of several layers by one, while the rules may go on changing."""

    def __init__(
        self,
        compiler: RulesCompiler,
        enforced: EnforcedRules,
        folder: WatchedFolder,
        on_merged: Callable[[Rules], Awaitable[None]],
    ) -> None:
        """`on_merged` is called with the merged rules once they are in force."""
        self._compiler = compiler
        self._enforced = enforced
        self._folder = folder
        self._on_merged = on_merged
        self._task: asyncio.Task[None] | None = None
        self._tried: Mapping[str, str] = {}
        """The files, by their digests, of the last merge: what cannot be merged stays as it is."""
        self.turn = asyncio.Lock()
        """Held by who replaces the rules in force."""

    def begin(self) -> None:
        """Begins to merge if there are layers, and no merge has begun."""
        rules = self._enforced.rules
        if rules is None or not isinstance(rules.engine, LayeredEngine):
            return
        if self._tried != _files(rules) and (self._task is None or self._task.done()):
            self._tried = _files(rules)
            self._task = asyncio.create_task(self._merge())

    async def close(self) -> None:
        """Ends the merge that has begun."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _merge(self) -> None:
        begun = time.monotonic()
        try:
            content = await self._read()
            compiled = await self._compiler.compile_all(content, None, self._enforced.count_words)
            async with self.turn:
                await self._replace(compiled.rule_set, content.key)
        except (CompileFailed, ForeignFile, ConfigError, OSError) as error:
            log.warning("rules.not_merged", reason=str(error))
            return
        except Exception:  # whatever the error is, the rules in force stay
            log.exception("rules.reload_failed")
            return
        seconds = time.monotonic() - begun
        rules = self._enforced.rules
        if rules is not None and not isinstance(rules.engine, LayeredEngine):
            await self._on_merged(rules)
            log.info("rules.merged", watchlists=len(rules.watchlists), seconds=round(seconds, 3))

    async def _replace(self, whole: RuleSet, key: str) -> None:
        """Judges by the same set as before, of which at most what has changed is in a layer.

        `key`: that of the files that were compiled.
        """
        current = self._enforced.rules
        made = await self._enforced.recompiled(whole)
        if current is None or made is None:
            return
        if _files(made.rules) != _files(current):  # they have changed meanwhile
            content = await self._read()
            if content.key == key:  # the set in force is that of another worker
                return
            self._tried = {}
            changed = await self._compiler.compile_changed(content, made.rules)
            made = await self._enforced.recompiled(changed.rule_set) if changed else None
        if made is not None and _files(made.rules) == _files(current):
            await self._enforced.exchange(made)

    async def _read(self) -> FolderContent:
        return await asyncio.to_thread(self._folder.read)


def _files(rules: Rules) -> Mapping[str, str]:
    """The files that rules were compiled from, by their digests: also their lines are the same."""
    return rules.watchlists.rule_set.inventory.digests
