"""What the templates of pages print, in many languages, and which of it a paragraph is.

A file of `languages/` holds the phrases of one language or of a few close ones, under their kind in
brackets; a comma or the end of the line ends a phrase, `#` begins a comment.

    [comments]
    leave a comment       the whole paragraph
    0 comments            0 stands for any number
    0 thoughts on …       … stands for any words
    … cookies …

The parts of a byline are listed as words: `by` before a name ("written by"), `by-after` after one
(記者), `and` between two, `name-particle` inside one ("van"), `role` behind one ("staff"), `source`
before a paper's name (来源), all of them with a date and a reading time around them.

Case, punctuation, apostrophes and the dots of Turkish letters do not count. In Chinese and Japanese
each character is a word. To add a language is to add a file.
"""

from __future__ import annotations

import functools
import pkgutil
import re
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import NamedTuple

WHOLE = frozenset(
    "advertisement comments email-field legal notice offer reading-time story-navigation summary tags teaser-list to-top".split()  # noqa: SIM905, E501
)
"""Kinds whose phrases are whole paragraphs."""
ONE_WORD = frozenset(
    "and by-after date-word month name-particle share share-with source".split()  # noqa: SIM905
)
PARTS = ONE_WORD | frozenset(
    "also-read also-read-capitals by credit legal-link role section".split()  # noqa: SIM905
)
"""Kinds whose phrases are words of paragraphs that a rule knows: see `chrome_phrases`. Those of
ONE_WORD are single words; in Chinese and Japanese, of several characters.
"""
LINKS = frozenset({"section", "legal-link"})
"""Those of which one alone says nothing: menus and footers have several in a line."""

MAX_CHARS = 200
"""Longer paragraphs are never chrome. The limit also bounds the time that a rule takes."""

Words = tuple[str, ...]

_FIRST = 2
"""Words of a text by which it is seen that it may begin with a phrase: "the" says nothing."""
_GAP = "…"
_NUMBER = "0"
_APOSTROPHES = re.compile("['’‘ʼ`´\u200c\u200d]")
_MARKS = "\u0300-\u036f\u064b-\u0652\u0900-\u0963"
_WORD = re.compile(
    "[0-9]+|©"
    "|[\u3040-\u30ff\u3400-\u9fff]"
    rf"|[^\W0-9_\u3040-\u30ff\u3400-\u9fff](?:[^\W0-9_\u3040-\u30ff\u3400-\u9fff]|[{_MARKS}])*"
)
_NUMERALS = re.compile("[0-9]+")
# Most lines have no characters but Windows' for Western Europe: their words are found sooner by a
# table that has a space for each character of no word. These stand for words of their own:
_NO_LETTERS = re.compile("[©¹²³]")
_WESTERN = "cp1252"
_WESTERN_WORDS = bytes(
    code if _WORD.fullmatch(bytes([code]).decode(_WESTERN, "replace")) else ord(" ")
    for code in range(256)
)


class Phrase(NamedTuple):
    """Words that templates print."""

    kind: str
    text: str
    """As the file writes it."""
    parts: tuple[Words, ...]
    """Words that follow each other; any others may stand between the parts."""
    from_start: bool
    to_end: bool


def fold(text: str) -> str:
    """The text as phrases are compared with it."""
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "")
    return _APOSTROPHES.sub("", text.casefold()).replace("i\u0307", "i").replace("ı", "i")


def words_of(text: str) -> Words:
    """The words of a text, each number as 0."""
    # Each rule asks for the words of a line; what is longer is not kept in memory for that.
    return _words_of_line(text) if len(text) <= MAX_CHARS else _words_of(text)


def _words_of(text: str) -> Words:
    folded = fold(text)
    try:
        if folded.isascii() or _NO_LETTERS.search(folded) is None:
            spaced = _NUMERALS.sub(f" {_NUMBER} ", folded).encode(_WESTERN)
            return tuple(spaced.translate(_WESTERN_WORDS).decode(_WESTERN).split())
    except UnicodeEncodeError:
        pass
    return tuple([_NUMBER if each.isdigit() else each for each in _WORD.findall(folded)])


_words_of_line = functools.lru_cache(256)(_words_of)


