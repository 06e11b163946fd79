"""The words that walls say, by language, and what each word of a text may mean on one.

A file of `words/` holds one language: words under the kind of wall that says them, and under

    [words]   what walls say and other texts too
    [voice]   how they speak to their reader: "you", "please", "sorry", imperatives
    [this]    "this": on a wall it is the page that is read
    [news]    who acts in news, when, and who said so; no wall says it

`*` stands for any ending.
"""

from __future__ import annotations

import functools
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from service.articles.walls.phrases import KINDS
from service.articles.walls.sentences import sentence_texts, words_of

LANGUAGES = (
    "ar bg ca cs da de el en es fa fi fr he hi hu id it ja ko nb nl pl pt ro ru sk sv th tr uk vi zh".split()  # noqa: SIM905, E501
)
WORDS, VOICE, THIS, NEWS = "words", "voice", "this", "news"
_SECTIONS = {*KINDS, WORDS, VOICE, THIS, NEWS}
_SHORTEST = 2
"""Letters of a beginning."""
_LONGEST_CODE = 4
"""Digits of a status or a number of the page."""
_LETTERS_OF_WORD = 2
"""Of a script without spaces, so many letters that stand in no list count as a word."""
# Marks of vowels belong to the word: `\w` leaves them out.
_DEVANAGARI = re.compile("[\u0900-\u0963\u0966-\u097f\u200c\u200d]+")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


# As a server writes it: "Tue, 01 Dec 2026 10:11:12 GMT".
_TIME = re.compile(r"\b[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} [\d:]{5,8} GMT")


class Meaning(NamedTuple):
    """What a word may mean on a wall."""

    language: str
    section: str
    """One of KINDS, or `words`, `voice`, `this`, `news`."""


Meanings = frozenset[Meaning]


class Vocabulary(NamedTuple):
    """The words of all languages."""

    whole: Mapping[str, Meanings]
    beginnings: Mapping[str, Meanings]
    longest: int
    """Letters of the longest beginning."""
    longest_unspaced: int
    """Letters of the longest word of a script without spaces."""


def counted_words(texts: Sequence[str]) -> Iterator[str]:
    """The words of texts: not an address's parts, an incident's number, or a single letter."""
    for text in texts:
        for sentence in sentence_texts(_TIME.sub(" ", text) if " GMT" in text else text):
            yield from filter(_counts, _words(sentence))


def meanings_of(word: str) -> Meanings:
    """What a word may mean; nothing for one that walls do not say."""
    return _meanings(word)


@functools.lru_cache(20_000)
def _meanings(word: str) -> Meanings:
    known = vocabulary()
    found = known.whole.get(word, frozenset())
    for length in range(_SHORTEST, min(len(word), known.longest) + 1):
        found |= known.beginnings.get(word[:length], frozenset())
    return found


def _words(sentence: str) -> Iterator[str]:
    if sentence.isascii():  # a cheap first look
        yield from words_of(sentence)
        return
    rest = sentence
    for expression in (_DEVANAGARI, _UNSPACED):
        if expression.search(rest):
            for run in expression.findall(rest):
                yield from [run] if expression is _DEVANAGARI else _segments(run)
            rest = expression.sub(" ", rest)
    yield from words_of(rest)


def _segments(run: str) -> Iterator[str]:
    """A run of letters without spaces → the longest words of the lists, and what is left."""
    known = vocabulary()
    at = start = 0
    while at < len(run):
        ends = range(min(len(run), at + known.longest_unspaced), at, -1)
        end = next((end for end in ends if run[at:end] in known.whole), 0)
        if end:
            yield from _pieces(run[start:at])
            yield run[at:end]
            at = start = end
        else:
            at += 1
    yield from _pieces(run[start:])


def _pieces(left: str) -> Iterator[str]:
    for at in range(0, len(left), _LETTERS_OF_WORD):
        yield left[at : at + _LETTERS_OF_WORD]


def _counts(word: str) -> bool:
    if len(word) > 1 and word.isalpha():  # most words
        return True
    if word.isdigit():
        return len(word) <= _LONGEST_CODE
    if any(map(str.isdigit, word)):
        return False
    return len(word) > 1 or bool(_meanings(word)) or bool(_UNSPACED.match(word))


@functools.cache
def vocabulary() -> Vocabulary:
    """The files, read once."""
    return parse({language: _file(language) for language in LANGUAGES})


def parse(texts: Mapping[str, str]) -> Vocabulary:
    """The words of files, by language. Raises ValueError for a line that has none."""
    whole: dict[str, Meanings] = {}
    beginnings: dict[str, Meanings] = {}
    for language, text in texts.items():
        section = ""
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.split("#")[0].strip()
            if line.startswith("["):
                section = line.strip("[]")
                if section not in _SECTIONS:
                    raise ValueError(f"{language}.txt, line {number}: [{section}] is no section")
                continue
            for written in line.split():
                word = _folded(written.removesuffix("*"))
                if not (section and word):
                    raise ValueError(
                        f"{language}.txt, line {number}: {written!r} is no word of a section"
                    )
                table = beginnings if written.endswith("*") else whole
                table[word] = table.get(word, frozenset()) | {Meaning(language, section)}
    unspaced = [len(word) for word in whole if _UNSPACED.fullmatch(word)]
    return Vocabulary(
        whole, beginnings, max(map(len, beginnings), default=0), max(unspaced, default=0)
    )


def _folded(written: str) -> str:
    if _UNSPACED.fullmatch(written) or _DEVANAGARI.fullmatch(written):
        return written
    words = words_of(written)
    return words[0] if len(words) == 1 else ""


def _file(language: str) -> str:
    data = pkgutil.get_data("service.articles.walls", f"words/{language}.txt")
    if data is None:
        raise FileNotFoundError(f"{language}.txt is missing from the package; install it again")
    return data.decode()
