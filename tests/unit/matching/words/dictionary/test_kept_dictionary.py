"""Dictionaries that are kept as tables say what simplemma's say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

from service.matching.words.dictionary.kept_dictionary import KeptDictionary, dictionary

LANGUAGE = "ms"
"""The smallest."""
EXPECTED = DefaultDictionaryFactory(0).get_dictionary(LANGUAGE)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the file."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def kept(place: Path) -> Mapping[str, str]:
    """The dictionary as another process finds it that comes later."""
    assert isinstance(dictionary(LANGUAGE, [place]), KeptDictionary)
    (written,) = place.iterdir()
    before = written.stat().st_ino
    found = dictionary(LANGUAGE, [place])
    assert written.stat().st_ino == before
    return found


def test_it_has_the_same_forms_with_the_same_lemmas(kept: Mapping[str, str]) -> None:
    """All of them, and in the same order."""
    assert [*kept.items()] == [*EXPECTED.items()]
    assert len(kept) == len(EXPECTED)


@given(word=st.text(max_size=8) | st.sampled_from([*EXPECTED]).map(lambda form: form[:-1]))
def test_it_has_no_other_forms(kept: Mapping[str, str], word: str) -> None:
    """Nor beginnings of forms."""
    assert kept.get(word, "none") == EXPECTED.get(word, "none")
    assert (word in kept) == (word in EXPECTED)


@pytest.mark.parametrize("size", [0xFFFF, 0x10000, 1_000_000])
def test_a_word_of_any_length_may_be_looked_up(kept: Mapping[str, str], size: int) -> None:
    """A page may hold a picture in letters."""
    assert kept.get("x" * size, "none") == "none"
    assert "x" * size not in kept


def test_a_form_that_is_not_there_is_a_key_error(kept: Mapping[str, str]) -> None:
    """As of any mapping."""
    with pytest.raises(KeyError, match="no such form"):
        kept["no such form"]


def test_where_nothing_can_be_kept_it_is_simplemmas_own(tmp_path: Path) -> None:
    """A file stands where the folder would be."""
    taken = tmp_path / "file"
    taken.write_text("")
    found = dictionary(LANGUAGE, [taken])
    assert not isinstance(found, KeptDictionary)
    assert [*found.items()] == [*EXPECTED.items()]


def test_a_language_without_a_dictionary_is_an_error(place: Path) -> None:
    """Whatever its name says of folders."""
    with pytest.raises(ValueError, match="no dictionary"):
        dictionary("../tr", [place])
