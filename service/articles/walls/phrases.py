"""What walls say, in many languages, and where a text says it.

A file of `languages/` holds the phrases of one language or of a few close ones, a line each, under
the kind of wall in brackets. `#` begins a comment.

    [missing]
    page not found            a whole sentence of the page
    error 404 …               the beginning of one
    … this page could not …   words within one
    … page you … looking for  … between words stands for up to MAX_GAP others

Under `[hint]` stands what walls say too, and other pages as well: buttons, apologies. Case, marks
of punctuation and apostrophes do not count; in scripts without spaces each character is a word.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.articles.walls.sentences import sentence_texts, words_of

KINDS = {
    "robot": "a page that wants to know whether its reader is a human",
    "cookies": "a page that asks its reader for consent to cookies",
    "javascript": "a page that asks its reader for JavaScript",
    "missing": "a page that says that there is no such page",
    "refused": "a page that refuses access",
    "unavailable": "a page that says that the site does not work at present",
    "login": "a page that asks its reader to log in",
    "paywall": "a page that asks its reader to subscribe",
}
HINT = "hint"
LANGUAGES = (
    "ar bg cs da de el en es fa fi fr he hi hu id it ja ko nl pl pt ro ru sv tr uk vi zh".split()  # noqa: SIM905
)
MAX_GAP = 6
"""Words that the sign … between words stands for."""

_MOST = 0.4
"""The share of a sentence in phrases from which all of it counts as a wall's."""
_MAX_REMEMBERED = 200
"""Characters of a text of which it is kept in memory whether it may speak."""


class Phrase(NamedTuple):
    """Words that a wall says."""

    kind: str
    parts: tuple[tuple[str, ...], ...]
    """Words that follow each other; others may stand between the parts."""
    from_start: bool
    """Whether the sentence begins with it."""
    to_end: bool

    def is_in(self, other: Phrase) -> bool:
        """Whether the other one says all of it, and more."""
        return self.parts != other.parts and all(
            any(_holds(longer, part) for longer in other.parts) for part in self.parts
        )


def _holds(words: Sequence[str], part: Sequence[str]) -> bool:
    size = len(part)
    return any(words[at : at + size] == part for at in range(len(words) - size + 1))


@dataclass(frozen=True, slots=True)
class Reading:
    """How much of a text walls say."""

    words: int
    """Without addresses, and without numbers that belong to no phrase."""
    said: int
    """Those of them that belong to phrases, or to a sentence that is mostly phrases."""
    phrases: frozenset[Phrase]
    exact: int = 0
    """Those that are words of phrases; what stands between the parts of one is not."""
    sentences: int = 1
    spoken: int = 0
    """Sentences that are mostly phrases, one of them only a wall's."""

    @property
    def share(self) -> float:
        """The share of the words that walls say; 0 without words."""
        return self.said / self.words if self.words else 0.0

    @property
    def exact_share(self) -> float:
        """The share of the words that stand in phrases."""
        return self.exact / self.words if self.words else 0.0

    @property
    def sure(self) -> frozenset[Phrase]:
        """The phrases that only walls say, without those that are a part of another of them."""
        every = [each for each in self.phrases if each.kind != HINT]
        return frozenset(each for each in every if not any(each.is_in(other) for other in every))

    def __add__(self, more: Reading) -> Reading:
        return Reading(
            self.words + more.words,
            self.said + more.said,
            self.phrases | more.phrases,
            self.exact + more.exact,
            self.sentences + more.sentences,
            self.spoken + more.spoken,
        )


NOTHING = Reading(0, 0, frozenset(), 0, 0)


def read(text: str) -> Reading:
    """What walls say in a text."""
    found = NOTHING
    for sentence in sentence_texts(text):
        words = words_of(sentence)
        if words:
            found += _read_sentence(words)
    return found


def places_in(
    words: Sequence[str], by_word: Mapping[str, Sequence[Phrase]]
) -> Iterator[tuple[Phrase, list[int]]]:
    """Those of the phrases, by their first words, that stand in a sentence, and where."""
    for at, word in enumerate(words):
        for phrase in by_word.get(word, ()):
            if places := _places(phrase, words, at):
                yield phrase, places


def may_speak(text: str) -> bool:
    """Whether all words of some phrase that only walls say are in a text: a cheap first look."""
    return _line_may_speak(text) if len(text) <= _MAX_REMEMBERED else _may_speak(text)


