"""Commits a batch of decided entries: one script writes all of it and acknowledges the entries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.alerts.alert import rfc3339
from service.alerts.decision import Outcome
from service.alerts.stories.story import StoryNote
from service.store.client import Argument, Store, span_milliseconds
from service.store.commit.plan import AlertPlan, ScriptTexts
from service.store.dead_letters.dead_letters import pack_fields
from service.store.keys import BELL, BUNDLES, DEAD_LETTERS, DECIDED, DELIVERIES, LANES, PROGRESS
from service.store.stories.version import Guard, JudgedVersion, place_of

STEP_ENTRIES = 1_000
STEP_BYTES = 16 * 2**20
"""What one script call takes at most, so that it never holds up the server for long."""
_FIRST_TEXT = 3
"""The number of the first text among the script's arguments: behind the prefix and the plan."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An entry that cannot become an article, or keeps failing its reader."""

    entry_id: bytes
    fields: Mapping[bytes, bytes]
    reason: str
    deliveries: int = 1
    """How many times it was given to a reader."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An entry that was judged; most make no alert."""

    entry_id: bytes
    outcomes: tuple[Outcome, ...] = ()
    version: JudgedVersion | None = None
    """What the outcomes rest on; None: the entry is committed in any case."""
    refused: str = ""
    """Why it corrects nothing although its article was alerted before; such an entry is a dead
    letter."""
    note: StoryNote | None = None
    """How the article came to its story; None where no other was worded like it."""
    again: tuple[tuple[str, ...], ...] = ()
    """Entries that are written to the stream once more, each as names and values in turn."""
    unsent_guards: tuple[Guard, ...] = ()
    """By what the script sees that the deliveries which the outcomes cancel still wait."""
    superseded: bool = False
    """Whether the entry comes to nothing because a newer one of its article was decided before."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did."""

    done: tuple[Decided, ...] = ()
    """Entries that are written and acknowledged."""
    stale: frozenset[bytes] = frozenset()
    """Ids of entries that are to be decided again: their history has changed."""
    deliveries: int = 0
    """New ones."""
    dead: int = 0
    """Dead letters."""
    others: int = 0
    """Entries that another worker had finished: nothing was done for them."""

    def __add__(self, more: Committed) -> Committed:
        return Committed(
            self.done + more.done,
            self.stale | more.stale,
            self.deliveries + more.deliveries,
            self.dead + more.dead,
            self.others + more.others,
        )


@dataclass(frozen=True, slots=True)
class _PlannedEntry:
    """An entry as the script reads it."""

    table: dict[str, Any]
    texts: list[bytes]
    reads: Mapping[str, Sequence[str]]
    subscribers: frozenset[str]
    decided: Decided | None
    size: int


