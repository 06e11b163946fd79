"""Waits end at a stop or after their time; jobs and tries go on until then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from harness.skipped_time import run_without_pauses, seconds
from service.concurrency.waits import (
    Backoff,
    Retries,
    Turn,
    any_set_within,
    every,
    finished_before,
    stopped_within,
)

MINUTE = timedelta(minutes=1)


class Refused(Exception):
    """An error that is worth another try."""


def set_after(event: asyncio.Event, wait: timedelta) -> None:
    """Set the event when the loop's clock has moved on so far."""
    asyncio.get_running_loop().call_later(wait.total_seconds(), event.set)


def test_a_wait_lasts_its_time_where_nothing_stops_it() -> None:
    """Without a stop the whole time passes, and the answer is that it was not stopped."""

    async def main() -> tuple[bool, float]:
        return await stopped_within(asyncio.Event(), MINUTE), seconds()

    assert run_without_pauses(main()) == (False, 60.0)


def test_a_wait_ends_at_the_stop() -> None:
    """A stop after a second ends a wait of a minute after a second."""

    async def main() -> tuple[bool, float]:
        stop = asyncio.Event()
        set_after(stop, timedelta(seconds=1))
        return await stopped_within(stop, MINUTE), seconds()

    assert run_without_pauses(main()) == (True, 1.0)


@pytest.mark.parametrize("wait", [timedelta(0), timedelta(seconds=-1), MINUTE])
def test_a_stop_that_is_set_already_takes_no_time(wait: timedelta) -> None:
    """A wait that begins after the stop is over at once."""

    async def main() -> tuple[bool, float]:
        stop = asyncio.Event()
        stop.set()
        return await stopped_within(stop, wait), seconds()

    assert run_without_pauses(main()) == (True, 0.0)


@pytest.mark.parametrize("which", [0, 1])
def test_the_first_of_several_events_ends_a_wait(which: int) -> None:
    """Whichever of the events is set, the wait is over."""

    async def main() -> tuple[bool, float]:
        events = asyncio.Event(), asyncio.Event()
        set_after(events[which], timedelta(seconds=2))
        return await any_set_within(MINUTE, *events), seconds()

    assert run_without_pauses(main()) == (True, 2.0)


def test_work_that_ends_before_the_stop_is_finished() -> None:
    """The answer says that the work came to its end."""

    async def main() -> tuple[bool, float]:
        return await finished_before(asyncio.Event(), asyncio.sleep(3)), seconds()

    assert run_without_pauses(main()) == (True, 3.0)


def test_a_job_whose_client_asks_again_when_it_is_cancelled_ends() -> None:
    """redis-py takes it for a broken connection: the job comes to its end as if nothing was."""
    runs = []

    async def job() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            runs.append(seconds())
            await asyncio.sleep(60)

    async def main() -> float:
        stop = asyncio.Event()
        set_after(stop, 10 * MINUTE)
        working = asyncio.create_task(every(MINUTE, stop, job))
        await asyncio.sleep(1)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        return seconds()

    assert (run_without_pauses(main()), runs) == (1.0, [0.0])


def test_the_stop_cancels_work() -> None:
    """Work that waits at the stop is cancelled there, and has cleaned up when the wait is over."""
    cleaned = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append(seconds())

    async def main() -> tuple[bool, float]:
        stop = asyncio.Event()
        set_after(stop, timedelta(seconds=1))
        return await finished_before(stop, work()), seconds()

    assert run_without_pauses(main()) == (False, 1.0)
    assert cleaned == [1.0]


def test_an_error_of_the_work_is_raised() -> None:
    """What the work raises reaches the one who waits."""

    async def work() -> None:
        raise Refused

    async def main() -> None:
        await finished_before(asyncio.Event(), work())

    with pytest.raises(Refused):
        run_without_pauses(main())


def runs_of(job: Callable[[int], None], *, at_once: bool = True) -> tuple[list[float], list[str]]:
    """When a job ran that was to run every minute for five, and the errors that were reported."""
    at: list[float] = []
    reported: list[str] = []

    async def main() -> None:
        stop = asyncio.Event()
        set_after(stop, 5 * MINUTE - timedelta(seconds=1))

        async def noted() -> None:
            at.append(seconds())
            job(len(at))

        await every(
            MINUTE,
            stop,
            noted,
            errors=(Refused,),
            failed=lambda error: reported.append(str(error)),
            at_once=at_once,
        )
        assert seconds() == 299

    run_without_pauses(main())
    return at, reported