def _may_speak(text: str) -> bool:
    words = {*words_of(text)}
    by_word = _sure_by_longest_word()
    return any(found <= words for word in by_word.keys() & words for found in by_word[word])


_line_may_speak = functools.lru_cache(4_096)(_may_speak)  # a menu is on every page of a site


def _read_sentence(words: Sequence[str]) -> Reading:
    by_words = _phrases_by_words()
    said: set[int] = set()
    exact: set[int] = set()
    found: set[Phrase] = set()
    for at, word in enumerate(words):
        if word not in by_words:
            continue
        by_next = by_words[word]
        for phrase in (*by_next.get("", ()), *by_next.get("".join(words[at + 1 : at + 2]), ())):
            places = _places(phrase, words, at)
            if places:
                found.add(phrase)
                exact.update(places)
                said.update(range(at, places[-1] + 1))
    if not said and "".join(words).isalpha():  # most sentences
        return Reading(len(words), 0, frozenset(), 0)
    others = sum(at not in said and not _has_digit(word) for at, word in enumerate(words))
    words_read = len(said) + others
    if any(phrase.kind != HINT for phrase in found) and len(said) >= _MOST * words_read:
        return Reading(words_read, words_read, frozenset(found), len(exact), spoken=1)
    return Reading(words_read, len(said), frozenset(found), len(exact))


def _has_digit(word: str) -> bool:
    return not word.isalpha() and any(map(str.isdigit, word))


def _places(phrase: Phrase, words: Sequence[str], start: int) -> list[int]:
    """Where the words of the phrase stand that begins at this word; [] if it does not."""
    if phrase.from_start and start:
        return []
    first, *rest = phrase.parts
    end = start + len(first)
    if tuple(words[start:end]) != first:
        return []
    found = [*range(start, end)]
    for part in rest:
        places = range(end, min(end + MAX_GAP, len(words) - len(part)) + 1)
        at = next((at for at in places if tuple(words[at : at + len(part)]) == part), None)
        if at is None:
            return []
        end = at + len(part)
        found += range(at, end)
    return [] if phrase.to_end and end < len(words) else found


@functools.cache
def all_phrases() -> tuple[Phrase, ...]:
    """Every phrase of the files, once."""
    every = (phrase for language in LANGUAGES for phrase in parse(_file(language)))
    return tuple(dict.fromkeys(every))


@functools.cache
def _phrases_by_words() -> dict[str, dict[str, tuple[Phrase, ...]]]:
    """Every phrase, by its first word and then by the second; by "" where a gap follows."""
    found: dict[str, dict[str, tuple[Phrase, ...]]] = {}
    for phrase in all_phrases():
        first, second = (*phrase.parts[0], "")[:2]
        by_next = found.setdefault(first, {})
        by_next[second] = (*by_next.get(second, ()), phrase)
    return found


@functools.cache
def _sure_by_longest_word() -> dict[str, tuple[frozenset[str], ...]]:
    """The words of each phrase that only walls say, by the longest of them."""
    found: dict[str, set[frozenset[str]]] = {}
    for phrase in all_phrases():
        if phrase.kind != HINT:
            words = frozenset(word for part in phrase.parts for word in part)
            found.setdefault(max(sorted(words), key=len), set()).add(words)
    return {word: tuple(sets) for word, sets in found.items()}


def parse(text: str, kinds: Sequence[str] = (*KINDS, HINT)) -> Iterator[Phrase]:
    """The phrases of a file. Raises ValueError for a line that is none, with its number."""
    kind = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#")[0].strip()
        if line.startswith("["):
            kind = line.strip("[]")
            if kind not in kinds:
                raise ValueError(f"line {number}: [{kind}] is none of {', '.join(kinds)}")
        elif line:
            parts = [tuple(words_of(part)) for part in line.split("…")]
            inner = tuple(part for part in parts if part)
            if not (kind and inner):
                raise ValueError(f"line {number}: {line!r} has no words, or no kind above it")
            yield Phrase(kind, inner, bool(parts[0]), bool(parts[-1]))


def _file(language: str) -> str:
    data = pkgutil.get_data("service.articles.walls", f"languages/{language}.txt")
    if data is None:
        raise FileNotFoundError(language)
    return data.decode()
