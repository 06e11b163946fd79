"""Words → their dictionary forms in languages that have no table yet, by simplemma.

The results are those of `simplemma.lemmatize`; a test compares them. That function tries nine
strategies in turn. Here most words need one or two, which matters for thousands of new words.
"""

from __future__ import annotations

import unicodedata

from simplemma import Lemmatizer
from simplemma.strategies import (
    DefaultDictionaryFactory,
    DefaultStrategy,
    DictionaryLookupStrategy,
    RulesStrategy,
)
from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

from service.articles.combining_marks import cap_marks

MAX_DICTIONARIES = 24
"""Most dictionaries that are kept: 20 to 100 MB each, Polish 350. With one language more,
they would be loaded again and again, which takes seconds."""

_FACTORY = DefaultDictionaryFactory(MAX_DICTIONARIES)
_LOOKUP = DictionaryLookupStrategy(_FACTORY)
_RULES = RulesStrategy()
_ALL = Lemmatizer(cache_max_size=0, lemmatization_strategy=DefaultStrategy(False, _FACTORY))
_APOSTROPHES = ("'", "’", "ʼ")


def has_dictionary(language: str) -> bool:
    """Whether there is a dictionary of the language (a primary subtag)."""
    return language in SUPPORTED_LANGUAGES


def is_number(word: str) -> bool:
    """Whether the word consists of digits and marks between them: it has no other form."""
    return not word.strip("0123456789.,")


def dictionary_form(word: str, language: str) -> str:
    """The dictionary form of `word` in a language; the word itself if none is known."""
    if is_number(word):  # so is an empty word
        return word
    if language == "en" and word.isascii() and word.isalpha():
        # The other strategies for English do not change such a word.
        known = _FACTORY.get_dictionary("en").get
        return (
            known(word)
            or known(word.lower() if word[0].isupper() else word.capitalize())
            or _RULES.get_lemma(word, "en")
            or word
        )
    word = unicodedata.normalize("NFC", cap_marks(word))
    if not word.isnumeric() and not any(mark in word for mark in _APOSTROPHES):
        found = _LOOKUP.get_lemma(word, language)
        if found is not None:
            return found
    return _ALL.lemmatize(word, language)


def is_in_dictionary(word: str, language: str) -> bool:
    """Whether the dictionary of the language has the word, as it is or in lower case."""
    known = _FACTORY.get_dictionary(language)
    return word in known or word.lower() in known
