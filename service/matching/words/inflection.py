"""Words → their dictionary forms, by the dictionaries and rules of simplemma.

The answers are those of `simplemma.lemmatize`, which a test compares. That one asks nine strategies
in turn, and articles bring new words by the thousand: for most, one or two can know the answer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection

from simplemma import Lemmatizer
from simplemma.strategies import (
    DefaultDictionaryFactory,
    DefaultStrategy,
    DictionaryLookupStrategy,
    RulesStrategy,
)
from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

DICTIONARIES = 24
"""Most dictionaries that are kept, 20 to 100 MB each, Polish 350: for one language more, all have
to be loaded again and again, which takes up to seconds."""

_FACTORY = DefaultDictionaryFactory(DICTIONARIES)
_LOOKUP = DictionaryLookupStrategy(_FACTORY)
_RULES = RulesStrategy()
_ALL = Lemmatizer(cache_max_size=0, lemmatization_strategy=DefaultStrategy(False, _FACTORY))
_APOSTROPHES = ("'", "’", "ʼ")


def has_dictionary(language: str) -> bool:
    """Whether a dictionary of the language (a primary subtag) is at hand."""
    return language in SUPPORTED_LANGUAGES


def is_number(word: str) -> bool:
    """Whether the word is of digits, and marks between them: it has no other form."""
    return not word.strip("0123456789.,")


def dictionary_form(word: str, language: str) -> str:
    """The form that dictionaries of the language hold `word` under; itself where none is known."""
    if is_number(word):  # nothing is one, too
        return word
    if language == "en" and word.isascii() and word.isalpha():
        # Nothing else that is asked for English does anything to such a word.
        known = _FACTORY.get_dictionary("en").get
        return (
            known(word)
            or known(word.lower() if word[0].isupper() else word.capitalize())
            or _RULES.get_lemma(word, "en")
            or word
        )
    word = unicodedata.normalize("NFC", word)
    if not word.isnumeric() and not any(mark in word for mark in _APOSTROPHES):
        found = _LOOKUP.get_lemma(word, language)
        if found is not None:
            return found
    return _ALL.lemmatize(word, language)


def may_be(forms: Collection[str]) -> Callable[[str], bool]:
    """Tells of English words in lower case whether their dictionary form may be one of `forms`.

    Never no where it is, however the word is capitalised: for ASCII letters, and for digits.
    `forms` are in lower case. A look into a small set takes the place of two into a large one.
    """
    entries = _FACTORY.get_dictionary("en").items()
    possible = {entry.lower() for entry, form in entries if form.lower() in forms}.union(forms)
    return lambda word: word in possible or _RULES.get_lemma(word, "en") is not None
