"""Changes of a watchlist, tried on alerts with verdicts: what each keeps away, and may lose.

Half of the verdicts propose: of many changes a few will do well on them by chance. The other half,
which had no say in the choice, counts what those few lose. All their bounds together hold with the
stated confidence, so that whoever chooses among them may look at the bounds: each is held to its
share of the error (Bonferroni).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from service.alerts.people.verdict import VerdictWord
from service.archive.suggestions.bound import sample_for, upper_bound

ERROR = 0.05
"""The bounds hold together with a confidence of 95 %."""
MOST_SHOWN = 3
LEAST_REMOVED = 3
"""Noise of the proposing half that a change has to keep away."""
PRICE = 5
"""Alerts of noise that have to go for one useful alert that goes, in the proposing half."""
LEAST_NOISE = 6
LEAST_USEFUL = 20
"""Verdicts without which nothing is proposed: ten that count bound the loss by a quarter."""
ALIKE = 0.8
"""Changes that keep away so much of the same are one; the better one is shown."""


@dataclass(frozen=True, slots=True)
class Halves:
    """The ids of alerts with a verdict: those that propose, and those that are counted."""

    proposing: Mapping[VerdictWord, frozenset[str]]
    counted: Mapping[VerdictWord, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What one change keeps away."""

    number: int
    """Of the change."""
    removed: frozenset[str]
    """The ids of all alerts that it would have kept away, with a verdict or without."""
    lost: int
    """Useful alerts among them, of those that are counted."""
    counted: int
    """Useful alerts that are counted."""
    bound: float
    """The largest share of useful alerts that it may lose."""


def halves(verdicts: Mapping[str, VerdictWord]) -> Halves:
    """The alerts in two halves: each second one, in an order that has to do with ids alone."""
    proposing: dict[VerdictWord, frozenset[str]] = {}
    counted: dict[VerdictWord, frozenset[str]] = {}
    for word in ("noise", "useful"):
        ids = sorted((id_ for id_, said in verdicts.items() if said == word), key=_order)
        first = word == "useful"  # of an odd number, the count has one more useful
        counted[word], proposing[word] = frozenset(ids[not first :: 2]), frozenset(ids[first::2])
    return Halves(proposing, counted)


def missing(verdicts: Mapping[str, VerdictWord]) -> dict[VerdictWord, int]:
    """How many verdicts of each kind there have to be before anything is proposed."""
    had = [*verdicts.values()]
    least: dict[VerdictWord, int] = {"useful": LEAST_USEFUL, "noise": LEAST_NOISE}
    return {word: max(0, number - had.count(word)) for word, number in least.items()}


def needed_for(bound: float, changes: int = 1) -> int:
    """How many useful verdicts, in both halves, allow that bound where nothing of them is lost."""
    return 2 * sample_for(bound, ERROR / changes)


def try_changes(
    removed: Sequence[frozenset[str]], halved: Halves, preference: Sequence[float]
) -> list[Trial]:
    """The changes that do best on the proposing half, each with the bound of the other half.

    `removed` are the alerts that each keeps away; of two that do equally well, that of the higher
    `preference` is taken.
    """
    noise, useful = halved.proposing["noise"], halved.proposing["useful"]
    judged = [each & (noise | useful) for each in removed]
    worth = [len(each & noise) - PRICE * len(each & useful) for each in judged]
    good = [
        number
        for number, each in enumerate(judged)
        if len(each & noise) >= LEAST_REMOVED and worth[number] > 0
    ]
    good.sort(key=lambda number: (-worth[number], -preference[number]))
    chosen = _unlike(good, judged)
    counted = halved.counted["useful"]
    error = ERROR / max(1, len(chosen))
    return [_trial(number, removed[number], counted, error) for number in chosen]


def _trial(number: int, removed: frozenset[str], counted: Collection[str], error: float) -> Trial:
    lost = len(removed.intersection(counted))
    return Trial(number, removed, lost, len(counted), upper_bound(lost, len(counted), error))


def _unlike(numbers: Sequence[int], removed: Sequence[frozenset[str]]) -> list[int]:
    """The first of these, without those that keep away nearly the same as one before them."""
    chosen: list[int] = []
    for number in numbers:
        if len(chosen) == MOST_SHOWN:
            break
        mine = removed[number]
        others = (removed[one] for one in chosen)
        if all(len(mine & each) < ALIKE * len(mine | each) for each in others):
            chosen.append(number)
    return chosen


def _order(id_: str) -> bytes:
    return hashlib.blake2b(id_.encode(), digest_size=8).digest()
