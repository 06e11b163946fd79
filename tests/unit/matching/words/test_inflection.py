"""Dictionary forms are simplemma's own, though fewer of its strategies are asked."""

from __future__ import annotations

from itertools import islice
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simplemma import Lemmatizer
from simplemma.strategies import DefaultStrategy
from simplemma.strategies.defaultrules.en import ENGLISH_IES_ENDING, ENGLISH_S_ENDING

from service.matching.words import inflection
from service.matching.words.inflection import can_have_forms, dictionary_form, has_dictionary

ENDINGS = [(0, "s"), (1, "ies"), (1, "ed"), (0, "")]
LETTERS = st.characters(categories=("L", "M", "N"), include_characters="'’ʼ-_.")
DICTIONARIES = inflection._FACTORY
ITSELF = Lemmatizer(lemmatization_strategy=DefaultStrategy(dictionary_factory=DICTIONARIES))


@pytest.mark.dictionaries
@pytest.mark.parametrize(
    ("language", "every"),
    [("en", 50), ("it", 200), ("he", 100), ("id", 50)],  # small ones, each with ways of its own
)
def test_words_of_a_dictionary_and_such_as_are_in_none(language: str, every: int) -> None:
    """Each as it stands there, in other cases, and with what is put before and after words."""
    known = DICTIONARIES.get_dictionary(language)
    seen = 0
    for word in islice(known, 0, None, every):
        for form in (word, word.capitalize(), word.upper(), f"{word}'s", f"un’{word}", f"x{word}"):
            assert dictionary_form(form, language) == ITSELF.lemmatize(form, language), form
            seen += 1
    assert seen > 1_000


@pytest.mark.dictionaries
@given(st.text(LETTERS, min_size=1, max_size=12), st.sampled_from(["en", "it", "he", "id"]))
def test_any_word(word: str, language: str) -> None:
    """Letters, marks, numbers, apostrophes and hyphens as they come."""
    assert dictionary_form(word, language) == ITSELF.lemmatize(word, language)


@given(
    st.text(st.characters(min_codepoint=ord("a"), max_codepoint=ord("z")), max_size=8),
    st.sampled_from([*ENGLISH_IES_ENDING, *ENGLISH_S_ENDING, "ized", "erves", "ing", "ed", "s"]),
)
def test_english_endings(stem: str, ending: str) -> None:
    """Those that a rule knows, and others."""
    for word in (stem + ending, (stem + ending).capitalize(), (stem + ending).upper()):
        assert dictionary_form(word, "en") == ITSELF.lemmatize(word, "en")


@given(st.text("0123456789.,", min_size=1, max_size=12), st.sampled_from(["en", "nl", "sv", "he"]))
def test_numbers(word: str, language: str) -> None:
    """They have no other form, in dictionaries that hold some and in others."""
    assert dictionary_form(word, language) == ITSELF.lemmatize(word, language)


def test_what_can_have_forms_a_form_is_never_denied() -> None:
    """Every English word that has one of some forms, in any case, and words that rules mend."""
    entries = dict(DICTIONARIES.get_dictionary("en").items())
    forms = {form.lower() for form in islice(entries.values(), 0, None, 40)}
    made = [form[: len(form) - cut] + ending for form in forms for cut, ending in ENDINGS]
    possible = can_have_forms(forms)
    seen = 0
    for word in (*entries, *made):
        if word.isascii() and word.isalpha():
            for written in (word, word.lower(), word.upper(), word.capitalize()):
                if dictionary_form(written, "en").lower() in forms:
                    assert possible(written.lower()), written
                    seen += 1
    assert seen > 10_000


def test_what_cannot_be_a_form_is_denied() -> None:
    """Else nothing would be gained: irregular and regular forms, and words of no dictionary."""
    possible = can_have_forms({"go", "child", "jet"})
    words = ("went", "going", "goes", "children", "jets", "jet")
    assert all(possible(word) for word in words)
    assert not any(possible(word) for word in ("gone" * 2, "house", "houses", "beckham", "jetty"))


def test_the_dictionary_is_not_read_again_for_other_forms() -> None:
    """Each edit of a watchlist makes such a test: one that reads it all takes 0.2 s."""
    can_have_forms({"go"})
    began = process_time()
    for number in range(10):
        can_have_forms({f"go{number}"})
    assert process_time() - began < 0.1


def test_no_word_has_no_other_form() -> None:
    """What is left of a possessive that stands alone."""
    assert not dictionary_form("", "en")


def test_languages_without_a_dictionary() -> None:
    """They are known without loading one."""
    assert has_dictionary("en")
    assert not has_dictionary("zh")
    assert not has_dictionary("")