class Phrases:
    """The phrases of all languages, compiled into one pass over the words of a paragraph."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._all = tuple(phrases)
        self._words = {
            kind: frozenset(phrase.parts[0] for phrase in self._all if phrase.kind == kind)
            for kind in PARTS
        }
        self._exact: dict[Words, frozenset[str]] = {}
        self._by_first: dict[str, tuple[Phrase, ...]] = {}
        self._by_key: dict[str, tuple[Phrase, ...]] = {}
        for phrase in self._all:
            if phrase.kind not in WHOLE:
                continue
            if len(phrase.parts) == 1 and phrase.from_start and phrase.to_end:
                known = self._exact.get(phrase.parts[0], frozenset())
                self._exact[phrase.parts[0]] = known | {phrase.kind}
            elif phrase.from_start:
                first = phrase.parts[0][0]
                self._by_first[first] = (*self._by_first.get(first, ()), phrase)
            else:
                key = max((word for part in phrase.parts for word in part), key=len)
                self._by_key[key] = (*self._by_key.get(key, ()), phrase)
        starts = (p for p in self._all if p.from_start and p.kind not in LINKS)
        self._starts = {phrase.parts[0][:_FIRST] for phrase in starts} | {(_NUMBER,)}
        # A byline may begin with any name.
        last = {words[-1] for words in self._words["by-after"]}
        self._telling = self._by_key.keys() | last

    def may_say(self, words: Words) -> bool:
        """Whether a text with these words may begin with a phrase or hold one: a cheap first look.

        Where it is false, no phrase of any kind but LINKS is at the text's start, and none of a
        whole kind is in it.
        """
        if words[:1] in self._starts or words[:_FIRST] in self._starts:
            return True
        return not self._telling.isdisjoint(words)

    def kinds(self, words: Words) -> frozenset[str]:
        """The kinds of which a paragraph with these words is a phrase as a whole."""
        found = self._exact.get(words, frozenset())
        near = [*self._by_first.get(words[0] if words else "", ())]
        for word in set(words) & self._by_key.keys():
            near += self._by_key[word]
        said = {phrase.kind for phrase in near if phrase.kind not in found and _is(phrase, words)}
        return found | said

    def texts(self, kind: str) -> list[str]:
        """The phrases of a kind as the files write them, the longest first."""
        found = {phrase.text for phrase in self._all if phrase.kind == kind}
        return sorted(found, key=lambda text: (-len(text), text))

    def pattern(self, kind: str) -> str:
        """A regular expression for a phrase of a kind, the longest before others."""
        return "|".join(map(re.escape, self.texts(kind)))

    def words(self, kind: str) -> frozenset[Words]:
        """The phrases of a kind, each as its words."""
        return self._words.get(kind, frozenset())


def _is(phrase: Phrase, words: Words) -> bool:
    """Whether the words are the phrase, with any others where it has a gap."""
    at = 0
    last = len(phrase.parts) - 1
    for number, part in enumerate(phrase.parts):
        size = len(part)
        if number == 0 and phrase.from_start:
            places = range(1)
        elif number == last and phrase.to_end:
            places = range(max(at, len(words) - size), len(words) - size + 1)
        else:
            places = range(at, len(words) - size + 1)
        found = next((place for place in places if words[place : place + size] == part), None)
        if found is None:
            return False
        at = found + size
    return at == len(words) or not phrase.to_end


def parse(text: str) -> Iterator[Phrase]:
    """The phrases of a file. Raises ValueError for a line that is none, with its number."""
    kind = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#")[0].strip()
        if line.startswith("["):
            kind = line.strip("[]")
            if kind not in WHOLE | PARTS:
                known = ", ".join(sorted(WHOLE | PARTS))
                raise ValueError(f"line {number}: [{kind}] is none of {known}")
            continue
        for said in filter(None, map(str.strip, line.split(","))):
            yield _phrase(kind, said, number)


def _phrase(kind: str, said: str, number: int) -> Phrase:
    parts = [words_of(part) for part in said.split(_GAP)]
    inner = tuple(part for part in parts if part)
    if not (kind and inner):
        raise ValueError(f"line {number}: {said!r} has no words, or no kind above it")
    if kind in PARTS and len(parts) > 1:
        raise ValueError(f"line {number}: {said!r} has a gap, which [{kind}] has no use for")
    if kind in ONE_WORD and " " in said:
        raise ValueError(f"line {number}: {said!r} is more than one word, which [{kind}] is of")
    return Phrase(kind, said, inner, bool(parts[0]), bool(parts[-1]))


@functools.cache
def phrases() -> Phrases:
    """The phrases of all languages."""
    files = sorted(path.name for path in (resources.files(__package__) / "languages").iterdir())
    return Phrases([phrase for name in files for phrase in parse(_file(name))])


def _file(name: str) -> str:
    data = pkgutil.get_data(__package__, f"languages/{name}")
    if data is None:
        raise FileNotFoundError(name)
    return data.decode()
