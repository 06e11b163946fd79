"""How long batches take, and how late a timer rings, while something else goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from statistics import median

from service.articles.article import Article
from service.rules.live.rulebook import Rulebook

ROUNDS = 5
"""How often each batch is matched with nothing beside it, to know how long it takes."""


@dataclass
class Seen:
    """How long batches took, and how late a timer was, while something went on."""

    batches: list[tuple[int, float]] = field(default_factory=list)
    """Which of the batches, and its seconds."""
    late: list[float] = field(default_factory=list)
    """Seconds."""
    seconds: float = 0.0
    """All of it."""

    def delays(self, usual: Sequence[float]) -> list[float]:
        """How much longer each took than it usually does, in order of size."""
        return sorted(seconds - usual[number] for number, seconds in self.batches)


async def matching(rulebook: Rulebook, batches: Sequence[Sequence[Article]], seen: Seen) -> None:
    """Match batch after batch by the rules then in force, until cancelled."""
    while True:
        for number, articles in enumerate(batches):
            begun = time.perf_counter()
            await asyncio.to_thread(rulebook.current.engine.matching_queries, articles)
            seen.batches.append((number, time.perf_counter() - begun))


async def ringing(seen: Seen) -> None:
    """Ring every millisecond, until cancelled."""
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(0.001)
        seen.late.append(time.perf_counter() - begun - 0.001)


async def watched(
    rulebook: Rulebook, batches: Sequence[Sequence[Article]], during: Awaitable[None]
) -> Seen:
    """What is seen while something goes on."""
    seen, begun = Seen(), time.perf_counter()
    tasks = [
        asyncio.create_task(matching(rulebook, batches, seen)),
        asyncio.create_task(ringing(seen)),
    ]
    await during
    seen.seconds = time.perf_counter() - begun
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return seen


async def usual_seconds(rulebook: Rulebook, batches: Sequence[Sequence[Article]]) -> list[float]:
    """How long each batch takes with nothing beside it: the median."""
    seconds: list[list[float]] = [[] for _ in batches]
    for _ in range(ROUNDS + 1):
        for number, articles in enumerate(batches):
            begun = time.perf_counter()
            await asyncio.to_thread(rulebook.current.engine.matching_queries, articles)
            seconds[number].append(time.perf_counter() - begun)
    return [median(each[1:]) for each in seconds]  # the first look at an article takes longer
