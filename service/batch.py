"""What a reader and the outbox hand each other, and a batch flattened for `lua/commit.lua`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.alert import Alert, delivery_id, event
from service.ledger import packed
from service.store import Argument

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
class Decided:
    """An entry that was judged; most make no alert."""

    entry_id: bytes
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit made."""

    created: tuple[str, ...] = ()
    """Ids of new alerts."""
    updated: tuple[str, ...] = ()
    """Ids of `alert.updated` events: the alert stood for another revision."""
    repeated: tuple[str, ...] = ()
    """Ids of events that stood already: nothing was sent for them."""
    deliveries: int = 0
    dead: int = 0
    others: int = 0
    """Entries that another worker had finished meanwhile: nothing was done for them."""

    def __add__(self, more: Committed) -> Committed:
        return Committed(
            self.created + more.created,
            self.updated + more.updated,
            self.repeated + more.repeated,
            self.deliveries + more.deliveries,
            self.dead + more.dead,
            self.others + more.others,
        )


@dataclass(frozen=True, slots=True)
class Claimed:
    """An entry that a reader left unfinished, now this consumer's."""

    entry_id: bytes
    fields: Mapping[bytes, bytes]
    deliveries: int
    """How many times it was handed to a reader, this time included."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the readers are behind."""

    unread: int | None
    """None when Redis cannot tell, as after an XDEL."""
    pending: int
    oldest_pending: float
    """Seconds since the oldest unfinished entry was handed to a reader; 0 when there is none."""


@dataclass(frozen=True, slots=True)
class Step:
    """Whole entries for one call of the script."""

    arguments: list[Argument]
    alerts: list[Alert]


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
            [alert for entry, _ in entries for alert in entry.alerts],
        )


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
    flat: list[Argument] = [entry.entry_id, len(entry.alerts)]
    for alert in entry.alerts:
        flat += [alert.id, alert.update_id, alert.watchlist_id, alert.article_id, alert.revision]
        # The script knows which of the two it is, the caller knows how to write both.
        flat += [
            event("alert.created", alert.id, alert.data, timestamp),
            event("alert.updated", alert.update_id, alert.data, timestamp),
            len(alert.subscribers),
        ]
        for name in alert.subscribers:
            flat += [name, delivery_id(alert.id, name), delivery_id(alert.update_id, name)]
    return flat


def _letter_arguments(letter: DeadLetter) -> list[Argument]:
    fields = packed(letter.fields)
    flat: list[Argument] = [letter.entry_id, letter.reason, letter.deliveries, len(fields)]
    for name, value in fields.items():
        flat += [name, value]
    return flat
