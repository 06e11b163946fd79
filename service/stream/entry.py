"""One entry of the input stream, before anything of it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.store.stories.copies import origin_of
from service.telemetry.trace_context import TraceContext, entry_context


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream entry as it came; nothing about it is checked yet."""

    id: bytes
    fields: Mapping[bytes, bytes]
    deliveries: int = 1
    """How many times it was given to a reader."""

    @property
    def size(self) -> int:
        """The bytes of its names and values."""
        return sum(len(name) + len(value) for name, value in self.fields.items())

    @property
    def origin(self) -> str:
        """The entry that it repeats; "" for any other."""
        return origin_of(self.id.decode(), self.fields)

    @property
    def trace(self) -> TraceContext | None:
        """The trace to which its producer says that it belongs."""
        return entry_context(self.fields)
