"""Runs of combining marks are cut before anything sorts them."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.stories.fingerprint import fingerprint, prepare
from service.articles.combining_marks import MAX_MARKS, cap_marks
from service.articles.paragraphs import clean
from service.matching.syntax.parser import parse
from service.matching.words.inflection import lemma
from service.matching.words.wordform import fold, spelling

MARKS = "\u0300\u0315\u0f73\u3099\uff9e\u064b"
UNSORTED = "a" + "\u0315" * 20_000 + "\u0300" * 20_000
"""What takes CPython 3 s to normalise, and 35 s when it is three times as long."""


def naive(text: str) -> str:
    """The text without each mark that follows 30 others."""
    kept, run = "", 0
    for character in text:
        is_mark = unicodedata.category(character)[0] == "M" or character in "\uff9e\uff9f"
        run = run + 1 if is_mark else 0
        kept += character if run <= MAX_MARKS else ""
    return kept


@given(st.lists(st.text(f"ab é{MARKS}", max_size=80).map(lambda part: part * 3)).map("".join))
def test_thirty_marks_of_each_run_stay(text: str) -> None:
    """No more marks are cut than that, and nothing else."""
    assert cap_marks(text) == naive(text)


@given(st.integers(0, 40), st.integers(0, 99), st.sampled_from(MARKS))
def test_a_long_run_is_seen_wherever_it_is(before: int, marks: int, mark: str) -> None:
    """The quick test, which looks at each fifth character, misses no run."""
    text = "x" * before + mark * marks + "y"
    assert cap_marks(text) == naive(text)


@given(st.text("eao\u0301\u0300\u0323\u0327 "))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """A letter with a few marks keeps them all."""
    assert cap_marks(text) is text or len(text) > MAX_MARKS


@pytest.mark.parametrize(
    "normalised",
    [
        clean,
        fold,
        spelling,
        lambda text: lemma(text, "de"),
        lambda text: fold((text[1:16] + text[-15:] + "\u200d") * 1_300),
        fingerprint,
        lambda text: parse(text[:2_000] + text[-2_000:]),
    ],
    ids=["article", "folded", "cs()", "dictionary", "behind joiners", "fingerprint", "expression"],
)
def test_marks_hold_nobody_up(normalised: Callable[[str], object]) -> None:
    """40,000 marks on one letter take no longer than 40,000 letters."""
    prepare()
    normalised("é warm-up")
    start = time.process_time()
    normalised(UNSORTED)
    assert time.process_time() - start < 0.5