class Commits:
    """Writes the batches of one stream. Raises StoreError, and redis-py's own errors.

    `keep_alerts` is how long an event is kept after its last delivery, `story_window` how long a
    story lives.
    """

    def __init__(self, store: Store, keep_alerts: timedelta, story_window: timedelta) -> None:
        self._store = store
        self._keep = span_milliseconds(keep_alerts)
        self._story_window = span_milliseconds(story_window)

    async def commit(
        self, decided: Sequence[Decided], dead: Sequence[DeadLetter] = (), *, at: datetime
    ) -> Committed:
        """Write alerts, deliveries and dead letters, then acknowledge: each entry wholly or not.

        When it raises, what is not acknowledged stays pending, and the same call may be made
        again: it completes the work and doubles nothing. A batch beyond STEP_BYTES takes
        several steps, each of whole entries. What is `stale` of it stays pending, to be decided
        again: another reader has committed alerts of the same article since its history was read.
        """
        timestamp = rfc3339(at)
        total = Committed()
        for step in self._steps(decided, dead, timestamp):
            total += await self._commit_step(step, timestamp)
        return total

    def _steps(
        self, decided: Sequence[Decided], dead: Sequence[DeadLetter], timestamp: str
    ) -> Iterator[list[_PlannedEntry]]:
        """The batch in as few steps as the limits allow; an entry is never divided."""
        step: list[_PlannedEntry] = []
        texts = 0
        planned: Iterable[Decided | DeadLetter] = (*decided, *dead)
        for entry in planned:
            one = self._planned(entry, timestamp, _FIRST_TEXT + texts)
            full = sum(each.size for each in step) + one.size > STEP_BYTES
            if step and (full or len(step) == STEP_ENTRIES):
                yield step
                step, texts = [], 0
                one = self._planned(entry, timestamp, _FIRST_TEXT)
            step.append(one)
            texts += len(one.texts)
        if step:
            yield step

    async def _commit_step(self, step: Sequence[_PlannedEntry], timestamp: str) -> Committed:
        reads = self._reads(step)
        plan = {
            "at": timestamp,
            "keep": self._keep,
            "reads": reads,
            "subscribers": sorted({name for each in step for name in each.subscribers}),
            "entries": [each.table for each in step],
        }
        text = json.dumps(plan, ensure_ascii=False, separators=(",", ":"))
        args: list[Argument] = [text, *(one for each in step for one in each.texts)]
        records = [key for keys in reads.values() for key in keys]
        done, stale, deliveries, letters = await self._store.run("commit/commit", args, records)
        finished = set(done)
        return Committed(
            done=tuple(
                each.decided for each in step if each.decided and each.decided.entry_id in finished
            ),
            stale=frozenset(stale),
            deliveries=deliveries,
            dead=letters,
            others=len(step) - len(done) - len(stale),
        )

    def _reads(self, step: Sequence[_PlannedEntry]) -> dict[str, list[str]]:
        """Every key that the script writes, by the command that reads it."""
        key = self._store.key
        found = {
            "XLEN": [key(DEAD_LETTERS)],
            "LLEN": [key(BELL)],
            "ZCARD": [key(LANES), key(DELIVERIES, "pending"), key(BUNDLES), key(DECIDED)],
            "HLEN": [key(PROGRESS)],
        }
        for each in step:
            for command, keys in each.reads.items():
                found[command] += keys
        return {command: list(dict.fromkeys(keys)) for command, keys in found.items()}

    def _planned(
        self, entry: Decided | DeadLetter, timestamp: str, first_text: int
    ) -> _PlannedEntry:
        texts = ScriptTexts(first_text)
        table: dict[str, Any] = {"id": entry.entry_id.decode(), "guards": [], "changes": []}
        if isinstance(entry, DeadLetter):
            return self._planned_letter(entry, table, texts)
        reads: dict[str, list[str]] = {"HLEN": [], "ZCARD": []}
        subscribers: set[str] = set()
        for outcome in entry.outcomes:
            if outcome.after == outcome.before and outcome.event is None:
                continue
            plan = AlertPlan(self._store, outcome, self._keep, self._story_window)
            table["changes"].append(plan.table(timestamp, texts))
            subscribers.update(outcome.event.subscribers if outcome.event else ())
            for command, keys in plan.reads().items():
                reads[command] += keys
        records = any(
            one.after.sent and one.after.sent != one.before.sent for one in entry.outcomes
        )
        if entry.version and entry.version.text and records and table["changes"]:
            text = entry.version.text
            table["changes"][-1]["writes"] += text.writes(table["id"], self._keep)
            reads["HLEN"].append(text.key)
        if table["changes"]:
            stream = self._store.stream
            table["changes"][-1]["writes"] += [["XADD", stream, "*", *each] for each in entry.again]
        if entry.version:
            table["article"] = entry.version.article.digest
            table["place"] = f"{place_of(table['id']):.17g}"
            guards = (*entry.version.guards, *entry.unsent_guards)
            table["guards"] = [_guard_table(each) for each in guards]
        return _PlannedEntry(table, texts.texts, reads, frozenset(subscribers), entry, texts.size)

    def _planned_letter(
        self, letter: DeadLetter, table: dict[str, Any], texts: ScriptTexts
    ) -> _PlannedEntry:
        fields = pack_fields(letter.fields)
        numbers = [texts.add(part) for pair in fields.items() for part in pair]
        table["letter"] = {
            "reason": letter.reason,
            "deliveries": letter.deliveries,
            "first": numbers[0] if numbers else 1,
            "last": numbers[-1] if numbers else 0,
        }
        return _PlannedEntry(table, texts.texts, {}, frozenset(), None, texts.size)


def _guard_table(guard: Guard) -> dict[str, Any]:
    return {"name": guard.name, "read": guard.read, "found": guard.found}
