"""What a reader and the outbox hand each other, and a batch flattened for `commit.lua`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from datetime import datetime, timedelta

from service.alerts.alert import Alert, Event, Retraction, delivery_id, rfc3339
from service.alerts.events.payload import body
from service.alerts.routing import AT_ONCE
from service.articles.identity import digest
from service.store.client import Argument, Store, span_milliseconds
from service.store.dead_letters.dead_letters import pack_fields
from service.store.keys import ALERT, ALERTED, DELIVERY, HELD, THROTTLE, THROTTLE_BUNDLE

STEP_ENTRIES = 1_000
STEP_BYTES = 16 * 2**20
"""What one script call takes at most, so that it never holds up the server for long."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An entry that cannot become an article, or keeps failing its reader."""

    entry_id: bytes
    fields: Mapping[bytes, bytes]
    reason: str
    deliveries: int = 1
    """How many times it was handed to a reader."""


@dataclass(frozen=True, slots=True)
class After:
    """What a decision rests on: what was told of the article until then, in a word."""

    article_id: str
    revision: str
    version: str


@dataclass(frozen=True, slots=True)
class Decided:
    """An entry that was judged; most make no alert."""

    entry_id: bytes
    alerts: tuple[Alert, ...] = ()
    retractions: tuple[Retraction, ...] = ()
    after: After | None = None
    """None: it is committed whatever was told meanwhile."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit made: ids of alerts and events, and how much besides."""

    created: tuple[str, ...] = ()
    """New alerts."""
    updated: tuple[str, ...] = ()
    """`alert.updated` events: the alert stood for another revision."""
    retracted: tuple[str, ...] = ()
    """`alert.retracted` events."""
    stories: tuple[str, ...] = ()
    """`story.updated` events."""
    repeated: tuple[str, ...] = ()
    """Events that stood already: nothing was sent for them."""
    counted: tuple[str, ...] = ()
    """Alerts that were not made: another article of the same story had told already."""
    held: tuple[str, ...] = ()
    """Alerts that wait for the summary of their watchlist."""
    stale: tuple[str, ...] = ()
    """Entries that are to be decided anew: more was told of their articles meanwhile."""
    overtaken: tuple[str, ...] = ()
    """Entries that came to nothing: a newer one of their articles was decided before."""
    _: KW_ONLY
    deliveries: int = 0
    dead: int = 0
    others: int = 0
    """Entries that another worker had finished meanwhile: nothing was done for them."""

    def __add__(self, more: Committed) -> Committed:
        both = {name: value + getattr(more, name) for name, value in asdict(self).items()}
        return Committed(**both)


@dataclass(frozen=True, slots=True)
class Step:
    """Whole entries for one call of the script."""

    arguments: list[Argument]
    entries: list[Decided]


def steps(decided: Sequence[Decided], dead: Sequence[DeadLetter], timestamp: str) -> Iterator[Step]:
    """The batch in as few steps as the limits allow; an entry is never divided."""
    judged = [(entry, _entry_arguments(entry, timestamp)) for entry in decided]
    letters = [(None, _letter_arguments(letter)) for letter in dead]
    for part in _parts([*judged, *letters]):
        entries = [(entry, flat) for entry, flat in part if entry is not None]
        others = [flat for entry, flat in part if entry is None]
        yield Step(
            [
                len(entries),
                *(one for _, flat in entries for one in flat),
                len(others),
                *(one for flat in others for one in flat),
            ],
            [entry for entry, _ in entries],
        )


class Commits:
    """Writes the batches of one stream. Raises StoreError, and redis-py's own errors.

    `keep_alerts` is how long an event is kept after its last delivery, `story_window` how long a
    story lives.
    """

    def __init__(self, store: Store, keep_alerts: timedelta, story_window: timedelta) -> None:
        self._store = store
        self._spans = [span_milliseconds(keep_alerts), span_milliseconds(story_window)]

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
        for step in steps(decided, dead, timestamp):
            total += await _commit_step(self._store, [timestamp, *self._spans], step)
        return total


async def _commit_step(store: Store, head: Sequence[Argument], step: Step) -> Committed:
    """Write one step, and acknowledge its entries."""
    *ids, sent, letters, others = await store.run(
        "commit/commit", [*head, *step.arguments], _records(store, step.entries)
    )
    each = (tuple(id_.decode() for id_ in told) for told in ids)
    return Committed(*each, deliveries=sent, dead=letters, others=others)


def _records(store: Store, entries: Sequence[Decided]) -> list[str]:
    """The keys of what these entries come to, for whoever looks for one that is not ours."""
    found: list[str] = []
    for entry in entries:
        if entry.after:
            found.append(store.key(ALERTED, digest(entry.after.article_id)))
        about: tuple[Alert | Retraction, ...] = (*entry.alerts, *entry.retractions)
        for each in about:
            found.append(store.key(ALERTED, digest(each.article_id)))
            found.append(store.key(HELD, THROTTLE_BUNDLE.fill(each.watchlist_id)))
            found.append(store.key(THROTTLE, each.watchlist_id))
        events = [
            told
            for alert in entry.alerts
            for told in (alert.created, alert.updated, alert.story_updated)
            if told is not None
        ]
        events += [gone.event for gone in entry.retractions]
        for told in events:
            found.append(store.key(ALERT, told.id))
            found += [store.key(DELIVERY, delivery_id(told.id, name)) for name in told.subscribers]
    return found


Item = tuple[Decided | None, list[Argument]]


def _parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    part: list[Item] = []
    size = 0
    for item in items:
        weight = sum(len(one) for one in item[1] if not isinstance(one, int))
        if part and (size + weight > STEP_BYTES or len(part) == STEP_ENTRIES):
            yield part
            part, size = [], 0
        part.append(item)
        size += weight
    if part:
        yield part


def _entry_arguments(entry: Decided, timestamp: str) -> list[Argument]:
    after = entry.after
    flat: list[Argument] = [entry.entry_id]
    flat += [digest(after.article_id), after.revision, after.version] if after else ["", "", ""]
    flat += [len(entry.alerts), len(entry.retractions)]
    for alert in entry.alerts:
        throttle = alert.throttle
        flat += [alert.id, alert.watchlist_id, alert.article_id, digest(alert.article_id)]
        flat += [alert.revision, str(alert.score), alert.story_id, alert.milestone]
        flat += [throttle.max, span_milliseconds(throttle.per)] if throttle else [0, 0]
        # The script knows which of them is told, the caller knows how to write them all.
        for told in (alert.created, alert.updated, alert.story_updated):
            flat += event_arguments(told, timestamp)
    for gone in entry.retractions:
        flat += [gone.alert_id, gone.watchlist_id, gone.article_id, digest(gone.article_id)]
        flat += [gone.revision, *event_arguments(gone.event, timestamp)]
    return flat


def event_arguments(told: Event | None, timestamp: str) -> list[Argument]:
    """An event as `events.lua` reads it."""
    if told is None:
        return ["", "", "", 0]
    flat: list[Argument] = [told.kind, told.id, body(told.kind, told.id, told.data, timestamp)]
    flat.append(len(told.subscribers))
    for name in told.subscribers:
        how = told.routes.get(name, AT_ONCE)
        flat += [name, delivery_id(told.id, name), how.not_before, how.digest, how.digest_due]
    return flat


def _letter_arguments(letter: DeadLetter) -> list[Argument]:
    fields = pack_fields(letter.fields)
    flat: list[Argument] = [letter.entry_id, letter.reason, letter.deliveries, len(fields)]
    for name, value in fields.items():
        flat += [name, value]
    return flat
