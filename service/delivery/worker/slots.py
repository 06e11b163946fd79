"""How a worker's slots are shared: whoever hangs keeps one for the sender's timeout, and those
that hang must never have them all.

Receivers known to be slow or failing have half of the slots. Those that turn slow at one moment,
as many behind one load balancer do, are known a second later only; until then they take what
their concurrency lets them. So the last quarter is given out one to a lane: to fill it takes as
many lanes as it has slots, however many deliveries each of them may have out.
"""

from __future__ import annotations

from dataclasses import dataclass

SLOTS = 4000
"""Deliveries that a worker has out at once: many, because one that waits for an answer costs
little, and one that hangs keeps its slot for the sender's timeout."""
AT_ONCE = 100
"""Slots that are given out in one go, so that several workers share what is due."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What may be begun now."""

    slots: int
    """Deliveries at most."""
    doubtful: int
    """Of these, for lanes that are slow or failing."""
    alone: bool
    """Whether they are for lanes that have nothing out yet, one for each."""


def portion(total: int, free: int, doubtful: int) -> Portion:
    """The next portion of so many slots, when so many are free and so many are doubtful lanes'."""
    last = total // 4
    alone = free <= last
    slots = min(AT_ONCE, free if alone else free - last)
    return Portion(slots, max(0, min(slots, max(1, total // 2) - doubtful)), alone)
