"""A second process that does a part of the work of the process that compiles rules."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

from service.concurrency.processes import send_object

Task = TypeVar("Task")
Result = TypeVar("Result")

MAX_RESULTS_AHEAD = 32
"""Most results that are kept while an earlier one is not there yet."""


class _Work(NamedTuple):
    """The function that the helper applies to all tasks that follow."""

    function: Callable[[Any], Any]


def serve_tasks(connection: Connection) -> None:
    """All that the helper does: it works on what it is sent until the connection is closed."""
    work: _Work | None = None
    try:
        while True:
            received = connection.recv()
            if isinstance(received, _Work):
                work = received
            elif work is not None:
                send_object(connection, work.function(received))
    except (EOFError, OSError):
        return


class HelperProcess:
    """The helper, as seen by the process that it works for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def map_tasks(
        self, work: Callable[[Task], Result], tasks: Sequence[Task], /
    ) -> Generator[Result, None, None]:
        """As `tasks.MapTasks`: each of the two processes takes the next task when it is free.

        If the helper ends, this process repeats the tasks that the helper had.
        """
        pickled = pickle.dumps(_Work(work), pickle.HIGHEST_PROTOCOL)  # raises for local functions
        done: dict[int, Result] = {}
        with ThreadPoolExecutor(1) as helper:
            helper.submit(self._connection.send_bytes, pickled)
            asked = [helper.submit(self._ask, tasks, at) for at in range(len(tasks))]
            try:
                for number, future in enumerate(asked):
                    while number not in done and not future.done():
                        free = _take_back(asked, number)
                        if free is None:
                            break
                        done[free] = work(tasks[free])
                    try:
                        result = done.pop(number) if number in done else future.result()
                    except (EOFError, OSError):  # the helper ended; OSError: within an answer
                        result = work(tasks[number])
                    yield result
            finally:
                helper.shutdown(cancel_futures=True)

    def _ask(self, tasks: Sequence[Any], number: int) -> Any:
        send_object(self._connection, tasks[number])
        return self._connection.recv()


def _take_back(asked: Sequence[Future[Any]], number: int) -> int | None:
    """The first task from this number on that the helper has not begun, and now will not."""
    for at in range(number, min(number + MAX_RESULTS_AHEAD, len(asked))):
        if not asked[at].cancelled() and asked[at].cancel():
            return at
    return None
