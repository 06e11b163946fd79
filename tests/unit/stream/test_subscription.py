"""The size of batches follows their bytes, and FastStream reads by it."""

from __future__ import annotations

from service.stream.subscription import MAX_BATCH_BYTES, BatchStream


def test_a_batch_after_a_large_one_is_smaller() -> None:
    """It shrinks by as much as the last one was too large, and is never empty."""
    stream = BatchStream("articles", "one", 200)
    for _ in range(4):
        stream.bound(1_000)
    assert stream.max_records == 200
    stream.bound(4 * MAX_BATCH_BYTES)
    assert stream.max_records == 50
    stream.bound(1_000 * MAX_BATCH_BYTES)
    assert stream.max_records == 1
    stream.bound(1_000)
    assert stream.max_records == 2


def test_a_batch_size_below_the_first_batch_holds_from_the_start() -> None:
    """What an operator sets is the most."""
    assert BatchStream("articles", "one", 5).max_records == 5
