"""The compiled loop that reads words says what plain patterns say."""

from __future__ import annotations

import re
import sys
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.alerts.stories.kernel.words import (
    BEGINS,
    IS_ALONE,
    IS_CAPITAL,
    IS_NUMBER,
    read_words,
)

WORD = re.compile(
    r"\d+(?:[.,:]\d+)*|[\u0e01-\u0e5b\u3041-\u30ff\u4e00-\u9fff\U00020000-\U0003ffff]"
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
    words = [found.casefold().replace("٣", "3") for found in WORD.findall(text)]
    got = read_words(text)
    assert len(got.hashes) == len(words)
    by_hash = dict(zip(got.hashes.tolist(), words, strict=True))
    assert [by_hash[each] for each in got.hashes.tolist()] == words
    assert len(by_hash) == len(set(words))


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Each word is where it says, and no two are in one place."""
    got = read_words(text)
    spans = [*zip(got.starts.tolist(), got.ends.tolist(), strict=True)]
    assert all(start < end <= len(text) for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@pytest.mark.parametrize("code", [0, 0xD800, 0x1FFFF, 0x20000, sys.maxunicode])
def test_the_ends_of_the_table(code: int) -> None:
    """A half of a pair, the last that the table holds, and all after it."""
    assert len(read_words(chr(code) * 3).hashes) == (1 if code < 0x20000 else 3)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("The man met Khan", [BEGINS | IS_CAPITAL, 0, 0, IS_CAPITAL]),
        ("so. Khan left", [BEGINS, BEGINS | IS_CAPITAL, 0]),
        ("by 3.5 at 14:30", [BEGINS, IS_NUMBER, 0, IS_NUMBER]),
        ("日本", [BEGINS | IS_ALONE, IS_ALONE]),
    ],
)
def test_what_is_known_of_a_word(text: str, kinds: list[int]) -> None:
    """Digits, capitals, the beginnings of sentences, and scripts without spaces."""
    assert read_words(text).kinds.tolist() == kinds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000", "1000"),
        ("1.000.000", "1,000,000"),
        ("248.0", "248"),
        ("248.10", "248.1"),
        ("2,5", "2.5"),
        ("007", "7"),
        ("0", "00"),
        ("٣٫٥".replace("٫", "."), "3.5"),
    ],
)
def test_a_number_is_its_value(one: str, other: str) -> None:
    """However it is written."""
    assert read_words(one).values.tolist() == read_words(other).values.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [("0.125", "125"), ("14:30", "1430"), ("10", "1"), ("2.5", "25"), ("1.0", "10")],
)
def test_other_numbers_have_other_values(one: str, other: str) -> None:
    """Nothing is cut off that says something."""
    assert read_words(one).values.tolist() != read_words(other).values.tolist()


def test_a_name_is_its_first_letters() -> None:
    """So that it may have an ending."""
    one, other, third = (
        int(read_words(each).values[0]) for each in ("Ankara", "ANKARANIN", "Anker")
    )
    assert one == other != third


@pytest.mark.parametrize(("one", "other"), [("İZMİR", "izmir"), ("ΟΔΟΣ", "οδος"), ("οδός", "οδόσ")])
def test_case_does_not_count(one: str, other: str) -> None:
    """The letters whose small form is another than the one that Python gives."""
    assert read_words(one).hashes.tolist() == read_words(other).hashes.tolist()
