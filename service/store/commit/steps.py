"""A batch in steps: what one call of the script takes, so that it holds the server for a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from service.store.commit.guards import last_uses
from service.store.commit.plan import AlertPlan
from service.store.keys import (
    ALERTS,
    BELL,
    BUNDLES,
    DEAD_LETTERS,
    DECIDED,
    DELIVERIES,
    LANES,
    PORTIONED,
    PROGRESS,
)
from service.store.stories.version import Guard

STEP_ENTRIES = 1_000
STEP_COMMANDS = 400
STEP_GUARDS = 500
STEP_BYTES = 16 * 2**20
"""What one script call takes at most: it holds up the server for less than 25 ms."""
FIRST_TEXT = 3
"""The number of the first text among the script's arguments: behind the prefix and the plan."""


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """An entry, or a part of one, as the script reads it."""

    table: dict[str, Any]
    texts: list[bytes]
    size: int
    plans: Sequence[AlertPlan] = ()
    hashes: tuple[str, ...] = ()
    """Keys that it writes beside those of its alerts."""

    @property
    def commands(self) -> int:
        """About how many commands its alerts take."""
        return sum(plan.commands for plan in self.plans)

    @property
    def id(self) -> bytes:
        """That of the entry."""
        return str(self.table["id"]).encode()


def empty_table(entry_id: bytes) -> dict[str, Any]:
    """An entry as the script reads it, of which nothing is written yet."""
    return {"id": entry_id.decode(), "guards": [], "events": [], "writes": [], "finished": []}


Planner = Callable[[int, int, bool], Iterator[PlannedEntry]]
"""Plans the entry with a number, its texts numbered from another; in parts if it may be divided.

A part is planned when it is asked for: the event loop goes on between two of them.
"""


def steps(
    count: int, plan: Planner, guards: Sequence[Sequence[Guard]]
) -> Iterator[list[PlannedEntry]]:
    """So many entries in as few steps as the limits allow; a part of an entry is a step.

    Entries that rest on what others of the batch change are in one step with these, whatever its
    size: once that is written, their own readings hold no more. `guards` are those of the first
    entries; the others have none.
    """
    rests_on = last_uses(guards)
    step: list[PlannedEntry] = []
    texts = size = commands = 0
    bound = -1
    for number in range(count):
        planned = plan(number, FIRST_TEXT + texts, bound < number)
        one = next(planned)
        full = size + one.size > STEP_BYTES or commands + one.commands > STEP_COMMANDS
        if step and bound < number and (full or len(step) == STEP_ENTRIES):
            yield step
            step, texts, size, commands = [], 0, 0, 0
            planned = plan(number, FIRST_TEXT, bound < number)
            one = next(planned)
        if one.table.get("continues"):
            yield [one]
            yield from ([part] for part in planned)
            continue
        step.append(one)
        texts, size = texts + len(one.texts), size + one.size
        commands += one.commands
        if one.plans and number < len(guards):
            bound = max([bound, *(rests_on[guard.name] for guard in guards[number])])
    if step:
        yield step


def step_reads(key: Callable[..., str], step: Sequence[PlannedEntry]) -> dict[str, list[str]]:
    """Every key that the script writes, by the command that reads it; `key` builds keys."""
    found = {
        "XLEN": [key(DEAD_LETTERS)],
        "LLEN": [key(BELL)],
        "ZCARD": [key(each) for each in (LANES, BUNDLES, DECIDED, ALERTS, PORTIONED)]
        + [key(DELIVERIES, "pending")],
        "HLEN": [key(PROGRESS)],
    }
    for one in step:
        found["HLEN"] += one.hashes
        for plan in one.plans:
            for command, keys in plan.reads().items():
                found[command] += keys
    return {command: list(dict.fromkeys(keys)) for command, keys in found.items()}
