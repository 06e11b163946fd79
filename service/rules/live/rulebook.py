"""The rules in force: read, watched, agreed on with all workers, and replaced as a whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog

from service.concurrency.waits import finished_before, stopped_within
from service.errors import ConfigError, StoreError
from service.rules.compilation.compile import CompiledRules
from service.rules.compilation.rule_set import CompileReport
from service.rules.in_force.change import rules_change
from service.rules.in_force.refusal import refusal
from service.rules.in_force.set_content import UnreadableSet
from service.rules.in_force.state import (
    Claim,
    RulesChange,
    RulesInForce,
    SharedRules,
    WorkerRules,
)
from service.rules.live.agreement import Agreement, EarlierSet, Overtaken
from service.rules.live.compiled_file import ForeignFile
from service.rules.live.compiler import DEFAULT_LIMITS, InlineLimits, RulesCompiler
from service.rules.live.enforced import EnforcedRules, OnReplaced
from service.rules.live.failures import CompileFailed, FilesChanged
from service.rules.live.folder import FolderContent, WatchedFolder
from service.rules.live.merge import RulesMerge
from service.rules.live.own_files import OwnFiles
from service.rules.live.report import log_faults
from service.rules.rules import Rules
from service.rules.subscribers.subscriber import SubscriberReader
from service.telemetry import metrics

MAX_TRIES = 20
"""How often a worker tries to agree with others that put other sets in force meanwhile."""

log = structlog.get_logger(__name__)


class Rulebook:
    """The rules in force; they are replaced in one step, never changed in place."""

    def __init__(
        self,
        path: Path,
        reader: SubscriberReader,
        shared: SharedRules,
        *,
        worker: str,
        every: timedelta,
        cache: Path,
        on_change: Callable[[Rules], None],
        on_replaced: OnReplaced,
        on_faults: Callable[[Rules, str], Awaitable[None]],
        limits: InlineLimits = DEFAULT_LIMITS,
    ) -> None:
        """`worker`: the name of this one; `every`: the time between two looks at the files;
        `cache`: folder for compiled rules.

        `on_change` is called with each new set in a thread, before it comes into force;
        `on_replaced` with the set before, the new one and what it changed, when it is. `on_faults`
        is called with what the newest files came to, and with why they were refused.
        """
        self._path = path
        self._every = every
        self._enforced = EnforcedRules(reader, on_change, on_replaced)
        self._on_faults = on_faults
        self._folder = WatchedFolder(path)
        said = WorkerRules(looks_every=every.total_seconds())
        self._agreement = Agreement(shared, worker, str(path), said)
        self._compiler = RulesCompiler(path, cache, limits)
        prepare = self._agreement.prepare_next
        self._merge = RulesMerge(self._compiler, self._enforced, self._folder, prepare)
        self._own: OwnFiles | None = None
        self.refused = ""
        """Why this worker's rules files are not put in force; "": they are, or others are newer."""
        self.unreadable = ""
        """Why the files cannot be read now, so that older rules are in force; "" if they can."""

    @property
    def current(self) -> Rules:
        """The rules in force; there are none before `open`."""
        if self._enforced.rules is None:
            raise RuntimeError("there are no rules in force yet")
        return self._enforced.rules

    @property
    def ready(self) -> bool:
        """Whether there are rules in force."""
        return self._enforced.rules is not None

    async def open(self, stop: asyncio.Event) -> None:
        """Puts the rules into force; on return they are, or `stop` is set.

        Raises ConfigError if they cannot be read.
        """
        while not self.ready and not stop.is_set():
            try:
                await finished_before(stop, self._look())
            except FilesChanged:
                continue
            except (CompileFailed, ForeignFile, FileNotFoundError, StoreError) as error:
                log.error("rules.compile_failed", reason=str(error))
                await stopped_within(stop, self._every)

    async def watch(self, stop: asyncio.Event) -> None:
        """Reloads the rules when a file or the set in force changes, until `stop` is set."""
        while not await stopped_within(stop, self._every):
            try:
                async with self._merge.turn:
                    await finished_before(stop, self._look())
                self._merge.begin()
                self.unreadable = ""
                metrics.RULES_CURRENT.set(int(not self.refused))
            except (ConfigError, OSError) as error:  # the folder is gone or half-copied
                if str(error) != self.unreadable:
                    metrics.count_failed_reload()
                    log.error("rules.unreadable", reason=str(error))
                self.unreadable = str(error)
            except StoreError as error:
                if str(error) != self.unreadable:
                    log.error("rules.not_shared", reason=str(error))
                self.unreadable = str(error)
            except FilesChanged:
                continue  # the files are read again at the next look
            except (CompileFailed, ForeignFile) as error:
                metrics.count_failed_reload()
                log.error("rules.compile_failed", reason=str(error))
            except Exception:  # whatever the error is, the rules in force stay
                metrics.count_failed_reload()
                log.exception("rules.reload_failed")
        await self._merge.close()
        await self._agreement.leave()

    async def _look(self) -> None:
        """Judges by the set that all workers are to judge by, which may be that of these files."""
        begun = time.monotonic()
        content = await asyncio.to_thread(self._folder.read_change)
        if content is not None and self._own is not None and content.offer == self._own.offer:
            self._folder.accept(content)  # written again, as it was
            content = None
        fresh = content is not None and self._own is not None
        offer = content.offer if content else self._own.offer if self._own else ""
        for _ in range(MAX_TRIES):
            claim = await self._agreement.claim(offer, fresh=fresh)
            fresh = False
            try:
                await self._agree(content, claim, begun)
            except Overtaken:
                continue
            if content is not None:
                self._folder.accept(content)
            return
        raise CompileFailed("other workers put other rules in force all the time")

    async def _agree(self, content: FolderContent | None, claim: Claim, begun: float) -> None:
        in_force, own = claim.in_force, self._own
        if in_force is not None and own is not None:
            leads = in_force.offer == own.offer
            if leads or not claim.newest:
                self.refused = ""  # another worker has put these in force, or has newer ones
            self._agreement.say(leads=leads, refused=self.refused)
        if content is not None or own is None or self._may_offer_again(claim, own):
            await self._offer(content or await self._read(), claim, begun)
        elif in_force is None:
            log.error("rules.lost", watchlists=len(self.current.watchlists))
            offer = own.offer if self._agreement.said.standing == "in force" else ""
            await self._agreement.put(self.current, offer, EarlierSet(self.current.shared), None)
        elif in_force.set_id != self._enforced.set_id:
            await self._follow(in_force, own, begun)
        elif await self._enforced.values_changed():
            log.info("rules.values_changed")
            await self._offer(await self._read(), claim, begun)
            if self.refused:
                await self._enforced.take_up_values(begun)

    async def _read(self) -> FolderContent:
        return await asyncio.to_thread(self._folder.read)

    def _may_offer_again(self, claim: Claim, own: OwnFiles) -> bool:
        """Whether newer files are gone, or an operator wants these in force all the same."""
        in_force = claim.in_force
        if in_force is None or not claim.newest or in_force.offer == own.offer:
            return False
        return not self.refused or in_force.accepted == own.offer

    async def _offer(self, content: FolderContent, claim: Claim, begun: float) -> None:
        """Compiles these files, and puts them in force if they are the newest."""
        in_force = claim.in_force
        if in_force is None and not claim.newest and not self.ready:
            raise CompileFailed("another worker has newer rules, and is about to put them in force")
        earlier = await self._agreement.earlier(in_force, self._enforced.rules)
        find = earlier.find if in_force or self.ready else None
        compiled = await self._compiler.compile(
            content, find, self._enforced.count_words, self._enforced.rules
        )
        own = await asyncio.to_thread(OwnFiles.of, content, compiled)
        rules = await self._enforced.complete(compiled, own, earlier_terms=earlier.terms)
        log_faults(rules.faults, self._enforced.rules.faults if self._enforced.rules else ())
        refused = refusal(own.offered(rules, self._path), in_force) if claim.newest else ""
        if claim.newest and not refused:
            change = await self._agreement.put(rules, own.offer, earlier, in_force)
            await self._enforced.replace(rules, begun, change)
        elif self.ready and (refused or in_force is None):
            self._enforced.rules = replace(self.current, faults=rules.faults)
        elif in_force is not None and not await self._follow(in_force, own, begun):
            await self._enforced.replace(rules, begun, None)
        if refused and refused != self.refused:
            metrics.count_failed_reload()
            log.error("rules.refused", reason=refused)
        self._own, self.refused = own, refused
        leads = claim.newest or (in_force is not None and in_force.offer == own.offer)
        self._agreement.say(leads=leads, refused=refused, faults=len(rules.faults))
        if claim.newest:
            await self._on_faults(rules, refused)

    async def _follow(self, in_force: RulesInForce, own: OwnFiles, begun: float) -> bool:
        """Judges by the set in force, with the subscribers of this worker's own files.

        False where this worker cannot read the set and judges by no other.
        """
        before, change = self._enforced.rules, RulesChange()
        if before is not None and in_force.set_id == self._enforced.set_id:
            shared = before.shared
            compiled = CompiledRules(before.watchlists.rule_set, CompileReport())
        else:
            try:
                shared = await self._agreement.read(in_force)
            except UnreadableSet as error:
                log.error("rules.set_unreadable", reason=str(error))
                self._enforced.set_id = in_force.set_id  # until it is another
                return self.ready
            frequencies = await self._enforced.count_words()
            compiled = await self._compiler.compile_shared(
                shared, frequencies, is_reload=self.ready
            )
            if before is not None:
                change = await asyncio.to_thread(rules_change, before.shared, shared)
        whole = own.with_watchlists(compiled.rule_set, in_force, compiled.report.left_out)
        rules = await self._enforced.complete(whole, own, terms=shared.terms)
        await self._enforced.replace(rules, begun, change, followed=in_force.by)
        return True
