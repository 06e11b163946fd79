"""How one worker takes part in the agreement of all on one set of rules."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import structlog

from service.errors import StoreError
from service.rules.compilation.rule_set import EarlierWatchlists
from service.rules.in_force.change import rules_change
from service.rules.in_force.set_content import SetEncoder, UnreadableSet, decode_set
from service.rules.in_force.shared_set import SharedSet
from service.rules.in_force.state import (
    MAX_NAMES,
    Claim,
    RulesChange,
    RulesInForce,
    SetContent,
    SharedRules,
    Standing,
    WorkerRules,
)
from service.rules.rules import Rules
from service.rules.subscribers.terms import Terms

log = structlog.get_logger(__name__)


class Overtaken(Exception):
    """Another worker has put a set in force meanwhile."""


@dataclass(frozen=True)
class EarlierSet:
    """The set that is in force, or was: not decoded until somebody asks for what it holds."""

    known: SharedSet | None = None
    content: SetContent | None = None
    root: str = ""

    @property
    def is_there(self) -> bool:
        """Whether it was found."""
        return self.known is not None or self.content is not None

    @cached_property
    def shared(self) -> SharedSet:
        """The set; an empty one where it cannot be read."""
        if self.known is not None:
            return self.known
        try:
            return decode_set(self.content, self.root) if self.content else SharedSet.empty()
        except UnreadableSet as error:
            log.error("rules.set_unreadable", reason=str(error))
            return SharedSet.empty()

    def find(self, id_hashes: npt.NDArray[np.uint64], files: frozenset[str]) -> EarlierWatchlists:
        """Its watchlists that may have to stay (see `rule_set.FindEarlier`)."""
        return self.shared.find_earlier(id_hashes, files)

    def terms(self) -> dict[str, Terms]:
        """What its subscribers want."""
        return dict(self.shared.terms)


class Agreement:
    """The set in force, as one worker sees and changes it. Its methods raise StoreError."""

    def __init__(self, shared: SharedRules, worker: str, root: str, said: WorkerRules) -> None:
        """`worker`: its name; `root`: the path of its rules files."""
        self._shared = shared
        self._worker = worker
        self._root = root
        self._encoder = SetEncoder(root)
        self.said = said
        """What others see of this worker's rules files."""

    def say(self, *, leads: bool, refused: str, faults: int | None = None) -> None:
        """Have others see this of the worker's files from the next claim on.

        `leads`: they are in force; `refused`: why they are not; `faults`: None: as many as before.
        """
        standing: Standing = "refused" if refused else "in force" if leads else "follows"
        known = self.said.faults if faults is None else faults
        self.said = replace(self.said, standing=standing, problem=refused, faults=known)

    async def claim(self, offer: str, *, fresh: bool) -> Claim:
        """Which set is in force, and whether this worker's files are the newest."""
        return await self._shared.claim(self._worker, offer, self.said, fresh=fresh)

    async def earlier(self, in_force: RulesInForce | None, current: Rules | None) -> EarlierSet:
        """The set in force; where Redis does not have it, what this process judges by."""
        known = current.shared if current else None
        if in_force is None or (known is not None and in_force.set_id == known.id):
            return EarlierSet(known)
        content = await self._shared.content(in_force)
        if content is None:
            log.error("rules.set_lost", set=in_force.set_id, watchlists=in_force.watchlists)
            return EarlierSet(known)
        return EarlierSet(None, content, self._root)

    async def read(self, in_force: RulesInForce) -> SharedSet:
        """The set in force. Raises UnreadableSet where it is gone or cannot be read."""
        content = await self._shared.content(in_force)
        if content is None:
            raise UnreadableSet(f"the set {in_force.set_id} is gone from Redis")
        return await asyncio.to_thread(decode_set, content, self._root)

    async def put(
        self, rules: Rules, offer: str, before: EarlierSet, in_force: RulesInForce | None
    ) -> RulesChange:
        """Put a set in force, and say what it changes. Raises Overtaken.

        The first worker that has new files puts them in force; for the others nothing is left to
        do, unless Redis has lost what the set holds.
        """
        shared = rules.shared
        same = in_force and (in_force.set_id, in_force.offer) == (shared.id, offer)
        if same and before.is_there:
            return RulesChange()
        change = RulesChange()
        if in_force is None or in_force.set_id != shared.id:
            change = await asyncio.to_thread(lambda: rules_change(before.shared, shared))
        content = await asyncio.to_thread(self._encoder.encode, shared)
        proposal = RulesInForce(
            set_id=shared.id,
            content=content.key,
            offer=offer,
            digest=shared.digest,
            watchlists=len(rules.watchlists),
            subscribers=len(rules.subscribers) + len(rules.disabled_subscribers),
            root=self._root,
            by=self._worker,
            kept=rules.kept[:MAX_NAMES],
            left_out=rules.left_out[:MAX_NAMES],
        )
        replaces, told = (in_force.version, change) if in_force else (0, change)
        if in_force is None and before.is_there:  # Redis was emptied, and its history with it
            told = await asyncio.to_thread(lambda: rules_change(None, shared))
        if not await self._shared.put(proposal, content, told, replaces=replaces):
            raise Overtaken
        return change

    async def prepare_next(self, rules: Rules) -> None:
        """Read now what the next set is likely to have in common with this one."""
        await asyncio.to_thread(self._encoder.learn, rules.shared.records)

    async def leave(self) -> None:
        """Say that this worker ends. Raises nothing: the others notice within a minute."""
        try:
            await self._shared.leave(self._worker)
        except StoreError as error:
            log.warning("rules.worker_not_removed", reason=str(error))
