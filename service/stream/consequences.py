"""What a decision brings about beside its alerts.

Copies are read again, and deliveries are taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service.concurrency.waits import Turn
from service.store.commit.commit import Decided
from service.store.outbox import Outbox


async def with_consequences(outbox: Outbox, decided: Sequence[Decided]) -> list[Decided]:
    """The decisions with what they bring about. Raises StoreError, and redis-py's own errors."""
    return [await _with_heirs(outbox, await _without_unsent(outbox, one)) for one in decided]


async def _without_unsent(outbox: Outbox, one: Decided) -> Decided:
    """Have retractions cancel what waits of their alerts in quiet hours."""
    turn = Turn()
    cancelled = []
    for each in one.outcomes:
        cancelled.append(await outbox.unsent.cancelled(each))
        await turn.pause()  # an article may have thousands of alerts
    outcomes = tuple(cancelled)
    unsent = [each for outcome in outcomes for each in outcome.unsent]
    if not unsent:
        return one
    return replace(one, outcomes=outcomes, unsent_guards=tuple(map(outbox.unsent.guard, unsent)))


async def _with_heirs(outbox: Outbox, one: Decided) -> Decided:
    """Have the copies read again of stories that were told by an article that is retracted."""
    again: dict[tuple[str, ...], None] = {}
    trimmed = 0
    turn = Turn()
    for outcome in one.outcomes:
        await turn.pause()
        heirs = await outbox.story_copies.heirs(outcome)
        again |= dict.fromkeys(heirs.entries)
        trimmed = max(trimmed, heirs.trimmed)  # of several watchlists it is the same story
    return replace(one, again=tuple(again), trimmed_copies=trimmed)
