"""The role of a word next to a full stop: whether the stop ends a sentence (DESIGN.md §4).

A stop that belongs to a word does not end a sentence. It belongs to a title always (`Mr. Khan`); to
a short name, an initial or an ordinal unless the next word is one that begins sentences (`Lockheed
Martin Corp. said`, but `Lockheed Martin Corp. The`); to others before a number only (`No. 10`).
`tables/sentences.txt` has the words of each language.
"""

from __future__ import annotations

import pkgutil
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Final

import regex


class StopRole:
    """Bits of one byte for each form of the engine's table; the lowest bit is `opcodes.CAPITAL`.

    They are plain numbers, because an IntFlag takes a microsecond to join two for each new word.
    """

    TITLE: Final = 2
    """The stop belongs to the word: `Mr.`"""
    DOTTED: Final = 4
    """The last stop belongs to the word: `e.g.`"""
    OPENS: Final = 8
    """The word begins a sentence if a stop before it may end one: `in the U.S. The plan`."""
    NAME: Final = 16
    """The stop belongs to the word unless a word follows that begins sentences: `Corp.`, `J.`"""
    COUNTED: Final = 32
    """The stop belongs to the word before a number."""
    NUMBER: Final = 64
    """The word begins with a digit, or is a Roman number."""


_ROLES = {
    "title": StopRole.TITLE,
    "dotted": StopRole.DOTTED,
    "opens": StopRole.OPENS,
    "name": StopRole.NAME,
    "counted": StopRole.COUNTED,
}
_EVERY = "*"
_SMALL = frozenset("abcdefghijklmnopqrstuvwxyz")
_ORDINALS = "ordinals"
_ROMAN = regex.compile(r"[IVXLC]{2,}")
_ORDINAL = regex.compile(r"\p{Nd}{1,2}")


def stop_role(surface: str, language: str) -> int:
    """The role of a word next to a stop, as bits of `StopRole`; `language`: a primary subtag."""
    return stop_roles(language)(surface)


@cache
def stop_roles(language: str) -> Callable[[str], int]:
    """A function that returns the role of a word of a language (a primary subtag)."""
    every = _by_language()
    words, ordinals = _words(language if language in every else "en")

    def role(surface: str) -> int:
        small = surface.lower()
        found = words.get(small, 0)
        if small != surface:
            found |= words.get(surface.capitalize(), 0)
        first = surface[:1]  # what is folded may be empty: a line that stretches Arabic
        if first in _SMALL:  # most words
            return found
        if first.isdecimal():
            number = StopRole.NUMBER
            return number | (StopRole.NAME if ordinals and _ORDINAL.fullmatch(surface) else 0)
        if len(surface) == 1 and first.isupper():
            return found & StopRole.OPENS | StopRole.NAME
        if first in "IVXLC" and _ROMAN.fullmatch(surface):
            return found | StopRole.NUMBER
        return found

    return role


def continues_after_stop(before: int, after: int) -> bool:
    """Whether a sentence continues after a stop, by the roles of the words before and after it.

    `after` is 0 for an initial (`J. A. Smith`). `kernel.sentences` applies the same rule.
    """
    if before & StopRole.COUNTED and after & StopRole.NUMBER:
        return True
    if before & StopRole.NAME:
        return not after & StopRole.OPENS
    return bool(before & StopRole.TITLE)


def continues_after_acronym(before: int, after: int) -> bool:
    """Whether a sentence continues after the last stop of an acronym."""
    return bool(before & StopRole.DOTTED) or not after & StopRole.OPENS


@cache
def _words(language: str) -> tuple[dict[str, int], bool]:
    """The roles of the words of a language of the file, and whether its ordinals have a stop."""
    every = _by_language()
    found: defaultdict[str, int] = defaultdict(int)
    for roles in (every[_EVERY], every[language]):
        for word, role in roles.items():
            found[word] |= role
    ordinals = _ORDINALS in every[language]
    return dict(found), ordinals


@cache
def _by_language() -> dict[str, dict[str, int]]:
    text = pkgutil.get_data("service.matching.words", "tables/sentences.txt")
    if text is None:
        raise FileNotFoundError("sentences.txt is missing from the package; install it again")
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in text.decode().splitlines():
        if line and line[0] != "#":
            head, _, words = line.partition(":")
            language, role = head.split()
            if role == _ORDINALS:
                found[language][_ORDINALS] = 0
            else:
                for word in words.split():
                    found[language][word] |= _ROLES[role]
    return {language: dict(words) for language, words in found.items()}
