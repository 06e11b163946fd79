"""Dictionaries of languages that have no table: the last ones used are kept."""

from __future__ import annotations

import pytest

from service.matching.words import inflection
from service.matching.words.dictionary import dictionaries

MALAY, ESPERANTO, SAMI = "ms", "eo", "se"  # they are read in a moment


def test_what_was_loaded_longest_ago_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not wait asks first; a language that is asked for stays."""
    monkeypatch.setattr(dictionaries, "MAX_DICTIONARIES", 2)
    monkeypatch.setattr(dictionaries._FACTORY, "_kept", {})

    def loaded() -> list[str]:
        languages = MALAY, ESPERANTO, SAMI
        return [each for each in languages if each in dictionaries._FACTORY._kept]

    for language in (MALAY, ESPERANTO):
        assert not inflection.are_forms_loaded(language)
        inflection.load_forms(language)
    assert inflection.are_forms_loaded(MALAY)  # asked for after Esperanto was loaded
    inflection.load_forms(SAMI)
    assert loaded() == [MALAY, SAMI]
    assert not inflection.are_forms_loaded(ESPERANTO)
    assert inflection.text_form("hundojn", ESPERANTO) == ("hundo", "hundo")  # it is loaded
    assert loaded() == [ESPERANTO, SAMI]


@pytest.mark.parametrize("language", ["en", "pl", "xx", ""])
def test_tables_and_unknown_languages_wait_for_nothing(language: str) -> None:
    """They have no dictionary that could go."""
    assert inflection.are_forms_loaded(language)
