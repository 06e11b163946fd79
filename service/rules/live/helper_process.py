"""A second process that does a part of the work of the one that compiles rules."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

AHEAD = 32
"""Most results that are kept while an earlier one is waited for."""


class _Work(NamedTuple):
    """What is to be done from now on to each task."""

    do: Callable[[Any], Any]


def serve(connection: Connection) -> None:
    """The partner's whole life: does what it is sent, until nobody is there any more."""
    work: _Work | None = None
    try:
        while True:
            sent = connection.recv()
            if isinstance(sent, _Work):
                work = sent
            elif work is not None:
                connection.send(work.do(sent))
    except (EOFError, OSError):
        return


class Partner:
    """The partner, as the process sees it that it works for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def each(
        self, do: Callable[[Task], Result], tasks: Sequence[Task], /
    ) -> Generator[Result, None, None]:
        """As `sharing.Each`: both take the next task as soon as they are free.

        What the partner was asked is done here once more if it is gone.
        """
        work = pickle.dumps(_Work(do), pickle.HIGHEST_PROTOCOL)  # a mistake shows here, at once
        done: dict[int, Result] = {}
        with ThreadPoolExecutor(1) as asking:
            asking.submit(self._connection.send_bytes, work)
            asked = [asking.submit(self._ask, tasks, at) for at in range(len(tasks))]
            try:
                for number, future in enumerate(asked):
                    while number not in done and not future.done():
                        free = _take_back(asked, number)
                        if free is None:
                            break
                        done[free] = do(tasks[free])
                    try:
                        result = done.pop(number) if number in done else future.result()
                    except (EOFError, OSError):  # the latter where it ended within an answer
                        result = do(tasks[number])
                    yield result
            finally:
                asking.shutdown(cancel_futures=True)

    def _ask(self, tasks: Sequence[Any], number: int) -> Any:
        self._connection.send(tasks[number])
        return self._connection.recv()


def _take_back(asked: Sequence[Future[Any]], number: int) -> int | None:
    """The first task from this number on that nobody has begun; the partner will not."""
    for at in range(number, min(number + AHEAD, len(asked))):
        if not asked[at].cancelled() and asked[at].cancel():
            return at
    return None
