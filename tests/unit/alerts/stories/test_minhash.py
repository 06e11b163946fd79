"""The compiled loops of fingerprints say what plain ones say."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.alerts.stories.minhash import Hashes, least, read

WORD = re.compile(
    r"\d+(?:[.,]\d+)*|[\u0e01-\u0e5b\u3041-\u30ff\u4e00-\u9fff\U00020000-\U0003ffff]"
    r"|[^\W\d_\u0e01-\u0e5b\u3041-\u30ff\u4e00-\u9fff\U00020000-\U0003ffff][\w\u0300-\u036f]*?"
    r"(?=[^\w\u0300-\u036f]|[_\u0e01-\u0e5b\u3041-\u30ff\u4e00-\u9fff\U00020000-\U0003ffff]|$)"
)
LATIN = ["Rovers", "beat", "É", "ß", "naïve", "e\u0301", "A5", "5G", "1,000", "3.", ".5", "2.5.6,7"]
OTHERS = ["ไทย", "日本", "カタ", "𠮷", "Ж", "٣", "مصر"]
BETWEEN = [" ", "\n", ".", ",", "—", "“", "’", "_"]
PIECES = st.lists(st.sampled_from([*LATIN, *OTHERS, *BETWEEN])).map("".join)


@given(PIECES)
@example("Rise of 3.5, then")
@example("3,a")
@example("1.")
@example("A5")
def test_words_are_those_of_the_pattern(text: str) -> None:
    """The same number of words, and the same word where the pattern finds the same."""
    words = [found.casefold() for found in WORD.findall(text)]
    got = read(text)
    assert len(got.words) == len(words)
    by_hash = dict(zip(got.words.tolist(), words, strict=True))
    assert [by_hash[each] for each in got.words.tolist()] == words
    assert len(by_hash) == len(set(words))


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Each fact is a word, and no more are told than there are."""
    got = read(text)
    assert set(got.facts.tolist()) <= set(got.words.tolist())
    assert got.alone <= len(got.words) <= len(text)


@pytest.mark.parametrize("code", [0, 0xD800, 0x1FFFF, 0x20000, sys.maxunicode])
def test_the_ends_of_the_table(code: int) -> None:
    """A half of a pair, the last that the table holds, and all after it."""
    assert len(read(chr(code) * 3).words) == (1 if code < 0x20000 else 3)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("The minister met Khan in Ankara.", ["Khan", "Ankara"]),
        ("The minister. Khan left", []),
        ("Rose by 3.5 points to 1,200; then 3.5 again", ["3.5", "1,200"]),
        ("In Österreich und İzmir", ["Österreich", "İzmir"]),
        ("12 dead", ["12"]),
        ("日本 の 5 人", ["5"]),
    ],
)
def test_facts_are_numbers_and_names_within_sentences(text: str, facts: list[str]) -> None:
    """Each is told once, by the hash of its word."""
    wanted = {int(read(each).words[0]) for each in facts}
    assert set(read(text).facts.tolist()) == wanted
    assert len(read(text).facts) == len(facts)


@pytest.mark.parametrize(("one", "other"), [("İZMİR", "izmir"), ("ΟΔΟΣ", "οδος"), ("οδός", "οδόσ")])
def test_case_does_not_count(one: str, other: str) -> None:
    """The letters whose small form is another than the one that Python gives."""
    assert read(one).words.tolist() == read(other).words.tolist()


def mixed(value: int) -> int:
    """SplitMix64's finaliser, in whole numbers."""
    value = (value + 0x9E3779B97F4A7C15) % 2**64
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ value >> 27) * 0x94D049BB133111EB % 2**64
    return value ^ value >> 31


NUMBERS = st.integers(0, 2**64 - 1)


@given(
    st.lists(NUMBERS, max_size=9),
    st.sampled_from([(0,), (0, 3), (0, 1, 2, 3)]),
    st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**32 - 1)), max_size=5),
)
def test_the_least_are_those_of_whole_numbers(
    words: list[int], places: tuple[int, ...], drawn: list[tuple[int, int]]
) -> None:
    """Nothing wraps around where it should not, and too few words have the greatest number."""
    features = []
    for at in range(len(words) - places[-1]):
        joined = 0
        for place in places:
            joined = (joined * 0xD1342543DE82EF95 + words[at + place]) % 2**64
        features.append(mixed(joined) >> 32)
    factors, addends = [2 * a + 1 for a, _ in drawn], [b for _, b in drawn]

    def hashes(values: list[int]) -> Hashes:
        return np.array(values, np.uint32)

    got = least(np.array(words, np.uint64), places, hashes(factors), hashes(addends))
    assert got.tolist() == [
        min(((each * a + b) % 2**32 for each in features), default=2**32 - 1)
        for a, b in zip(factors, addends, strict=True)
    ]
