"""How a worker shares its slots out: receivers that hang must never hold all of them.

Lanes that are failing or slow get half of the slots. Receivers that turn slow at the same time, as
many behind one load balancer do, are known as slow a second later only; until then they take what
their limits allow. So the last quarter is given out one slot to a lane: it takes as many lanes as
it has slots to fill it, whatever their limits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from service.concurrency.waits import finished_before
from service.store.lanes.allotment import Slots
from service.store.lanes.leases import Leased

MAX_IN_FLIGHT = 4000
"""Deliveries that a worker has in flight: many, because one that waits for an answer costs little,
and one that hangs holds its slot until the sender's timeout."""
MAX_SLOTS_A_LEASE = 200
"""Slots that one lease fills at most, so that several workers share what is due. What a lease reads
of a lane it reads once, however many deliveries of the lane start."""


def share_out(total: int, free: int, impaired: int) -> Slots:
    """The slots for the next lease, of so many in all.

    `free`: those that hold no delivery; `impaired`: those that lanes hold that are failing or slow.
    """
    last_quarter = total // 4
    idle_lanes_only = free <= last_quarter
    slots = min(MAX_SLOTS_A_LEASE, free if idle_lanes_only else free - last_quarter)
    for_impaired = max(0, min(slots, max(1, total // 2) - impaired))
    return Slots(slots, for_impaired, idle_lanes_only)


class SlotPool:
    """The slots of one worker, which the outboxes of all its streams share."""

    def __init__(self, total: int) -> None:
        self._total = self._free = total
        self._impaired = 0
        self._freed = asyncio.Event()

    async def reserve(self, stop: asyncio.Event) -> Slots | None:
        """Slots for one lease, which are taken then; waits for some. None: `stop` is set."""
        while not self._free:
            self._freed.clear()
            if not await finished_before(stop, self._freed.wait()):
                return None
        slots = share_out(self._total, self._free, self._impaired)
        self._free -= slots.free
        return slots

    def fill(self, reserved: Slots, leased: Iterable[Leased]) -> None:
        """Keep the reserved slots that these deliveries take, and free the others."""
        deliveries = [*leased]
        self._impaired += sum(one.impaired for one in deliveries)
        self._add_free(reserved.free - len(deliveries))

    def release(self, leased: Leased) -> None:
        """Free the slot of a delivery."""
        self._impaired -= leased.impaired
        self._add_free(1)

    def _add_free(self, slots: int) -> None:
        self._free += slots
        if self._free:
            self._freed.set()
