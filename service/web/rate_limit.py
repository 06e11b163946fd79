"""How often something may be asked for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST_KEYS = 10_000
"""Those that asked last are remembered; whoever is forgotten begins anew."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """For each key `burst` requests at once, and from then on one each `seconds`."""

    def __init__(self, burst: int, seconds: float) -> None:
        self._burst = burst
        self._seconds = seconds
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, key: str, at: float) -> float:
        """0 where one more is allowed at this moment, in seconds; else how long it has to wait."""
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, at))
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        passed = max(0.0, at - bucket.at)
        bucket.left = min(self._burst, bucket.left + passed / self._seconds)
        bucket.at = at
        if bucket.left < 1:
            return (1 - bucket.left) * self._seconds
        bucket.left -= 1
        return 0.0
