"""The forms that a word of a rule has in articles of another language than its own."""

from __future__ import annotations

import pkgutil
from functools import cache
from typing import NamedTuple

from service.matching.words.dictionary.dictionaries import has_dictionary, is_in_dictionary
from service.matching.words.dictionary.word_table import word_table
from service.matching.words.frequencies import Frequencies
from service.matching.words.inflection import Forms, forms, has_forms
from service.matching.words.wordform import designation, fold, has_capital, is_acronym, lowered

SHORT = 3
"""Most letters of a word in Latin letters that is inflected in its own language only: `rio` is no
form of Spanish reír."""


class ForeignForms(NamedTuple):
    """What a word of a rule finds in articles of another language."""

    forms: Forms
    capitals: bool
    """Whether only words with a capital count."""


def foreign_forms(
    word: str, language: str, of_article: str, *, narrow: bool = False
) -> ForeignForms | None:
    """The forms of a word in an article of another language than its own.

    A word that its own language knows has none, unless it has a capital and so may be a name.
    """
    bare = designation(word)
    if not has_forms(of_article) or is_acronym(bare):
        return None
    known = _knows(bare, language)
    capital = has_capital(bare)
    if not capital and (known or _is_short(bare)):
        return None
    return ForeignForms(forms(word, of_article, narrow=narrow or known), capital)


def _is_short(word: str) -> bool:
    """Whether a word in Latin letters is too short to tell by itself which language it is of."""
    return len(word) <= SHORT and fold(word).isascii()


def _knows(word: str, language: str) -> bool:
    if language == "en" and _is_familiar(fold(word)):
        return True
    table = word_table(language)
    if table is not None:
        return table.knows(lowered(word, language)) or bool(table.spellings(fold(word)))
    return has_dictionary(language) and is_in_dictionary(word, language)


def _is_familiar(word: str) -> bool:
    """Whether English texts have the word although it is a name, or of another language."""
    return Frequencies.shipped().counts(word) or word in _familiar()


@cache
def _familiar() -> frozenset[str]:
    text = pkgutil.get_data("service.matching.words", "tables/familiar.txt")
    if text is None:
        raise FileNotFoundError("familiar.txt is missing from the package; install it again")
    lines = text.decode().splitlines()
    return frozenset(word for line in lines if line[:1] != "#" for word in line.split())
