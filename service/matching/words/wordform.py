"""One word → the forms that it is compared by (DESIGN.md §4)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

from service.articles.combining_marks import cap_marks
from service.matching.words.inflection import dictionary_form, has_dictionary

_POSSESSIVES = frozenset({f"{mark}{s}" for mark in "'’ʼ" for s in "sS"})
_PLURAL = regex.compile(r"(\d+)[sS]|([\p{Lu}\d]{2,})s")
_UNMARKED = regex.compile(r"\p{Latin}|\p{Greek}|\p{Cyrillic}")

# Characters that Unicode does not decompose, but that people type without stroke, ligature or curl.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "þ": "th",
        "ı": "i",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "\u200c": "",  # joiners: Persian and Hindi are typed with and without them
        "\u200d": "",
    }
)

_QUOTES = str.maketrans(dict.fromkeys("’ʼ", "'"))

_ACRONYM_LENGTH = 4

MAX_REMEMBERED_WORDS = 200_000
"""Most words whose folded form is remembered, and most whose dictionary form is remembered."""
MAX_REMEMBERED_CHARS = 64
"""Longer words are not remembered: a text of endless words must not fill the memory."""


def fold(word: str) -> str:
    """`word` without differences of typing: case, compatibility forms, marks, curly quotes.

    Marks are removed from Latin, Greek and Cyrillic letters only; in other scripts they matter.
    """
    if word.isascii():
        return word.lower()
    return _folded(word) if len(word) <= MAX_REMEMBERED_CHARS else _folded.__wrapped__(word)


@lru_cache(maxsize=MAX_REMEMBERED_WORDS)
def _folded(word: str) -> str:
    text = unicodedata.normalize("NFKC", cap_marks(word)).replace("İ", "i").casefold()
    text = cap_marks(text.translate(_LETTERS))  # without a joiner, two runs are one
    out: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(char):
            base = char
        elif _UNMARKED.match(base):
            continue
        out.append(char)
    return unicodedata.normalize("NFC", "".join(out))


def lemma(word: str, language: str) -> str:
    """The folded dictionary form of `word`; the folded word if the language has no dictionary.

    A word of up to four capitals is an acronym and has no other form (`US` is not `we`, `AIDS` is
    not `aid`); a possessive, or the plural of a designation or an acronym, is removed first
    (`jet's`, `F-16s`, `UAVs`).
    """
    if len(word) > MAX_REMEMBERED_CHARS:
        return _lemma.__wrapped__(word, language)
    return _lemma(word, language)


def is_plural(word: str) -> bool:
    """Whether the word is the plural of a designation or an acronym, which no dictionary has."""
    if word[-1:] not in ("s", "S") or word[-2:-1].islower():  # most words
        return False
    return _PLURAL.fullmatch(word) is not None


@lru_cache(maxsize=MAX_REMEMBERED_WORDS)
def _lemma(word: str, language: str) -> str:
    primary = language.partition("-")[0]
    if word.isascii() and word.isalpha() and word.islower() and has_dictionary(primary):
        return fold(dictionary_form(word, primary))  # most words need no other rule
    bare = word[:-2] if word[-2:] in _POSSESSIVES else word
    if is_plural(bare):
        return fold(bare[:-1])
    if bare.isupper() and 1 < len(bare) <= _ACRONYM_LENGTH:
        return fold(bare)
    return fold(dictionary_form(bare, primary) if has_dictionary(primary) else bare)


def spelling(word: str) -> str:
    """`word` as `cs()` compares it: composed characters, straight quotes."""
    return (
        word if word.isascii() else unicodedata.normalize("NFC", cap_marks(word)).translate(_QUOTES)
    )


def has_capital(word: str) -> bool:
    """Whether `caps()` accepts the word."""
    if word.isascii():
        return word != word.lower()
    return any(char.isupper() or char.istitle() for char in word)
