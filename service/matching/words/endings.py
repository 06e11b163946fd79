"""The forms of words that no table knows, by their endings: names, and Korean nouns."""

from __future__ import annotations

import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import regex

LEAST_LETTERS = 3
"""Fewest letters of a word that has such forms."""
LEAST_SYLLABLES = 2
"""The same for Korean, where each character is a syllable."""
_HANGUL = regex.compile(r"\p{Hangul}+")
_HISSING = ("x", "z", "ch", "sh")
_VOWELS = "aeiou"
_ANY = "-"
_TYPED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_UMLAUTS = {"ae": "ä", "oe": "ö", "ue": "ü"}
_UMLAUT = regex.compile("|".join(_UMLAUTS))
_SLAVIC_NAME = regex.compile(r"(.*)dj(.*)i[cć]")


def is_korean(word: str) -> bool:
    """Whether a word is written in Hangul, where particles stand behind nouns."""
    return _HANGUL.fullmatch(word) is not None


def by_ending(word: str, language: str) -> Iterator[str]:
    """The forms that a word in lower case has if it goes like others that end as it does."""
    korean = is_korean(word)
    if len(word) < (LEAST_SYLLABLES if korean else LEAST_LETTERS):
        return
    known = _endings().get("ko" if korean else language, {})
    for start in range(len(word)):
        if word[start:] in known and start > 1:
            yield from (word[:start] + ending for ending in known[word[start:]])
            return
    yield from (word + ending for ending in known.get(_ANY, ()))


def plurals(word: str) -> Iterator[str]:
    """English plurals of a word that has none in the table: `Rafales`, `Sukhois`."""
    if not (word.isalpha() and len(word) > 2) or word[-1] == "s":
        return
    if word.endswith(_HISSING):
        yield f"{word}es"
    elif word[-1] == "y" and word[-2] not in _VOWELS:
        yield f"{word[:-1]}ies"
        yield f"{word}s"
    else:
        yield f"{word}s"


def typed(word: str) -> str:
    """A word in lower case as it is typed without umlauts, đ and ё: `mueller`, `djokovic`."""
    return word.translate(_TYPED).replace("đ", "dj").replace("ё", "е")


def with_umlauts(word: str) -> str:
    """The word that may have been typed without umlauts: `müller` for `mueller`."""
    return _UMLAUT.sub(lambda found: _UMLAUTS[found.group()], word)


def with_stroke(word: str) -> str:
    """The surname that may have been typed without đ, folded: `dokovic` for `djokovic`."""
    return word.replace("dj", "d") if _SLAVIC_NAME.fullmatch(word) else word


@cache
def _endings() -> dict[str, dict[str, list[str]]]:
    """By language and ending: the endings of other forms."""
    text = pkgutil.get_data("service.matching.words", "tables/endings.txt")
    if text is None:
        raise FileNotFoundError("endings.txt is missing from the package; install it again")
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for line in text.decode().splitlines():
        if line and line[0] != "#":
            head, _, endings = line.partition(":")
            language, ending = head.split()
            found[language].setdefault(ending, []).extend(endings.split())
    return dict(found)
