"""An entry with more alerts than one step takes → parts of it; the last one acknowledges it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.store.commit.plan import AlertPlan
from service.store.stories.version import Guard


@dataclass(frozen=True, slots=True)
class Part:
    """Some alerts of an entry, and what they rest on."""

    plans: Sequence[AlertPlan]
    guards: Sequence[Guard]
    is_last: bool


def parts(
    plans: Sequence[AlertPlan], guards: Sequence[Guard], most: int, most_guards: int
) -> Iterator[Part]:
    """An entry in parts of at most so many commands, or one alert with all its events.

    A part rests on the records of its own alerts, and on what the whole entry rests on: among that
    is how many alerts the article has, which each part before has changed. What alerts rest on that
    change nothing is checked with each part; where that is much, once, in parts of its own.
    """
    divided = _divided(plans, most)
    if len(divided) == 1 and len(guards) <= most_guards:
        yield Part(divided[0], guards, is_last=True)
        return
    own = {name: n for n, some in enumerate(divided) for plan in some for name in plan.guarded}
    by_part: dict[int, list[Guard]] = {}
    shared: list[Guard] = []
    for guard in guards:
        if guard.name in own:
            by_part.setdefault(own[guard.name], []).append(guard)
        else:
            shared.append(guard)
    unchanged = [guard for guard in shared if guard.read[0] == "HMGET"]
    if len(unchanged) > most_guards:
        shared = [guard for guard in shared if guard.read[0] != "HMGET"]
        for start in range(0, len(unchanged), most_guards):
            yield Part((), [*shared, *unchanged[start : start + most_guards]], is_last=False)
    added: Counter[str] = Counter()
    for number, some in enumerate(divided):
        kept = [_with_more(guard, added) for guard in shared]
        yield Part(some, [*kept, *by_part.get(number, ())], number == len(divided) - 1)
        for plan in some:
            added[plan.alerted] += plan.added
            added[plan.reached] += len(plan.reached_fields())


def _divided(plans: Sequence[AlertPlan], most: int) -> list[list[AlertPlan]]:
    """The events of one alert stay together: they rest on the same, and the first changes that."""
    divided: list[list[AlertPlan]] = [[]]
    commands = 0
    for plan in plans:
        last = divided[-1]
        if last and commands + plan.commands > most and last[-1].alert != plan.alert:
            divided.append(last := [])
            commands = 0
        last.append(plan)
        commands += plan.commands
    return divided


def _with_more(guard: Guard, added: Mapping[str, int]) -> Guard:
    """A guard that counts fields, with those that the parts before add; any other as it is.

    It may count the article's alerts, or whom its story has reached.
    """
    more = added.get(guard.read[1], 0) if guard.read[0] == "HLEN" else 0
    return guard._replace(found=(str(int(guard.found[0]) + more),)) if more else guard
