"""Entries of the input stream that could not become articles: list, show, replay."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.errors import StoreError
from service.store.client import Store
from service.store.keys import DEAD_LETTERS

RAW_FIELD = b"field:"
"""Comes before the name of each raw field, so that none can be taken for one of META_FIELDS."""
PACKED_FIELDS = b"fields"
"""Holds all raw fields as JSON, each byte a code point, when they are too many for one command."""
MAX_FIELDS = 1_000
"""Raw fields that one command can write."""
META_FIELDS = (b"entry", b"at", b"reason", b"deliveries")
_ENTRY_ID = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A dead letter as it is kept."""

    id: str
    entry_id: str
    at: str
    """RFC 3339."""
    reason: str
    deliveries: int
    """How many times the entry was given to a reader."""
    size: int
    """Bytes of its raw fields."""
    fields: Mapping[bytes, bytes]
    """Byte for byte as they were read; empty in lists."""


class DeadLetters:
    """The dead letters of one stream. Raises StoreError, and redis-py's own errors."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def newest(self, *, limit: int = 50) -> list[StoredLetter]:
        """The newest first, without their fields."""
        rows = await self._store.run("dead_letters/list", [limit, len(META_FIELDS)])
        return [_stored_letter(row[0], _field_pairs(row[2:]), row[1], {}) for row in rows]

    async def get(self, letter_id: str) -> StoredLetter | None:
        """One dead letter with its fields; None when there is none of that id."""
        found = _ENTRY_ID.fullmatch(letter_id)
        if found is None or any(int(number) >= 2**64 for number in found.groups()):
            return None  # Redis refuses such an id
        store = self._store
        async with store.guarded():
            rows: Any = await store.redis.xrange(store.key(DEAD_LETTERS), letter_id, letter_id)
        for entry_id, stored in rows:
            fields = unpack_fields(stored)
            size = sum(len(name) + len(value) for name, value in fields.items())
            return _stored_letter(entry_id, stored, size, fields)
        return None

    async def replay(self, letter_id: str) -> str | None:
        """Write the entry to the input stream again, and delete the letter; its new id.

        None when there is no such letter (any more). Raises StoreError for more fields than one
        command can write.
        """
        letter = await self.get(letter_id)
        if letter is None:
            return None
        if len(letter.fields) > MAX_FIELDS:
            raise StoreError(
                f"dead letter {letter_id} has {len(letter.fields):,} fields, more than the "
                f"{MAX_FIELDS:,} that can be written back: publish the article again with the "
                "fields that Tocsin reads"
            )
        flat = [part for pair in letter.fields.items() for part in pair]
        entry = await self._store.run("dead_letters/replay", [letter_id, *flat])
        return entry.decode() if entry else None


def pack_fields(fields: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """A dead letter's raw fields as they are stored: see RAW_FIELD and PACKED_FIELDS."""
    if len(fields) <= MAX_FIELDS:
        return {RAW_FIELD + name: value for name, value in fields.items()}
    text = {name.decode("latin-1"): value.decode("latin-1") for name, value in fields.items()}
    return {PACKED_FIELDS: json.dumps(text).encode()}


def unpack_fields(stored: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """The raw fields of a stored letter, as they were read."""
    if PACKED_FIELDS in stored:
        text: dict[str, str] = json.loads(stored[PACKED_FIELDS])
        return {name.encode("latin-1"): value.encode("latin-1") for name, value in text.items()}
    return {
        name.removeprefix(RAW_FIELD): raw
        for name, raw in stored.items()
        if name.startswith(RAW_FIELD)
    }


def _stored_letter(
    letter_id: bytes, meta: Mapping[bytes, bytes], size: int, fields: Mapping[bytes, bytes]
) -> StoredLetter:
    entry, at, reason, deliveries = (meta[name].decode() for name in META_FIELDS)
    return StoredLetter(letter_id.decode(), entry, at, reason, int(deliveries), size, fields)


def _field_pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
