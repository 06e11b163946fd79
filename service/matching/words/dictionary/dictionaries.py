"""Words → their dictionary forms in languages that have no table yet, by simplemma.

The results are those of `simplemma.lemmatize`; a test compares them. That function tries nine
strategies in turn. Here most words need one or two, which matters for thousands of new words.
"""

from __future__ import annotations

import functools
import threading
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from service.articles.combining_marks import cap_marks
from service.articles.language.kept_file import folders

MAX_DICTIONARIES = 24
"""Most dictionaries that are at hand: those that were used last."""


class _Dictionaries:
    """The dictionaries that are kept, by language; simplemma's strategies ask for them."""

    def __init__(self) -> None:
        self._kept: dict[str, Mapping[str, str]] = {}
        self._lock = threading.Lock()
        self._loading = (
            threading.Lock()
        )  # another one: nobody waits for a load to ask what is there

    def get_dictionary(self, lang: str) -> Mapping[str, str]:
        """The dictionary, loaded where it is missing: on a machine the first time takes seconds."""
        found = self._kept.get(lang)
        if found is None:
            from service.matching.words.dictionary.kept_dictionary import dictionary  # noqa: PLC0415

            with self._loading:
                found = self._kept.get(lang) or dictionary(lang, folders(__file__))
                with self._lock:
                    self._kept[lang] = found
                    if len(self._kept) > MAX_DICTIONARIES:
                        del self._kept[next(iter(self._kept))]
        return found

    def keep(self, lang: str) -> bool:
        """Whether the dictionary is there; it is the last one to go then."""
        with self._lock:
            found = self._kept.pop(lang, None)
            if found is not None:
                self._kept[lang] = found
        return found is not None


_FACTORY = _Dictionaries()
_APOSTROPHES = ("'", "’", "ʼ")


class _Strategies(NamedTuple):
    """Those of simplemma."""

    lookup: Any
    rules: Any
    all: Any


@functools.cache
def _strategies() -> _Strategies:
    # To load simplemma takes 50 ms, and most rules are in languages that have a table.
    from simplemma import Lemmatizer  # noqa: PLC0415
    from simplemma.strategies import (  # noqa: PLC0415
        DefaultStrategy,
        DictionaryLookupStrategy,
        RulesStrategy,
    )

    every = Lemmatizer(cache_max_size=0, lemmatization_strategy=DefaultStrategy(False, _FACTORY))
    return _Strategies(DictionaryLookupStrategy(_FACTORY), RulesStrategy(), every)


def has_dictionary(language: str) -> bool:
    """Whether there is a dictionary of the language (a primary subtag)."""
    from simplemma.strategies.dictionaries.dictionary_factory import (  # noqa: PLC0415
        SUPPORTED_LANGUAGES,
    )

    return language in SUPPORTED_LANGUAGES


def load_dictionary(language: str) -> None:
    """Have the dictionary of the language at hand; it is the last one to go then."""
    if not _FACTORY.keep(language):
        _FACTORY.get_dictionary(language)


def is_loaded(language: str) -> bool:
    """Whether the dictionary of the language is at hand; it is the last one to go then."""
    return _FACTORY.keep(language)


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
            or _strategies().rules.get_lemma(word, "en")
            or word
        )
    word = unicodedata.normalize("NFC", cap_marks(word))
    if not word.isnumeric() and not any(mark in word for mark in _APOSTROPHES):
        found: str | None = _strategies().lookup.get_lemma(word, language)
        if found is not None:
            return found
    lemma: str = _strategies().all.lemmatize(word, language)
    return lemma


def is_in_dictionary(word: str, language: str) -> bool:
    """Whether the dictionary of the language has the word, as it is or in lower case."""
    known = _FACTORY.get_dictionary(language)
    return word in known or word.lower() in known
