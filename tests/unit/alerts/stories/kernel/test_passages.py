"""What stands between the words that two texts have in common."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.stories.kernel.passages import LEAST_PLAIN, MAX_PASSAGES, Passage, passages
from service.alerts.stories.kernel.sequence import FACT, OPENS, WORD, Sequence

TEXTS = st.lists(st.integers(1, 30), max_size=40) | st.lists(
    st.sampled_from([1, 2, 21]), max_size=12
)
"""Of many words, or of few, which come again and again."""
Span = tuple[int, int, int, int]


def a_sequence(words: list[int]) -> Sequence:
    """Words by their numbers; those above 20 are facts."""
    return np.array([each | int(FACT) * (each > 20) for each in words], np.uint16)


def plain_in(run: list[int]) -> int:
    """Words that are no facts."""
    return sum(each <= 20 for each in run)


def naive_passages(ours: list[int], theirs: list[int], span: Span) -> list[Passage]:
    """The same by trying all runs: of equal ones the first of ours, and the last of theirs."""
    start, end, other, after = span
    best = (0, 0, 0, 0)
    for at in range(start, end):
        for there in reversed(range(other, after)):
            size = 0
            while at + size < end and there + size < after:
                if ours[at + size] != theirs[there + size]:
                    break
                size += 1
                found = (plain_in(ours[at : at + size]), size)
                if found > best[:2]:
                    best = (*found, at, there)
    plain, size, at, there = best
    if plain < LEAST_PLAIN:
        ends = end == len(ours) and after == len(theirs)
        while ends and end > start and after > other and ours[end - 1] == theirs[after - 1]:
            end, after = end - 1, after - 1
        span = (start, end, other, after)
        return [Passage(*span)] if end > start or after > other else []
    return [
        *naive_passages(ours, theirs, (start, at, other, there)),
        *naive_passages(ours, theirs, (at + size, end, there + size, after)),
    ]


@given(TEXTS, TEXTS)
def test_passages_are_what_no_common_run_covers(ours: list[int], theirs: list[int]) -> None:
    """Behind what both begin with, as a slow search finds them."""
    same = 0
    while same < min(len(ours), len(theirs)) and ours[same] == theirs[same]:
        same += 1
    found = passages(a_sequence(ours), a_sequence(theirs))
    wanted = naive_passages(ours, theirs, (same, len(ours), same, len(theirs)))
    assert found[: MAX_PASSAGES - 1] == wanted[: MAX_PASSAGES - 1]


@given(TEXTS, TEXTS)
def test_between_passages_both_texts_are_the_same(ours: list[int], theirs: list[int]) -> None:
    """Whatever the runs are."""
    kept, others, at, other = [], [], 0, 0
    for each in passages(a_sequence(ours), a_sequence(theirs)):
        kept += ours[at : each.start]
        others += theirs[other : each.other_start]
        at, other = each.end, each.other_end
    assert kept + ours[at:] == others + theirs[other:]


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        ([1, 2, 3, 4, 5], [1, 2, 9, 4, 5], [(2, 3, 2, 3)]),
        ([1, 2, 3, 4, 5], [1, 2, 4, 5], [(2, 3, 2, 2)]),
        ([1, 2, 7, 3, 8, 4, 5], [1, 2, 9, 3, 10, 4, 5], [(2, 5, 2, 5)]),
        ([9, 21, 22, 23, 8], [21, 22, 23, 7], [(0, 5, 0, 4)]),
        ([1, 2], [1, 2], []),
        ([], [1], [(0, 0, 0, 1)]),
        ([1, 2, 3], [1, 2, 9, 3], [(2, 2, 2, 3)]),
        ([1, 2, 9, 21], [1, 2, 21, 21], [(2, 3, 2, 3)]),
    ],
)
def test_a_run_has_two_plain_words(ours: list[int], theirs: list[int], wanted: list[Span]) -> None:
    """One word that comes again between two others, or only names, divide no passage; but the end
    of both texts is none.
    """
    assert passages(a_sequence(ours), a_sequence(theirs)) == wanted


def test_where_sentences_begin_makes_no_difference() -> None:
    """Nor what is taken for a name: only the words are compared."""
    words = a_sequence([1, 2, 3])
    assert passages(words, words | OPENS) == []
    assert int(WORD | OPENS | FACT) == 0xFFFF


def test_very_different_texts_end() -> None:
    """No more passages are told than there is room for."""
    ours = [each for number in range(1, 100) for each in (number % 20 + 1, number % 7 + 1)]
    found = passages(a_sequence(ours), a_sequence(ours[::-1]))
    assert 0 < len(found) <= MAX_PASSAGES
