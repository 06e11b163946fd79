"""Waits that end early: until a stop, between two runs of a job, between two tries.

Every wait here is a `timedelta` and takes the event that ends it, so a process that is asked to
stop never sleeps to the end of a pause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

Answer = TypeVar("Answer")
MAX_TURN = timedelta(milliseconds=2)
"""How long work in the event loop goes on before others get their turn."""
Errors = tuple[type[Exception], ...]


async def any_set_within(wait: timedelta, *events: asyncio.Event) -> bool:
    """Wait until one of the events is set, at most `wait`; whether one of them is set then.

    Raises CancelledError where this task was cancelled before: a client that takes that for a
    broken connection, and asks again, would let whoever calls it go on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(
            waiting,
            timeout=max(0.0, wait.total_seconds()),
            return_when=asyncio.FIRST_COMPLETED,
        )
    finally:
        for one in waiting:
            one.cancel()
    return any(event.is_set() for event in events)


async def stopped_within(stop: asyncio.Event, wait: timedelta) -> bool:
    """Wait until `stop` is set, at most `wait`; whether it is set then."""
    return await any_set_within(wait, stop)


async def finished_before(stop: asyncio.Event, work: Coroutine[Any, Any, Any]) -> bool:
    """Do the work, but cancel it when `stop` is set; whether the work came to its end.

    Raises what the work raises.
    """
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        working.cancel()
        await asyncio.wait((working, stopping))
    if working.cancelled():
        return False
    working.result()
    return True


async def every(
    period: timedelta,
    stop: asyncio.Event,
    job: Callable[[], Awaitable[None]],
    *,
    errors: Errors = (),
    failed: Callable[[Exception], None] | None = None,
    at_once: bool = True,
) -> None:
    """Run the job until `stop` is set, with a pause of `period` after each run.

    The first run is now, or after one period where `at_once` is false. An error of the kinds in
    `errors` is passed to `failed`, and the job runs again after the pause; others are raised.
    """
    if not at_once and await stopped_within(stop, period):
        return
    while not stop.is_set():
        try:
            await job()
        except errors as error:
            if failed is not None:
                failed(error)
        await stopped_within(stop, period)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses between tries: each is twice as long as the one before, up to `longest`."""

    first: timedelta = timedelta(seconds=0.25)
    longest: timedelta = timedelta(seconds=15)

    def pause(self, failures: int) -> timedelta:
        """How long to wait after that many failures in a row, at least one."""
        doublings = min(failures - 1, 32)  # a larger power would overflow a timedelta
        return min(self.longest, self.first * float(2**doublings))


class Retries:
    """Repeats calls that fail, until they succeed or `stop` is set.

    Calls may run at the same time. The first failure is reported once, whatever follows; the
    first success after it is reported once.
    """

    def __init__(
        self,
        stop: asyncio.Event,
        errors: Errors,
        *,
        failed: Callable[[Exception], None],
        recovered: Callable[[], None],
        backoff: Backoff = Backoff(),
    ) -> None:
        """`errors` are the kinds that are worth another try; others are raised at once."""
        self._stop = stop
        self._errors = errors
        self._failed = failed
        self._recovered = recovered
        self._backoff = backoff
        self.failing = False
        """Whether the last call failed."""

    async def until_done(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """What the call returns, once it succeeds. Raises its last error when `stop` is set."""
        failures = 0
        while True:
            try:
                answer = await call()
            except self._errors as error:
                if not self.failing:
                    self.failing = True
                    self._failed(error)
                failures += 1
                if await stopped_within(self._stop, self._backoff.pause(failures)):
                    raise
            else:
                if self.failing:
                    self.failing = False
                    self._recovered()
                return answer


class Turn:
    """Work in the event loop that lets others have a turn now and then.

    A turn of the loop costs as much as a small piece of work, so not after each piece.
    """

    def __init__(self, longest: timedelta = MAX_TURN) -> None:
        self._loop = asyncio.get_running_loop()
        self._longest = longest.total_seconds()
        self._begun = self._loop.time()

    async def pause(self) -> None:
        """Give others their turn where this one has lasted long enough."""
        if self._loop.time() - self._begun >= self._longest:
            await asyncio.sleep(0)
            self._begun = self._loop.time()
