"""Words that desks exchange are read from the list of each language."""

from __future__ import annotations

import pkgutil
import re

import pytest

from service.alerts.stories.desk_words import desk_words
from service.alerts.stories.fingerprint import read_zones
from service.alerts.stories.kernel.sequence import FACT, OPENS, WORD
from service.alerts.stories.kernel.words import read_words


def sequence(text: str, language: str = "en") -> list[int]:
    """The words that count of a body."""
    return [int(each & WORD) for each in read_zones("", text, "", language=language).sequences()[1]]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "the labour centre said six", "labor center told 6"),
        ("en-gb", "A grey harbour", "the gray harbor"),
        ("en", "ten per cent", "10 percent"),
        ("de", "der Fluß ist groß", "ein Fluss ist gross"),
        ("fr", "le maire a annoncé", "maire a précisé"),
        ("nb", "han sa det", "han sier det"),
    ],
)
def test_exchanged_words_are_one(language: str, one: str, other: str) -> None:
    """Articles are left out; numbers count by their value."""
    assert sequence(one, language) == sequence(other, language)


@pytest.mark.parametrize("language", ["", "xx", "de"])
def test_a_list_is_that_of_its_language(language: str) -> None:
    """What is no word of the language, or of one that is not listed, stays as it is."""
    assert sequence("the labour", language) != sequence("labor", language)


def test_a_sentence_that_begins_with_an_article_begins_behind_it() -> None:
    """And a word knows whether it is a name or a number."""
    words = read_zones("", "The mayor left. A boat of Oslo sank 3 times.", "", language="en")
    found = words.sequences()[1]
    assert [bool(each & OPENS) for each in found] == [True, False, True, *[False] * 5]
    assert [bool(each & FACT) for each in found] == [*[False] * 4, True, False, True, False]


def test_every_listed_word_is_one_word_and_stands_once() -> None:
    """One that the reader divides would never be found; one that stands twice would be unclear."""
    data = pkgutil.get_data("service.alerts.stories", "desk_words.txt")
    assert data is not None
    for section in re.split(r"^\[.*\]$", data.decode(), flags=re.MULTILINE)[1:]:
        words = [each for each in re.split(r"[\s/]+", section) if each not in {"", "-"}]
        assert [each for each in words if len(read_words(each).hashes) != 1] == []
        assert len(set(words)) == len(words)


def test_regions_share_a_list() -> None:
    """As they share its number words."""
    assert desk_words("en-AU") is desk_words("en")