def test_a_job_runs_at_once_and_then_after_each_period() -> None:
    """The first run is now, and the stop ends the last pause."""
    assert runs_of(lambda _: None) == ([0, 60, 120, 180, 240], [])


def test_a_job_can_begin_after_a_period() -> None:
    """With `at_once=False` the first run is after the first pause."""
    assert runs_of(lambda _: None, at_once=False) == ([60, 120, 180, 240], [])


def test_a_job_that_fails_is_reported_and_runs_again() -> None:
    """An error of the named kinds costs one run."""

    def job(number: int) -> None:
        if number == 2:
            raise Refused("the second run")

    assert runs_of(job) == ([0, 60, 120, 180, 240], ["the second run"])


def test_an_unexpected_error_ends_the_job() -> None:
    """An error of another kind is raised, so that the process can end on it."""

    def job(_: int) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        runs_of(job)


@pytest.mark.parametrize(
    ("failures", "pause"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (6, 10), (10_000, 10)]
)
def test_pauses_double_up_to_the_longest(failures: int, pause: int) -> None:
    """A failure that lasts for days does not overflow the pause."""
    backoff = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=10))
    assert backoff.pause(failures) == timedelta(seconds=pause)


class Log:
    """What was reported of failures and recoveries, each with its time."""

    def __init__(self) -> None:
        self.lines: list[tuple[float, str]] = []

    def retries(self, stop: asyncio.Event) -> Retries:
        """Tries again after 1, 2, 4, 4 … seconds."""
        return Retries(
            stop,
            (Refused,),
            failed=lambda error: self.lines.append((seconds(), f"failed: {error}")),
            recovered=lambda: self.lines.append((seconds(), "recovered")),
            backoff=Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=4)),
        )


def answers(*results: str | Exception) -> Callable[[], asyncio.Future[str]]:
    """A call that gives these results, one a try."""
    left: Iterator[str | Exception] = iter(results)

    def call() -> asyncio.Future[str]:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        result = next(left)
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
        return future

    return call


def test_a_call_that_succeeds_is_made_once() -> None:
    """Nothing is reported, and nothing is waited for."""
    log = Log()

    async def main() -> tuple[str, float]:
        retries = log.retries(asyncio.Event())
        return await retries.until_done(answers("done")), seconds()

    assert run_without_pauses(main()) == ("done", 0.0)
    assert log.lines == []


def test_a_call_that_fails_is_made_again_after_longer_and_longer_pauses() -> None:
    """The first failure and the recovery are reported, each once."""
    log = Log()

    async def main() -> str:
        retries = log.retries(asyncio.Event())
        refusals = [Refused(str(number)) for number in range(5)]
        return await retries.until_done(answers(*refusals, "done"))

    assert run_without_pauses(main()) == "done"
    assert log.lines == [(0, "failed: 0"), (1 + 2 + 4 + 4 + 4, "recovered")]


def test_the_stop_ends_the_tries() -> None:
    """The last error is raised at the stop, and the calls still count as failing."""
    log = Log()

    async def main() -> bool:
        stop = asyncio.Event()
        set_after(stop, timedelta(seconds=2))
        retries = log.retries(stop)
        with pytest.raises(Refused, match="1"):
            await retries.until_done(answers(*(Refused(str(number)) for number in range(9))))
        assert seconds() == 2
        return retries.failing

    assert run_without_pauses(main())


def test_other_errors_are_not_tried_again() -> None:
    """An error that is no refusal is raised at once, and nothing is reported."""
    log = Log()

    async def main() -> None:
        with pytest.raises(LookupError):
            await log.retries(asyncio.Event()).until_done(answers(LookupError()))

    run_without_pauses(main())
    assert log.lines == []


def test_a_second_failure_after_a_recovery_is_reported_again() -> None:
    """Each outage has one report of its begin and one of its end."""
    log = Log()

    async def main() -> None:
        retries = log.retries(asyncio.Event())
        for number in range(2):
            await retries.until_done(answers(Refused(str(number)), "done"))

    run_without_pauses(main())
    assert [line for _, line in log.lines] == ["failed: 0", "recovered", "failed: 1", "recovered"]


async def test_work_gives_others_their_turn() -> None:
    """At once where a turn lasts no time; not before it has lasted as long as it may."""
    others: list[str] = []

    async def tell() -> None:
        others.append("told")

    waiting = asyncio.create_task(tell())
    await Turn(timedelta(hours=1)).pause()
    assert others == []
    await Turn(timedelta()).pause()
    assert others == ["told"]
    await waiting
