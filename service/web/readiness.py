"""What `/readyz` answers: whether a process does its work, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.rules.rules import Rules

MAX_SHOWN = 100
"""Of faults and of ids: probes ask every few seconds."""


@dataclass(frozen=True, slots=True)
class StreamState:
    """One input stream as a process finds it."""

    name: str
    unread: int | None = None
    """Entries that are not read yet; None where Redis does not say."""
    pending: int | None = None
    """Entries that some process has read and not finished; None where Redis does not say."""
    vanished: int = 0
    """Entries that were trimmed or deleted before they were read or finished."""
    error: str = ""
    """Why Redis does not say how much is unread and pending."""
    not_read: str = ""
    """Why this process does not read the stream although it should."""
    writable: bool = True
    """Whether decisions about its entries can be written."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What an engineer who is called at night wants to know first; `ready` is the sum of it."""

    ready: bool
    problems: tuple[str, ...] = ()
    """Why it is not ready, one sentence each."""
    watchlists: int = 0
    rules: str = ""
    """The digest of the rules in force."""
    faults: tuple[str, ...] = ()
    """Mistakes in rules files. The service runs without the watchlists that have them."""
    running_last_good: tuple[str, ...] = ()
    """Ids of faulty watchlists whose last good version runs."""
    unread: dict[str, int | None] = field(default_factory=dict)
    """Entries that are not read yet, by stream; null where Redis cannot say."""
    pending: dict[str, int] = field(default_factory=dict)
    """Entries that some process has read and not finished, by stream."""
    store_risks: tuple[str, ...] = ()
    """Settings by which Redis may lose what it has accepted."""
    vanished: dict[str, int] = field(default_factory=dict)
    """Entries that were trimmed or deleted before they were read or finished, by stream."""


def readiness(
    rules: Rules | None,
    streams: Sequence[StreamState],
    *,
    unreadable: str = "",
    store_risks: Sequence[str] = (),
) -> Readiness:
    """Sum up the rules in force, None where there are none yet, and the state of each stream.

    `unreadable` says why the rules files cannot be read at present; older rules are in force then,
    so the process is ready all the same. `store_risks` are settings by which Redis may lose data.
    """
    if rules is None:
        return Readiness(ready=False, problems=("the rules are being compiled",))
    problems = [
        *(f"stream {one.name} is not read: {one.not_read}" for one in streams if one.not_read),
        *(
            f"stream {one.name}: decisions cannot be written to Redis"
            for one in streams
            if not one.writable
        ),
        *(f"stream {one.name}: {one.error}" for one in streams if one.error),
    ]
    faults = [f"{fault.file}:{fault.line}: {fault.message}" for fault in rules.faults]
    if unreadable:
        faults.insert(0, unreadable)
    return Readiness(
        ready=not problems,
        problems=tuple(problems),
        watchlists=len(rules.watchlists),
        rules=rules.digest,
        faults=_first(faults),
        running_last_good=_first(rules.kept),
        unread={one.name: one.unread for one in streams if not one.error},
        vanished={one.name: one.vanished for one in streams if one.vanished},
        pending={one.name: one.pending for one in streams if one.pending is not None},
        store_risks=tuple(store_risks),
    )


def _first(texts: Sequence[str]) -> tuple[str, ...]:
    """The first of them, and how many more there are."""
    more = len(texts) - MAX_SHOWN
    return (*texts[:MAX_SHOWN], *([f"and {more:,} more"] if more > 0 else []))
