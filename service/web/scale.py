"""`/scale`: how many seconds of work wait for each role, for an autoscaler.

Entries say little of how many workers are needed: a rule set may take a hundred times as long for
one as another does. What a process takes for its work is measured by those that run, and kept for
when none is left.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from service.store.client import STORE_ERRORS
from service.store.input_stream.workers import Workers
from service.web.store_figures import Figures, StoreFigures

UNMEASURED_SECONDS = {"match": 0.01, "deliver": 0.05}
"""For an article and a delivery, until one was measured: rather too long than too short."""


@dataclass(frozen=True, slots=True)
class RoleWork:
    """What waits for the processes of one role."""

    seconds: float
    """That one process would take for it; 0 only where nothing waits."""
    waiting: int
    """Entries that are not finished, or deliveries that could be sent now."""
    seconds_each: float
    measured: bool
    """Whether that was measured; if not, it is a guess."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The work that waits, by role."""

    match: RoleWork
    deliver: RoleWork


def scale(figures: Figures, pace: Mapping[str, float]) -> Scale | None:
    """The work of all streams; None where Redis does not tell of one, which is not no work.

    `pace` as `Workers.pace` gives it. Entries that a worker left unfinished when it died wait too.
    """
    told = [one for one in figures.values() if one is not None]
    if len(told) < len(figures):
        return None
    entries = sum(one.backlog.waiting for one in told)
    due = sum(one.deliveries.due for one in told)
    return Scale(_work("match", entries, pace), _work("deliver", due, pace))


def _work(role: str, waiting: int, pace: Mapping[str, float]) -> RoleWork:
    each = pace.get(role, UNMEASURED_SECONDS[role])
    seconds = math.ceil(waiting * each * 1000) / 1000  # never rounded to nothing
    return RoleWork(seconds, waiting, each, role in pace)


class ScalePage:
    """The answer of `/scale`."""

    def __init__(self, figures: StoreFigures, workers: Workers) -> None:
        self._figures = figures
        self._workers = workers

    async def read(self) -> Scale | None:
        """The work that waits; None where Redis does not tell."""
        try:
            return scale(await self._figures.read(), await self._workers.pace())
        except STORE_ERRORS:
            return None
