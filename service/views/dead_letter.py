"""One dead letter: an entry that could not become an article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.store.dead_letters.dead_letters import StoredLetter


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


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
