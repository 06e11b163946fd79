"""An entry with more alerts than one step takes → parts of it; the last one acknowledges it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.store.commit.plan import AlertPlan
from service.store.stories.version import Guard


@dataclass(frozen=True, slots=True)
class Part:
    """Some alerts of an entry, and what they rest on."""

    plans: Sequence[AlertPlan]
    guards: Sequence[Guard]
    is_last: bool


def parts(plans: Sequence[AlertPlan], guards: Sequence[Guard], most: int) -> Iterator[Part]:
    """An entry in parts of at most so many alerts, or one alert with all its events.

    A part rests on the records of its own alerts, and on what the whole entry rests on: among that
    is how many alerts the article has, which each part before has changed.
    """
    divided = _divided(plans, most)
    own = {name: n for n, some in enumerate(divided) for plan in some for name in plan.guarded}
    by_part: dict[int, list[Guard]] = {}
    shared: list[Guard] = []
    for guard in guards:
        if guard.name in own:
            by_part.setdefault(own[guard.name], []).append(guard)
        else:
            shared.append(guard)
    added = 0
    for number, some in enumerate(divided):
        kept = [_with_more(guard, plans, added) for guard in shared]
        yield Part(some, [*kept, *by_part.get(number, ())], number == len(divided) - 1)
        added += sum(plan.added for plan in some)


def _divided(plans: Sequence[AlertPlan], most: int) -> list[list[AlertPlan]]:
    """The events of one alert stay together: they rest on the same, and the first changes that."""
    divided: list[list[AlertPlan]] = [[]]
    for plan in plans:
        last = divided[-1]
        if len(last) >= most and last[-1].alert != plan.alert:
            divided.append(last := [])
        last.append(plan)
    return divided


def _with_more(guard: Guard, plans: Sequence[AlertPlan], added: int) -> Guard:
    """The guard that counts the article's alerts, once so many were added; any other as it is."""
    if not plans or guard.read != ("HLEN", plans[0].alerted):
        return guard
    return guard._replace(found=(str(int(guard.found[0]) + added),))
