"""What `/readyz` answers: whether a process does its work, and if not, why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.rules.rules import Rules
from service.store.lanes.state import LanesSummary

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
    lost_deliveries: int = 0
    """Deliveries that could not be sent because their record was gone from Redis."""
    losses: tuple[str, ...] = ()
    """What else was lost since this process runs, a sentence each."""
    lanes: LanesSummary | None = None
    """What waits to be delivered; None where Redis does not say."""
    error: str = ""
    """Why Redis does not say how much is unread and pending."""
    not_read: str = ""
    """Why this process does not read the stream although it should."""
    writable: bool = True
    """Whether decisions about its entries can be written."""


@dataclass(frozen=True, slots=True)
class WaitingDeliveries:
    """What waits to be delivered from one stream."""

    waiting: int
    oldest_seconds: int | None
    """Since the oldest of them was made; null: none waits."""
    open_lanes: tuple[str, ...]
    """Subscribers whose circuit is open, the one first that has failed for longest."""
    oldest_open_seconds: int | None
    """Since the first of these began to fail; null: none is open."""


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
    deliveries: dict[str, WaitingDeliveries] = field(default_factory=dict)
    """What waits to be delivered, by stream."""
    lost: tuple[str, ...] = ()
    """What Redis has lost, a sentence each: no restart brings it back."""


def readiness(
    rules: Rules | None,
    streams: Sequence[StreamState],
    *,
    unreadable: str = "",
    refused: str = "",
    store_risks: Sequence[str] = (),
) -> Readiness:
    """Sum up the rules in force, None where there are none yet, and the state of each stream.

    `unreadable` says why the rules files cannot be read at present; older rules are in force then,
    so the process is ready all the same. `refused` says why this process's files are not put in
    force. `store_risks` are settings by which Redis may lose data.
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
        *_rules_problems(rules, refused),
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
        deliveries={one.name: _waiting(one.lanes) for one in streams if one.lanes},
        lost=tuple(said for one in streams for said in _losses(one)),
    )


def _losses(one: StreamState) -> Iterator[str]:
    """What was lost of a stream, a sentence each."""
    for loss in one.losses:
        yield f"stream {one.name}: {loss}"
    if one.lost_deliveries:
        count = one.lost_deliveries
        deliveries = "1 delivery is" if count == 1 else f"{count:,} deliveries are"
        yield (
            f"stream {one.name}: {deliveries} lost: deleted or evicted from Redis before they were "
            "sent"
        )


def _rules_problems(rules: Rules, refused: str) -> Iterator[str]:
    """What makes articles be judged by less than the rules files say."""
    if refused:
        yield refused
    if rules.left_out:
        yield (
            f"not in force, since no good version is known: {', '.join(_first(rules.left_out))}; "
            "`faults` say what to correct"
        )
    if not rules.subscribers and (rules.terms or rules.faulty_subscribers):
        why = "`faults` say why" if rules.faults else "the rules files name none"
        yield f"no subscriber can be reached: {why}"


def _waiting(lanes: LanesSummary) -> WaitingDeliveries:
    def seconds(since: datetime | None) -> int | None:
        return None if since is None else max(0, round((lanes.at - since).total_seconds()))

    return WaitingDeliveries(
        lanes.waiting,
        seconds(lanes.oldest),
        _first([name for name, _ in lanes.open]),
        seconds(lanes.open[0][1]) if lanes.open else None,
    )


def _first(texts: Sequence[str]) -> tuple[str, ...]:
    """The first of them, and how many more there are."""
    more = len(texts) - MAX_SHOWN
    return (*texts[:MAX_SHOWN], *([f"and {more:,} more"] if more > 0 else []))
