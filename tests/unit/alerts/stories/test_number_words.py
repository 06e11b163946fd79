"""Words that say a number are read from the list of each language."""

from __future__ import annotations

import pkgutil

import pytest

from service.alerts.stories.kernel.places import IS_NAME, IS_UNIT, SAYS_NUMBER
from service.alerts.stories.kernel.words import read_words
from service.alerts.stories.number_words import number_words


def kind(language: str, word: str) -> int:
    """What the word is in a language; 0 where it is not listed."""
    listed = number_words(language)
    found = dict(zip(listed.hashes.tolist(), listed.kinds.tolist(), strict=True))
    return int(found.get(int(read_words(word).hashes[0]), 0))


@pytest.mark.parametrize(
    ("language", "word", "wanted"),
    [
        ("en", "six", SAYS_NUMBER),
        ("en-gb", "Sixth", SAYS_NUMBER),
        ("de", "sechs", SAYS_NUMBER),
        ("nb", "seks", SAYS_NUMBER),
        ("fr", "lundi", IS_NAME),
        ("en", "percent", IS_UNIT),
        ("en", "sechs", 0),
        ("xx", "six", 0),
        ("", "six", 0),
    ],
)
def test_a_word_is_looked_up_in_its_language(language: str, word: str, wanted: int) -> None:
    """A region, a case and a Norwegian make no difference."""
    assert kind(language, word) == wanted


def test_every_listed_word_is_one_word() -> None:
    """One that the reader divides would never be found."""
    data = pkgutil.get_data("service.alerts.stories", "number_words.txt")
    assert data is not None
    lines = [line for line in data.decode().splitlines() if line and line[0] not in "#["]
    words = [word for line in lines for word in line.split()]
    assert len(words) > 1_000
    assert [word for word in words if len(read_words(word).hashes) != 1] == []
