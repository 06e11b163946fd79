"""Commits a batch of decided entries: one script writes all of it and acknowledges the entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import orjson

from service.alerts.alert import rfc3339
from service.alerts.decision import Outcome
from service.alerts.stories.story import StoryNote
from service.errors import BadEntryKind
from service.store.client import Argument, Store, span_milliseconds
from service.store.commit.article_plan import article_writes
from service.store.commit.commands import MOST_ARGUMENTS
from service.store.commit.division import Part, parts
from service.store.commit.event_plan import ScriptTexts
from service.store.commit.guards import guard_table
from service.store.commit.plan import AlertPlan
from service.store.commit.portions import Portions
from service.store.commit.steps import (
    FIRST_TEXT,
    STEP_COMMANDS,
    STEP_GUARDS,
    PlannedEntry,
    empty_table,
    step_reads,
    steps,
)
from service.store.dead_letters.dead_letters import pack_fields
from service.store.stories.version import Guard, JudgedVersion, place_of
from service.telemetry.trace_context import TraceContext


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
    """Why it corrects nothing that was alerted before; such an entry is a dead letter."""
    refused_as: BadEntryKind = "partial"
    note: StoryNote | None = None
    """How the article came to its story; None where no other was worded like it."""
    again: tuple[tuple[str, ...], ...] = ()
    """Entries that are written to the stream once more, each as names and values in turn."""
    trimmed_copies: int = 0
    """Copies that cannot be written again: their entries are no longer in the stream."""
    further_guards: tuple[Guard, ...] = ()
    """By what the script sees that what the outcomes bring about is still right."""
    superseded: bool = False
    """Whether the entry comes to nothing because a newer one of its article was decided before."""
    trace: TraceContext | None = None
    """That of the entry: its events are kept with it."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did."""

    done: tuple[Decided, ...] = ()
    """Entries that are written and acknowledged."""
    stale: frozenset[bytes] = frozenset()
    """Ids of entries that are to be decided again: their history has changed."""
    deliveries: int = 0
    """New ones."""
    dead: frozenset[bytes] = frozenset()
    """Ids of entries that are dead letters now."""
    others: int = 0
    """Entries that another worker had finished: nothing was done for them."""

    def __add__(self, more: Committed) -> Committed:
        return Committed(
            self.done + more.done,
            self.stale | more.stale,
            self.deliveries + more.deliveries,
            self.dead | more.dead,
            self.others + more.others,
        )


