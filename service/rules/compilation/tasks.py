"""Work that may be shared: the same done to each of many tasks, here or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Each(Protocol):
    """Who does it."""

    def __call__(self, do: Callable[[Task], Result], tasks: Sequence[Task], /) -> Iterator[Result]:
        """Does it to each task and gives the results, in the order of the tasks.

        It has to have the same result wherever it is done, and however often.
        """


def here(do: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
    """Does it all here, one after the other."""
    return map(do, tasks)
