"""Is nearly every word of a short text one that walls say to their readers?

Servers, browsers and sites say the same few things in sentences without number: that a page is not
there, was moved, needs JavaScript, or is for subscribers. So it is their words that are known, by
language, and not their sentences. News has other words: a name, a place, a deed. A headline may
have none of these ("Access to the site is blocked"), but it does not speak to its reader.
"""

from __future__ import annotations

import functools
import pkgutil
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.articles.walls.phrases import KINDS
from service.articles.walls.sentences import sentence_texts, words_of

MAX_CHARS, MAX_WORDS, LEAST_WORDS = 700, 80, 3
"""A text with more says what its words alone do not tell; one with fewer different words says
hardly anything."""
_WORDS, _VOICE, _THIS = "words", "voice", "this"
_WORDS_TO_OTHER = {"missing": 6, "javascript": 3}
_USUAL_TO_OTHER = 12
"""Words of a wall to one that is not in the list: what needs JavaScript may be named."""
_LEAST_OF_KIND = {"missing": 2, "javascript": 2}
_USUAL_OF_KIND = 3
"""Different words of a wall that belong to its kind: those of other kinds are in much news, too."""
_SHORTEST, _LONGEST_CODE = 2, 4
"""Letters of a beginning, and digits of a status or a number of the page."""


class Meaning(NamedTuple):
    """What a word may mean on a wall."""

    language: str
    section: str
    """One of KINDS, or `words`, `voice`, `this`."""


class _Vocabulary(NamedTuple):
    whole: Mapping[str, frozenset[Meaning]]
    beginnings: Mapping[str, frozenset[Meaning]]
    longest: int
    """Letters of the longest beginning."""


def kind_by_words(texts: Sequence[str]) -> str:
    """The kind of the wall that these texts are together, one of KINDS; "" for any other text."""
    if sum(map(len, texts)) > MAX_CHARS:
        return ""
    words = [word for text in texts for one in sentence_texts(text) for word in words_of(one)]
    counted = [*dict.fromkeys(filter(_counts, words))]
    if len(words) > MAX_WORDS or len(counted) < LEAST_WORDS:
        return ""
    most_others = len(counted) // min(_WORDS_TO_OTHER.values())
    meanings: list[frozenset[Meaning]] = []
    for word in counted:
        meanings.append(_meanings(word))
        if sum(not each for each in meanings) > most_others:
            return ""  # most texts are news, and end here
    known = Counter(language for each in meanings for language in {one.language for one in each})
    languages = [name for name, count in known.items() if len(counted) - count <= most_others]
    found = [_kind_in(language, counted, meanings, known[language]) for language in languages]
    return max(found, default=(0, ""))[1]


def _kind_in(
    language: str, words: Sequence[str], meanings: Sequence[frozenset[Meaning]], known: int
) -> tuple[int, str]:
    """How many different words of a kind there are, and the kind that has most of them."""
    by_section: dict[str, set[str]] = {}
    for word, each in zip(words, meanings, strict=True):
        for meaning in each:
            if meaning.language == language:
                by_section.setdefault(meaning.section, set()).add(word)
    count, kind = max((len(by_section.get(kind, ())), kind) for kind in KINDS)
    # "This page" is the one that is read; "this robot" may be any.
    speaks = _VOICE in by_section or (_THIS in by_section and kind in _LEAST_OF_KIND)
    is_clear = count >= _LEAST_OF_KIND.get(kind, _USUAL_OF_KIND)
    most_others = len(words) // _WORDS_TO_OTHER.get(kind, _USUAL_TO_OTHER)
    is_wall = speaks and is_clear and len(words) - known <= most_others
    return (count, kind) if is_wall else (0, "")


def _counts(word: str) -> bool:
    """Whether it is a word: not an address's part, an incident's number, or a single letter."""
    if word.isdigit():
        return len(word) <= _LONGEST_CODE
    if any(map(str.isdigit, word)):
        return False
    return len(word) > 1 or bool(_meanings(word))


@functools.lru_cache(20_000)
def _meanings(word: str) -> frozenset[Meaning]:
    known = _vocabulary()
    found = known.whole.get(word, frozenset())
    for length in range(_SHORTEST, min(len(word), known.longest) + 1):
        found |= known.beginnings.get(word[:length], frozenset())
    return found


@functools.cache
def _vocabulary() -> _Vocabulary:
    data = pkgutil.get_data("service.articles.walls", "wall_words.txt")
    if data is None:
        raise FileNotFoundError("wall_words.txt is missing from the package; install it again")
    return parse(data.decode())


def parse(text: str) -> _Vocabulary:
    """The words of a file. Raises ValueError for a line that has none, with its number."""
    whole: dict[str, frozenset[Meaning]] = {}
    beginnings: dict[str, frozenset[Meaning]] = {}
    meaning: Meaning | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#")[0].strip()
        if line.startswith("["):
            language, _, section = line.strip("[]").partition(" ")
            if section not in {*KINDS, _WORDS, _VOICE, _THIS}:
                raise ValueError(f"line {number}: [{language} {section}] is no section")
            meaning = Meaning(language, section)
            continue
        for written in line.split():
            words = words_of(written.removesuffix("*"))
            if meaning is None or len(words) != 1:
                raise ValueError(f"line {number}: {written!r} is no word of a section")
            table = beginnings if written.endswith("*") else whole
            table[words[0]] = table.get(words[0], frozenset()) | {meaning}
    return _Vocabulary(whole, beginnings, max(map(len, beginnings)))
