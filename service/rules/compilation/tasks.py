"""One function applied to many tasks, in this process or shared with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class MapTasks(Protocol):
    """Applies a function to tasks."""

    def __call__(
        self, work: Callable[[Task], Result], tasks: Sequence[Task], /
    ) -> Iterator[Result]:
        """The result of `work` for each task, in the order of the tasks.

        `work` must return the same result in any process, and however often it is called.
        """


def run_inline(work: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
    """Applies `work` to the tasks in this process, one after the other."""
    return map(work, tasks)
