"""One dead letter: an entry that could not become an article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.store.dead_letters.dead_letters import StoredLetter
from service.store.outbox import Outbox


@dataclass(frozen=True, slots=True)
class DeadLetterView:
    """A dead letter as a list shows it."""

    stream: str
    id: str
    entry: str
    """The id that the entry had in the input stream."""
    at: str
    """When it became a dead letter: RFC 3339."""
    reason: str
    deliveries: int
    """How often the entry was tried."""
    bytes: int
    """Of its fields."""


@dataclass(frozen=True, slots=True)
class DeadLetterDetails(DeadLetterView):
    """A dead letter as it is shown by itself."""

    fields: Mapping[str, str]
    """Its fields as they came; bytes that are not UTF-8 are written as `\\xff`."""


def dead_letter_view(letter: StoredLetter, stream: str) -> DeadLetterView:
    """The dead letter of this input stream as a list shows it."""
    return DeadLetterView(
        stream=stream,
        id=letter.id,
        entry=letter.entry_id,
        at=letter.at,
        reason=letter.reason,
        deliveries=letter.deliveries,
        bytes=letter.size,
    )


def dead_letter_details(letter: StoredLetter, stream: str) -> DeadLetterDetails:
    """The dead letter of this input stream as it is shown by itself."""
    row = dead_letter_view(letter, stream)
    shared = {name: getattr(row, name) for name in DeadLetterView.__dataclass_fields__}
    return DeadLetterDetails(
        **shared,
        fields={_text(name): _text(value) for name, value in letter.fields.items()},
    )


async def newest_dead_letters(outboxes: Mapping[str, Outbox], limit: int) -> list[DeadLetterView]:
    """The dead letters of all streams, the newest first."""
    found = [
        dead_letter_view(letter, stream)
        for stream, outbox in outboxes.items()
        for letter in await outbox.dead_letters.newest(limit=limit)
    ]
    return sorted(found, key=lambda view: view.at, reverse=True)[:limit]


async def find_dead_letter(
    outboxes: Mapping[str, Outbox], letter_id: str
) -> DeadLetterDetails | None:
    """One dead letter in whichever stream it is; None where there is none of that id."""
    for stream, outbox in outboxes.items():
        found = await outbox.dead_letters.get(letter_id)
        if found is not None:
            return dead_letter_details(found, stream)
    return None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