class Commits:
    """Writes the batches of one stream. Raises StoreError, and redis-py's own errors.

    `keep_alerts`: how long an event outlives its last delivery; `story_window`: a story.
    """

    def __init__(
        self, store: Store, portions: Portions, keep_alerts: timedelta, story_window: timedelta
    ) -> None:
        self._store = store
        self._portions = portions
        self._keep = span_milliseconds(keep_alerts)
        self._story_window = span_milliseconds(story_window)

    async def commit(
        self, decided: Sequence[Decided], dead: Sequence[DeadLetter] = (), *, at: datetime
    ) -> Committed:
        """Write alerts, deliveries and dead letters, then acknowledge: each entry wholly or not.

        When it raises, what is not acknowledged stays pending, and the same call may be made
        again: it completes the work and doubles nothing. A batch beyond the limits takes several
        steps; only the last one of an entry acknowledges it. The deliveries of an event for very
        many are kept with it, and written next. What is `stale` of it stays pending, to be decided
        again: another reader has committed alerts of the same article since its history was read.
        """
        timestamp = rfc3339(at)
        entries: Sequence[Decided | DeadLetter] = (*decided, *dead)

        def plan(number: int, first_text: int, divide: bool) -> Iterator[PlannedEntry]:
            return self._planned(entries[number], timestamp, first_text, divide=divide)

        by_id = {entry.entry_id: entry for entry in decided}
        total = Committed()
        guards = [entry.version.guards if entry.version else () for entry in decided]
        for step in steps(len(entries), plan, guards):
            if step[0].id not in total.stale:  # else it is a part of such an entry
                total += await self._commit_step(step, by_id, timestamp)
        return total

    async def _commit_step(
        self, step: Sequence[PlannedEntry], decided: Mapping[bytes, Decided], timestamp: str
    ) -> Committed:
        reads = step_reads(self._store.key, step)
        events = [key for one in step for plan in one.plans for key in plan.event_keys()]
        names = {name for one in step for plan in one.plans for name in plan.subscribers}
        plan = {
            "at": timestamp,
            "keep": self._keep,
            "reads": reads,
            "events": [
                events[start : start + MOST_ARGUMENTS]
                for start in range(0, len(events), MOST_ARGUMENTS)
            ],
            "subscribers": sorted(names),
            "entries": [each.table for each in step],
        }
        args: list[Argument] = [orjson.dumps(plan), *(one for each in step for one in each.texts)]
        keys = chain(*reads.values(), events)
        done, stale, deliveries = await self._store.run("commit/commit", args, keys)
        if any(plan.portions for one in step for plan in one.plans):
            await self._portions.write_all()
        finished = {*done}
        letters = {one.id for one in step if "letter" in one.table}
        return Committed(
            done=tuple(
                decided[one.id] for one in step if one.id in finished and one.id not in letters
            ),
            stale=frozenset(stale),
            deliveries=deliveries,
            dead=frozenset(finished & letters),
            others=0 if step[0].table.get("continues") else len(step) - len(done) - len(stale),
        )

    def _planned(
        self, entry: Decided | DeadLetter, timestamp: str, first_text: int, *, divide: bool
    ) -> Iterator[PlannedEntry]:
        """An entry, in several parts where it is divided: each of them is a step of its own."""
        if isinstance(entry, DeadLetter):
            yield self._planned_letter(entry, ScriptTexts(first_text))
            return
        plans = [
            AlertPlan(self._store, outcome)
            for outcome in entry.outcomes
            if outcome.after != outcome.before or outcome.event is not None
        ]
        guards = (*(entry.version.guards if entry.version else ()), *entry.further_guards)
        whole = sum(each.commands for each in plans), len(guards)
        for part in parts(plans, guards, *((STEP_COMMANDS, STEP_GUARDS) if divide else whole)):
            first_text = first_text if part.is_last else FIRST_TEXT  # a part is a step
            yield self._planned_part(entry, part, timestamp, ScriptTexts(first_text))

    def _planned_part(
        self, entry: Decided, part: Part, timestamp: str, texts: ScriptTexts
    ) -> PlannedEntry:
        plans = part.plans
        table = empty_table(entry.entry_id) | {
            "continues": not part.is_last,
            "guards": [*map(guard_table, part.guards)],
            "events": [*filter(None, (plan.event(timestamp, texts) for plan in plans))],
            "writes": article_writes(plans, self._keep, self._story_window, timestamp),
            "finished": [one for plan in plans for one in plan.finished()],
        }
        if entry.trace:
            for event in table["events"]:
                event["trace"] = entry.trace.traceparent
        if plans:
            draft = entry.outcomes[0].draft
            table["revision"] = draft.revision
        hashes: tuple[str, ...] = ()
        if any(plan.frees_story for plan in plans):  # no later try would know that these were
            stream = self._store.stream
            table["writes"] += [["XADD", stream, "*", *each] for each in entry.again]
        place = (entry.version.origin if entry.version else "") or table["id"]
        if part.is_last and entry.version:
            if entry.version.text and any(plan.is_recorded for plan in plans):
                table["writes"] += entry.version.text.writes(place, self._keep)
                hashes = (entry.version.text.key,)
            table["article"] = entry.version.article.digest
            table["place"] = f"{place_of(place):.17g}"
        return PlannedEntry(table, texts.texts, texts.size, plans, hashes)

    def _planned_letter(self, letter: DeadLetter, texts: ScriptTexts) -> PlannedEntry:
        table = empty_table(letter.entry_id)
        fields = pack_fields(letter.fields)
        numbers = [texts.add(part) for pair in fields.items() for part in pair]
        table["letter"] = {
            "reason": letter.reason,
            "deliveries": letter.deliveries,
            "first": numbers[0] if numbers else 1,
            "last": numbers[-1] if numbers else 0,
        }
        return PlannedEntry(table, texts.texts, texts.size)
