"""Which changes are shown, and whether the bounds hold that are stated of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from service.alerts.people.verdict import VerdictWord
from service.archive.suggestions.bound import upper_bound
from service.archive.suggestions.trial import (
    ERROR,
    LEAST_NOISE,
    LEAST_USEFUL,
    MOST_SHOWN,
    halves,
    missing,
    needed_for,
    try_changes,
)

CASES = 500


def verdicts(useful: int, noise: int) -> dict[str, VerdictWord]:
    """So many verdicts, by the ids of their alerts."""
    found: dict[str, VerdictWord] = {f"alr_u{number}": "useful" for number in range(useful)}
    return found | {f"alr_n{number}": "noise" for number in range(noise)}


def test_each_verdict_is_in_one_half() -> None:
    """Halves of both kinds, to within one; the same ones whenever they are made."""
    given = verdicts(21, 9)
    halved = halves(given)
    assert halved == halves(dict(reversed(given.items())))
    sizes = {
        word: (len(halved.proposing[word]), len(halved.counted[word]))
        for word in ("useful", "noise")
    }
    assert sizes == {"useful": (10, 11), "noise": (5, 4)}
    for word in ("useful", "noise"):
        mine = {id_ for id_, said in given.items() if said == word}
        assert halved.proposing[word] | halved.counted[word] == mine
        assert not halved.proposing[word] & halved.counted[word]


def test_it_is_said_how_many_verdicts_are_missing() -> None:
    """Of each kind; and how many a bound of 10 % takes."""
    assert missing(verdicts(3, 1)) == {"useful": LEAST_USEFUL - 3, "noise": LEAST_NOISE - 1}
    assert not any(missing(verdicts(LEAST_USEFUL, LEAST_NOISE)).values())
    assert needed_for(0.1) == 58
    assert upper_bound(0, needed_for(0.1) // 2, ERROR) <= 0.1


def test_the_better_change_is_shown_first_and_alike_ones_once() -> None:
    """One that loses useful alerts has to be worth it; of equals the preferred one is taken."""
    given = verdicts(40, 20)
    noise = frozenset(id_ for id_, said in given.items() if said == "noise")
    useful = frozenset(given) - noise
    halved = halves(given)
    lost = next(iter(halved.proposing["useful"]))
    few = frozenset(sorted(halved.proposing["noise"])[:4]) | frozenset(
        sorted(halved.counted["noise"])[:4]
    )
    removed = [few, noise, noise | {"alr_of_nobody"}, noise | {lost}, useful, frozenset()]
    found = try_changes(removed, halved, [9, 1, 2, 3, 9, 9])
    assert [one.number for one in found] == [2, 0]
    assert found[0].removed == removed[2]
    assert {(one.lost, one.counted) for one in found} == {(0, 20)}
    assert found[0].bound == upper_bound(0, 20, ERROR / 2)


def test_a_change_that_costs_too_much_is_not_shown() -> None:
    """Two useful alerts of the proposing half for nine of noise."""
    given = verdicts(40, 18)
    halved = halves(given)
    costly = halved.proposing["noise"] | frozenset(sorted(halved.proposing["useful"])[:2])
    assert try_changes([costly], halved, [0.0]) == []


def cases(loss: float, spread: float, seed: int) -> Iterator[list[float]]:
    """How much bounds exceed true losses, where chance alone makes one of forty changes better.

    Each keeps away half of all noise, and loses a share of the useful alerts that is `loss` or up
    to `spread` more: the best on any sample look better than they are.
    """
    chance = random.Random(seed)
    while True:
        given = verdicts(chance.randint(20, 120), chance.randint(6, 60))
        shares = [loss + spread * chance.random() for _ in range(40)]
        removed = [
            frozenset(
                id_
                for id_, said in given.items()
                if chance.random() < (0.5 if said == "noise" else share)
            )
            for share in shares
        ]
        found = try_changes(removed, halves(given), [0.0] * len(shares))
        if found:
            yield [one.bound - shares[one.number] for one in found]


@pytest.mark.parametrize(("loss", "spread"), [(0.1, 0.0), (0.05, 0.2)])
def test_the_bounds_hold_in_95_of_100_cases(loss: float, spread: float) -> None:
    """All bounds of a case, of changes that were chosen among forty: in 475 of 500 at least."""
    drawn = cases(loss, spread, seed=22)
    held = sum(all(slack >= 0 for slack in next(drawn)) for _ in range(CASES))
    assert held >= (1 - ERROR) * CASES


def test_no_more_are_shown_than_the_error_is_divided_by() -> None:
    """The bounds of all that are shown hold together."""
    given = verdicts(40, 40)
    chance = random.Random(1)
    noise = sorted(id_ for id_, said in given.items() if said == "noise")
    removed = [frozenset(chance.sample(noise, 20)) for _ in range(50)]
    found = try_changes(removed, halves(given), [0.0] * 50)
    assert len(found) == MOST_SHOWN
    assert {one.bound for one in found} == {upper_bound(0, 20, ERROR / MOST_SHOWN)}
