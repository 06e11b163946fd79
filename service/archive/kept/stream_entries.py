"""The entries of a stream, a part at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from service.archive.kept.reader import RawEntry
from service.store.outbox import Outbox

AT_ONCE = 500
"""Entries that are asked for in one call: a service reads beside it."""


async def stream_entries(outbox: Outbox, after: str) -> AsyncIterator[Sequence[RawEntry]]:
    """The entries behind one, the newest included, read or not by a service."""
    while found := await outbox.input_stream.raw_entries(after, AT_ONCE):
        yield [RawEntry(*each) for each in found]
        after = found[-1][0]
