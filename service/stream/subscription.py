"""How FastStream reads a stream for us: raw entries, in batches whose size follows their bytes."""

from __future__ import annotations

from typing import Any

from faststream.redis import StreamSub
from faststream.redis.message import RedisBatchStreamMessage

from service.store.keys import GROUP
from service.stream.entry import Entry

MAX_READ_MS = 1000
"""How long one read may wait at the server: less than redis-py's socket timeout of 5 s."""
FIRST_BATCH = 16
"""Entries of the first batch; each that follows may have twice as many, up to the batch size."""
MAX_BATCH_BYTES = 8 * 2**20
"""Bytes of a batch after which the next one is made smaller."""


class BatchStream(StreamSub):
    """A stream that is read by its group in batches, the next of them as large as was told last."""

    def __init__(self, name: str, consumer: str, batch_size: int) -> None:
        super().__init__(
            name,
            group=GROUP,
            consumer=consumer,
            batch=True,
            max_records=min(batch_size, FIRST_BATCH),
            polling_interval=MAX_READ_MS,
        )
        self._batch_size = batch_size

    def add_prefix(self, prefix: str) -> BatchStream:
        """The stream itself: FastStream would read a copy, which no longer follows `bound`."""
        del prefix  # no broker of ours has one
        return self

    def bound(self, size_bytes: int) -> None:
        """Have the next batch hold fewer entries after a large one, and more after a small one."""
        most = self.max_records or self._batch_size
        if size_bytes > MAX_BATCH_BYTES:
            self.max_records = max(1, most * MAX_BATCH_BYTES // size_bytes)
        else:
            self.max_records = min(self._batch_size, 2 * most)


async def keep_raw(message: Any, original: object) -> RedisBatchStreamMessage:
    """FastStream's parser: it passes the raw fields on, so no entry can fail its batch."""
    del original
    return RedisBatchStreamMessage(message, b"", consumer=None, group=None)  # type: ignore[arg-type]


async def decode_entries(message: RedisBatchStreamMessage, original: object) -> list[Entry]:
    """FastStream's decoder: the entries with their raw fields."""
    del original
    raw = message.raw_message
    return [
        Entry(entry_id, fields)
        for entry_id, fields in zip(raw["message_ids"], raw["data"], strict=True)
    ]
