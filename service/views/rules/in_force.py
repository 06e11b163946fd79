"""The set of rules in force, the sets before it, and what differs between two, for people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.alerts.alert import rfc3339
from service.errors import TocsinError
from service.rules.in_force.change import rules_change
from service.rules.in_force.set_content import UnreadableSet, decode_set
from service.rules.in_force.shared_set import SharedSet
from service.rules.in_force.state import RulesInForce
from service.store.rules.rules_record import PastSet, RulesRecord, RunningWorker

MAX_DIFFERENCES = 200
"""Watchlists of which a difference shows the fields."""


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker, and what became of its rules files."""

    worker: str
    files: str
    """A digest of them: the same for the same files."""
    standing: str
    """`in force`, `follows` (others are newer), `refused`, or `new`: not yet known."""
    problem: str
    faults: int
    seen: str


@dataclass(frozen=True, slots=True)
class StatusView:
    """The set of rules in force, and the workers that judge by it."""

    set: str
    rules: str
    """The digest that alerts name."""
    files: str
    """A digest of the rules files that it comes from."""
    folder: str
    watchlists: int
    since: str | None
    by: str
    running_last_good: tuple[str, ...]
    left_out: tuple[str, ...]
    workers: tuple[WorkerView, ...]
    at: str
    """Of what time all this is, by the clock of Redis."""


@dataclass(frozen=True, slots=True)
class PastSetView:
    """A set of rules that came into force, and what it changed."""

    set: str
    rules: str
    watchlists: int
    at: str
    by: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    subscribers: tuple[str, ...]
    counts: dict[str, int]
    """How many there are of each; at most a hundred are named."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a watchlist that is otherwise now."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class WatchlistChange:
    """A watchlist that is otherwise now; without fields a list that it names is."""

    watchlist: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """What one set of rules has otherwise than another."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[WatchlistChange, ...]
    subscribers: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both sets are the same."""
        return not (self.added or self.removed or self.changed or self.subscribers)


def status_view(
    in_force: RulesInForce, workers: Iterable[RunningWorker], at: datetime
) -> StatusView:
    """The set in force with its workers; `at`: the time by the clock of Redis."""
    return StatusView(
        set=in_force.set_id,
        rules=in_force.digest,
        files=in_force.offer,
        folder=in_force.root,
        watchlists=in_force.watchlists,
        since=rfc3339(in_force.since) if in_force.since else None,
        by=in_force.by,
        running_last_good=in_force.kept,
        left_out=in_force.left_out,
        workers=tuple(
            WorkerView(
                one.name,
                one.offer,
                one.said.standing,
                one.said.problem,
                one.said.faults,
                rfc3339(one.seen),
            )
            for one in workers
        ),
        at=rfc3339(at),
    )


def past_set_view(past: PastSet) -> PastSetView:
    """One entry of the history."""
    change = past.change
    return PastSetView(
        past.set_id,
        past.digest,
        past.watchlists,
        rfc3339(past.at),
        past.by,
        change.added,
        change.removed,
        change.changed,
        change.subscribers,
        dict(past.counts),
    )


def difference_view(before: SharedSet, after: SharedSet) -> DifferenceView:
    """What `after` has otherwise than `before`."""
    change = rules_change(before, after)
    shown = [
        WatchlistChange(id_, tuple(_fields(_spec(before, id_), _spec(after, id_))))
        for id_ in change.changed[:MAX_DIFFERENCES]
    ]
    shown += [WatchlistChange(id_, ()) for id_ in change.changed[MAX_DIFFERENCES:]]
    return DifferenceView(change.added, change.removed, tuple(shown), change.subscribers)


def _spec(shared: SharedSet, id_: str) -> dict[str, Any]:
    number = shared.records.find(id_)
    if number is None:
        return {}
    found: dict[str, Any] = json.loads(shared.records.encoded(number).split(b"\n")[1])
    return found


def _fields(before: dict[str, Any], after: dict[str, Any]) -> Iterable[FieldChange]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield FieldChange(name, before.get(name), after.get(name))


async def read_set(record: RulesRecord, set_id: str, root: str) -> SharedSet:
    """A set of the history by the beginning of its id; "": the one in force.

    Raises TocsinError where Redis does not keep it.
    """
    in_force = await record.in_force()
    if in_force is None:
        raise TocsinError("no rules are in force yet; `tocsin run` puts them in force")
    found: RulesInForce | PastSet | None = in_force
    if not in_force.set_id.startswith(set_id):
        past = await record.history()
        found = next((one for one in past if one.set_id.startswith(set_id)), None)
    if found is None:
        raise TocsinError(f"there is no set {set_id}; `tocsin rules history` lists them")
    content = await record.content(found)
    if content is None:
        raise TocsinError(
            f"what the set {found.set_id} held is not kept any more: only the last few sets are"
        )
    try:
        return decode_set(content, root)
    except UnreadableSet as error:
        raise TocsinError(str(error)) from error
