"""An event loop that skips its pauses: an hour of waiting takes no time, and can be measured."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class _SkippingSelector(selectors.SelectSelector):
    """Where a loop would wait for its next timer, the clock moves forward to that moment."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits, and no timer will ever end it")
        self.now += max(0.0, timeout)
        return super().select(0)


class _SkippingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._skipping = _SkippingSelector()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now


def run_without_pauses(main: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a coroutine to its end; `asyncio` measures time by a clock that skips every wait."""
    with asyncio.Runner(loop_factory=_SkippingLoop) as runner:
        return runner.run(main)


def seconds() -> float:
    """How many seconds this loop would have waited so far."""
    return asyncio.get_running_loop().time()
