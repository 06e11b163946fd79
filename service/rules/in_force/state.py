"""Which set of rules is in force, as all workers see it, and where they see it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

MAX_NAMES = 100
"""Most ids of watchlists that are kept and logged of one kind."""


@dataclass(frozen=True, slots=True)
class RulesChange:
    """The ids of watchlists that another set has in addition, no longer, or otherwise; sorted."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Also those that name a list that has changed."""
    subscribers: tuple[str, ...] = ()
    """Those that came, went, or want something else."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.subscribers)


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The set of rules that is in force for all workers."""

    set_id: str
    content: str
    """The name under which what it holds is kept."""
    offer: str
    """The digest of the rules files that it comes from."""
    digest: str
    """Of its watchlists, as alerts name it."""
    watchlists: int
    subscribers: int
    """How many of its subscribers could be used when it came into force."""
    root: str
    """The path of its rules files."""
    by: str
    """The worker that put it in force."""
    kept: tuple[str, ...] = ()
    """Ids of faulty watchlists whose last good version it has, at most `MAX_NAMES`."""
    left_out: tuple[str, ...] = ()
    """Ids of faulty watchlists that it does not have, at most `MAX_NAMES`."""
    since: datetime | None = None
    """When it came into force; None: it is not yet in force."""
    version: int = 0
    """Counts what was put in force; 0: it is not yet in force."""
    accepted: str = ""
    """The digest of rules files that an operator wants in force, whatever they lose."""


class SetContent(NamedTuple):
    """What a set holds."""

    head: bytes
    pieces: tuple[str, ...]
    """Their names, in order."""
    piece: Callable[[str], bytes]
    """Gives the piece of a name; raises KeyError."""

    @property
    def key(self) -> str:
        """The name under which Redis keeps it."""
        said = b" ".join((self.head, *map(str.encode, self.pieces)))
        return hashlib.blake2b(said, digest_size=16).hexdigest()


Standing = Literal["new", "in force", "follows", "refused"]


@dataclass(frozen=True, slots=True)
class WorkerRules:
    """What a worker says of its rules files."""

    standing: Standing = "new"
    """Whether they are in force, others are newer, or they were refused; `new`: not yet known."""
    problem: str = ""
    """Why they were refused."""
    faults: int = 0
    looks_every: float = 2.0
    """Seconds between two times at which it says so."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker is told when it says which rules files it has."""

    in_force: RulesInForce | None
    """None: Redis knows of none."""
    newest: bool
    """Whether no running worker has newer files."""


class SharedRules(Protocol):
    """Where workers agree on the set that is in force: the store.

    Its methods raise StoreError where Redis does not do it.
    """

    async def claim(self, worker: str, offer: str, said: WorkerRules, *, fresh: bool) -> Claim:
        """Say which files the worker has; `fresh`: it has just got them, while it ran."""

    async def content(self, rules: RulesInForce) -> SetContent | None:
        """What a set holds; None: it is gone."""

    async def put(
        self, rules: RulesInForce, content: SetContent, change: RulesChange, *, replaces: int
    ) -> bool:
        """Put a set in force in place of the one with that version; False: it is another now."""

    async def leave(self, worker: str) -> None:
        """The worker ends: its files do not count any more."""
