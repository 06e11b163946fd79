"""The ways in which a word or a phrase is also written, in other words: `F-16`, F16, F 16.

Designations, initials before a name, numbers with spaces between their thousands, and a list of
pairs that are written as one or apart. They are no forms: each is another row of words.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import regex

MAX_VARIANTS = 7
"""Most ways besides the one that the rule has."""
MAX_LETTERS = 5
"""Most letters before the number of a designation: `COVID-19`."""
_DESIGNATION = regex.compile(rf"(\p{{L}}{{1,{MAX_LETTERS}}})(\p{{Nd}}[\p{{L}}\p{{Nd}}*?]*)")
_LETTERS = regex.compile(rf"\p{{L}}{{1,{MAX_LETTERS}}}")
_NUMBER = regex.compile(r"\d{1,3}(?:,\d{3}){1,3}|\d{5,12}")
_FIRST_GROUP, _GROUP = regex.compile(r"\d{1,3}"), regex.compile(r"\d{3}")
_INITIALS = range(2, 4)
_SHORT = 2
"""Most letters before a number that are another word without a capital: `a 320-page report`."""

Words = tuple[str, ...]


def variants(words: Words, *, inflected: bool) -> tuple[Words, ...]:
    """The other ways to write these words of a term.

    Quoted words are only written with and without spaces between initials.
    """
    if len(words) == 1 and words[0].isalpha() and not inflected:
        return ()
    found = {_plain(words): words}
    waiting = [words]
    while waiting:
        row = waiting.pop(0)
        for at in range(len(row)):
            for size, instead in _rewritten(row, at, inflected=inflected):
                new = (*row[:at], *instead, *row[at + size :])
                if _plain(new) not in found and len(found) <= MAX_VARIANTS:
                    found[_plain(new)] = new
                    waiting.append(new)
    return tuple(found.values())[1:]


def _plain(row: Words) -> Words:
    """A row as it is compared: `10,000` and `10000` are one word."""
    return tuple(word.replace(",", "") for word in row)


def needs_capital(words: Words, row: Words) -> bool:
    """Whether a row of a term has a designation that is other words without its capital.

    One letter and a number: `A-10` is not “a 10”. Few letters, if the term has them in one word:
    `Am30` is not “am 30”.
    """
    return any(
        other[0].isdecimal()
        and ((len(one) == 1 and one.isupper()) or _is_divided(one, other, words))
        for one, other in pairwise(row)
    )


def _is_divided(one: str, other: str, words: Words) -> bool:
    return len(one) <= _SHORT and one + other in words


def _rewritten(row: Words, at: int, *, inflected: bool) -> Iterator[tuple[int, Words]]:
    """How many words from a place on are written otherwise, and how."""
    word, after = row[at], row[at + 1 : at + 2]
    if len(row) > 1:
        yield from _initials(row, at)
    if not inflected:
        return
    yield from _thousands(row, at)
    if after:
        if after[0][:1].isdecimal() and _LETTERS.fullmatch(word):
            yield 2, (word + after[0],)
        if (word.lower(), after[0].lower()) in _pairs():
            yield 2, (word + after[0],)
    if word.isalpha():
        pair = _joined().get(word.lower())
        if pair is not None:
            yield 1, (word[: len(pair[0])], word[len(pair[0]) :])
        return
    designation = _DESIGNATION.fullmatch(word)
    if designation:
        yield 1, designation.groups()
    number = _NUMBER.fullmatch(word)
    if number:
        digits = word.replace(",", "")
        first = (len(digits) - 1) % 3 + 1
        rest = (digits[place : place + 3] for place in range(first, len(digits), 3))
        yield 1, (digits[:first], *rest)


def _thousands(row: Words, at: int) -> Iterator[tuple[int, Words]]:
    """`10 000` in one word."""
    end = at + 1
    if _FIRST_GROUP.fullmatch(row[at]) and (at == 0 or not _FIRST_GROUP.fullmatch(row[at - 1])):
        while end < len(row) and _GROUP.fullmatch(row[end]):
            end += 1
    if end > at + 1 and row[at][0] != "0":
        yield end - at, ("".join(row[at:end]),)


def _initials(row: Words, at: int) -> Iterator[tuple[int, Words]]:
    """`JD` and `J. D.` before a name."""
    word = row[at]
    acronym = word.isalpha() and word.isupper()
    if acronym and len(word) in _INITIALS and _is_name(row[at + 1 : at + 2]):
        yield 1, tuple(word)
    for size in _INITIALS:
        run = row[at : at + size]
        letters = all(len(each) == 1 and each.isalpha() and each.isupper() for each in run)
        if letters and _is_name(row[at + size : at + size + 1]):
            yield size, ("".join(run),)


def _is_name(words: Sequence[str]) -> bool:
    return bool(words) and words[0][0].isupper() and not words[0].isupper()


@cache
def _pairs() -> frozenset[tuple[str, str]]:
    text = pkgutil.get_data("service.matching.words", "tables/compounds.txt")
    if text is None:
        raise FileNotFoundError("compounds.txt is missing from the package; install it again")
    lines = [line for line in text.decode().splitlines() if line[:1] != "#"]
    pairs = [pair.split() for line in lines for pair in line.split(",")]
    return frozenset((first, last + ending) for first, last in pairs for ending in ("", "s"))


@cache
def _joined() -> dict[str, tuple[str, str]]:
    return {first + last: (first, last) for first, last in _pairs()}
