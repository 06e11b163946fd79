"""What a decision brings about beside its alerts.

Copies are read again, stories are given up, and deliveries are taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from service.concurrency.waits import Turn
from service.store.commit.commit import Decided
from service.store.outbox import Outbox
from service.store.stories.version import Guard


async def with_consequences(outbox: Outbox, decided: Sequence[Decided]) -> list[Decided]:
    """The decisions with what they bring about. Raises StoreError, and redis-py's own errors."""
    return [
        await _with_heirs(outbox, await _with_left(outbox, await _without_unsent(outbox, one)))
        for one in decided
    ]


def until_story_left(decided: Sequence[Decided]) -> tuple[list[Decided], frozenset[bytes]]:
    """The entries that can be committed together, and the ids of those to be decided after them.

    Where an article leaves a story, what comes after it of that story may be news.
    """
    left: set[str] = set()
    for number, one in enumerate(decided):
        if any(outcome.draft.story_id in left for outcome in one.outcomes):
            return [*decided[:number]], frozenset(each.entry_id for each in decided[number:])
        left.update(outcome.left.story_id for outcome in one.outcomes if outcome.left)
    return [*decided], frozenset()


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
    guards = (*one.further_guards, *map(outbox.unsent.guard, unsent))
    return replace(one, outcomes=outcomes, further_guards=guards)


async def _with_left(outbox: Outbox, one: Decided) -> Decided:
    """Have alerts give up the stories that their article tells no more."""
    outcomes = tuple([await outbox.story_copies.with_left(each) for each in one.outcomes])
    guards = tuple(chain.from_iterable(map(outbox.story_copies.left_guards, outcomes)))
    if not guards:
        return one
    return replace(one, outcomes=outcomes, further_guards=(*one.further_guards, *guards))


async def _with_heirs(outbox: Outbox, one: Decided) -> Decided:
    """Have the copies read again of stories that were told by an article that is retracted."""
    again: dict[tuple[str, ...], None] = {}
    guards: dict[Guard, None] = {}
    trimmed = 0
    turn = Turn()
    for outcome in one.outcomes:
        await turn.pause()
        heirs = await outbox.story_copies.heirs(outcome)
        again |= dict.fromkeys(heirs.entries)
        guards |= dict.fromkeys(filter(None, [heirs.guard]))
        trimmed = max(trimmed, heirs.trimmed)  # of several watchlists it is the same story
    if not guards:
        return one
    further = (*one.further_guards, *guards)
    return replace(one, again=tuple(again), trimmed_copies=trimmed, further_guards=further)
