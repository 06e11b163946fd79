"""Which settlements are written together."""

from __future__ import annotations

from dataclasses import replace

from builders.event_files import LEASED
from builders.leases import REFUSED
from service.alerts.alert import Event
from service.delivery.worker.record_queue import MAX_BATCH, RecordQueue
from service.store.lanes.settlement import Settlement
from service.store.lanes.verdict import Completed, Exhausted

PLAIN = Settlement(LEASED, REFUSED, Completed())
REPORTED = replace(
    PLAIN,
    verdict=Exhausted(),
    exhausted=Event("delivery.exhausted", "alr_2", {}, tuple(f"ops{n}" for n in range(8))),
)


async def test_a_report_counts_as_more_settlements() -> None:
    """The script writes a delivery for each who hears of it."""
    queue = RecordQueue()
    for settlement in [PLAIN] * (MAX_BATCH + 1) + [REPORTED] * MAX_BATCH:
        queue.add(settlement)
    sizes = [len(queue.next_batch()) for _ in range(3)]
    assert sizes == [MAX_BATCH, MAX_BATCH // 10 + 1, MAX_BATCH // 10]


async def test_a_report_to_thousands_is_written() -> None:
    """By itself, if need be."""
    queue = RecordQueue()
    everybody = Event("delivery.exhausted", "alr_2", {}, tuple(map(str, range(10 * MAX_BATCH))))
    queue.add(replace(REPORTED, exhausted=everybody))
    assert len(queue.next_batch()) == 1
