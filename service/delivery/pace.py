"""How fast a receiver is written to, where its service says how fast it may be.

Lanes space the deliveries of one subscriber out (`channels.least_gap`); this is for what lanes do
not see: several subscribers, or several streams, that lead to one webhook or relay.

A delivery whose turn is a moment away waits for it; any other is postponed, which gives its place
in the worker to somebody else's and uses up no attempt. (To wait longer would let a burst for one
channel hold every place there is; to fail would spend the attempts that outages need.)
"""

from __future__ import annotations

from dataclasses import dataclass

from service.store.lanes.verdict import Postponed


@dataclass(slots=True)
class _Queue:
    free: float
    """When the next turn begins."""
    end: float
    """When the last of those that were postponed comes back."""


class Pace:
    """One turn in every `interval` seconds for each key; it holds for one process.

    `patience` is how many seconds a delivery may wait for its turn; `reason` says why one comes
    back later. Times are a monotonic clock's.
    """

    def __init__(self, interval: float, patience: float, reason: str) -> None:
        self._interval = interval
        self._patience = patience
        self._reason = reason
        self._queues: dict[str, _Queue] = {}

    def turn(self, key: str, now: float) -> float | Postponed:
        """Seconds to wait for a turn, which is then taken; or to come back later."""
        queue = self._queue(key, now)
        if queue.free - now > self._patience:
            return self.later(key, now)
        begins = max(queue.free, now)
        queue.free = begins + self._interval
        return begins - now

    def later(self, key: str, now: float) -> Postponed:
        """A time for coming back at which no other that was postponed comes back."""
        queue = self._queue(key, now)
        queue.end = max(queue.end, queue.free, now) + self._interval
        return Postponed(queue.end - now, self._reason)

    def hold(self, key: str, until: float) -> None:
        """No turn before then: the receiver asked to be left alone."""
        queue = self._queue(key, until)
        queue.free = max(queue.free, until)

    def _queue(self, key: str, now: float) -> _Queue:
        if key not in self._queues:
            # Those whose time is over know nothing that a new one would not.
            self._queues = {k: q for k, q in self._queues.items() if max(q.free, q.end) > now}
            self._queues[key] = _Queue(now, now)
        return self._queues[key]
