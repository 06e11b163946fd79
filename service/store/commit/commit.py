"""Commits a batch of decided entries: one script writes all of it and acknowledges the entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import orjson

from service.alerts.alert import rfc3339
from service.alerts.decision import Outcome
from service.alerts.stories.story import StoryNote
from service.errors import BadEntryKind
from service.store.client import Argument, Store, span_milliseconds
from service.store.commit.event_plan import ScriptTexts
from service.store.commit.guards import guard_table, last_uses
from service.store.commit.plan import AlertPlan, article_writes
from service.store.dead_letters.dead_letters import pack_fields
from service.store.keys import BELL, BUNDLES, DEAD_LETTERS, DECIDED, DELIVERIES, LANES, PROGRESS
from service.store.stories.version import Guard, JudgedVersion, place_of

STEP_ENTRIES = 1_000
STEP_ALERTS = 200
STEP_BYTES = 16 * 2**20
"""What one script call takes at most: it holds up the server for less than 25 ms."""
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
    kind: BadEntryKind = "format"


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
    refused_as: BadEntryKind = "partial"
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
    decided: Decided | None
    size: int
    plans: Sequence[AlertPlan] = ()

    @property
    def alerts(self) -> int:
        """How many alerts it changes."""
        return len(self.plans)


class Commits:
    """Writes the batches of one stream. Raises StoreError, and redis-py's own errors.

    `keep_alerts`: how long an event outlives its last delivery; `story_window`: a story.
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
        """The batch in as few steps as the limits allow; an entry is never divided.

        Entries that rest on what others of the batch change are in one step with these, whatever
        its size: once that is written, their own readings hold no more.
        """
        rests_on = last_uses([each.version.guards if each.version else () for each in decided])
        step: list[_PlannedEntry] = []
        texts = size = alerts = bound = 0
        planned: Iterable[Decided | DeadLetter] = (*decided, *dead)
        for number, entry in enumerate(planned):
            one = self._planned(entry, timestamp, _FIRST_TEXT + texts)
            full = size + one.size > STEP_BYTES or alerts + one.alerts > STEP_ALERTS
            if step and bound < number and (full or len(step) == STEP_ENTRIES):
                yield step
                step, texts, size, alerts = [], 0, 0, 0
                one = self._planned(entry, timestamp, _FIRST_TEXT)
            step.append(one)
            texts, size, alerts = texts + len(one.texts), size + one.size, alerts + one.alerts
            if one.alerts and isinstance(entry, Decided) and entry.version:
                bound = max([bound, *(rests_on[guard.name] for guard in entry.version.guards)])
        if step:
            yield step

    async def _commit_step(self, step: Sequence[_PlannedEntry], timestamp: str) -> Committed:
        reads = self._reads(step)
        names = {name for one in step for plan in one.plans for name in plan.subscribers}
        plan = {
            "at": timestamp,
            "keep": self._keep,
            "reads": reads,
            "subscribers": sorted(names),
            "entries": [each.table for each in step],
        }
        args: list[Argument] = [
            orjson.dumps(plan),
            *(one for each in step for one in each.texts),
        ]
        keys = chain.from_iterable(reads.values())
        done, stale, deliveries, letters = await self._store.run("commit/commit", args, keys)
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
        for one in step:
            text = one.decided and one.decided.version and one.decided.version.text
            found["HLEN"] += [text.key] if text and one.plans else []
            for plan in one.plans:
                for command, keys in plan.reads().items():
                    found[command] += keys
        return {command: list(dict.fromkeys(keys)) for command, keys in found.items()}

    def _planned(
        self, entry: Decided | DeadLetter, timestamp: str, first_text: int
    ) -> _PlannedEntry:
        texts = ScriptTexts(first_text)
        table: dict[str, Any] = {"id": entry.entry_id.decode()}
        table |= {"guards": [], "changes": [], "writes": [], "finished": []}
        if isinstance(entry, DeadLetter):
            return self._planned_letter(entry, table, texts)
        plans = [
            AlertPlan(self._store, outcome)
            for outcome in entry.outcomes
            if outcome.after != outcome.before or outcome.event is not None
        ]
        table["changes"] = [plan.table(timestamp, texts) for plan in plans]
        table["writes"] = article_writes(plans, self._keep, self._story_window)
        table["finished"] = [one for plan in plans for one in plan.finished()]
        if plans:
            draft = entry.outcomes[0].draft
            table |= {"about": draft.article.id, "revision": draft.revision}
            stream = self._store.stream
            table["writes"] += [["XADD", stream, "*", *each] for each in entry.again]
        if entry.version and entry.version.text and any(plan.is_recorded for plan in plans):
            table["writes"] += entry.version.text.writes(table["id"], self._keep)
        if entry.version:
            table["article"] = entry.version.article.digest
            table["place"] = f"{place_of(table['id']):.17g}"
            guards = (*entry.version.guards, *entry.unsent_guards)
            table["guards"] = [*map(guard_table, guards)]
        return _PlannedEntry(table, texts.texts, entry, texts.size, plans)

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
        return _PlannedEntry(table, texts.texts, None, texts.size)
