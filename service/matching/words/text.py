"""Text → its words and sentences (DESIGN.md §4).

The same functions read articles and expressions, so both sides always agree on what a word is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import regex

from service.matching.words.abbreviations import bearing, goes_on, goes_on_dotted

# Han, Hiragana, Katakana and Thai are written without spaces: each character is a word, and a run
# of them in an expression is a phrase.
RUN = r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}]"
# Letters to Unicode, but apostrophes to whoever types them: обʼєкт, Oʻzbekiston, Qurʾan, Rusʹ.
APOSTROPHES = "ʼʻʹʾʿ"
LETTER = rf"[\p{{L}}--[{APOSTROPHES}]]"
# Marks, and the joiners of Persian and Hindi, belong to the letter before them.
MARK = r"\p{M}\u200C\u200D"
_INSIDE = rf"[{LETTER}\p{{N}}{MARK}]"
_POSSESSIVE_END = rf"(?: ['’ʼ][sS] (?! {_INSIDE} ) )?"
_JOINING = rf"[{_INSIDE}--{RUN}]"
_CAPITAL = r"[\p{Lu}\p{Lt}\p{Lo}]"
_DIGIT = rf"[\p{{N}}--{RUN}]"
# `matching.kernel.scan` reads the same words without a regular expression; a test compares them.
# The first alternative says no more than the last, of most words and in half the time.
_WORD = regex.compile(
    rf"""
    [A-Za-z]{{2,}}+ (?= [\ \n.,:;!?"”)] )
  | (?P<run> {RUN} [{MARK}]* )
  | (?P<acronym> (?: (?: {LETTER} \. ){{2,}} {LETTER}? | {_CAPITAL} \. {_CAPITAL} )
                 (?! [{LETTER}\p{{N}}] ) {_POSSESSIVE_END} )
  | {_DIGIT}++ (?: [.,] {_DIGIT}++ )++
  | (?! [{MARK}] ) {_JOINING}++ {_POSSESSIVE_END}
    """,
    regex.VERBOSE | regex.VERSION1,
)


class Token(NamedTuple):
    """One word of a text; `start` and `end` are code-point offsets into it."""

    start: int
    end: int
    surface: str
    """As written, but for the dots of an acronym: `U.S.` is `US`."""
    paragraph: int
    sentence: int
    """Counts from 0 within the text, as `paragraph` does."""


def tokenise(text: str) -> list[Token]:
    """The words of one zone, in order; a blank line starts a new paragraph."""
    read = divide(text)
    columns = (read.starts, read.ends, read.surfaces, read.paragraphs, read.within)
    return list(map(Token, *columns))


def words(text: str) -> tuple[str, ...]:
    """The surface forms of the words in `text`, as an expression's term holds them."""
    return tuple(divide(text).surfaces)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of a text, as code-point offsets; `paragraph` counts from 0."""

    start: int
    end: int
    paragraph: int


_PARAGRAPH = regex.compile(r"\s*\n[^\S\n]*\n\s*")
STOPS = ".!?…؟۔।॥"
WIDE_STOPS = "。！？"
_ENDING = frozenset("\n" + STOPS + WIDE_STOPS)
CLOSERS = "\"'”’»)]“‘«"
WIDE_CLOSERS = "」』”’）"
OPENERS = "\"'“‘«([¿¡„‚»”’–—―"
_STOP = regex.compile(
    rf"(?P<mark>[{STOPS}]+)[{regex.escape(CLOSERS)}]*(?:\s»(?=\s))?"
    rf"(?P<gap>\s+)[\s{regex.escape(OPENERS)}]*$"
    rf"|(?P<wide>[{WIDE_STOPS}]+[{WIDE_CLOSERS}]*)"
)
CAN_OPEN = r"[\p{Lu}\p{Lt}\p{Lo}\p{N}]"
_OPENING = regex.compile(CAN_OPEN)


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text, in order, covering all of it but the white space between them.

    The rule looks at what stands between two words. A blank line ends a sentence; so does a stop
    (`.` `!` `?` `…` and their like), and quotation marks and parentheses after it, before white
    space and a capital, a digit or a letter of a script without case, whatever quotation marks,
    parentheses and dashes stand before that; unless the stop belongs to an abbreviation or an
    initial (`Mr. Khan`, `J. Smith`, see `abbreviations`) or to an acronym that the same sentence
    goes on after (`U.S. Army`, but `in the U.S. The plan`). The full-width stops end one wherever
    they stand.
    """
    return divide(text).sentences


class Divided(NamedTuple):
    """A text's words, as columns of what `Token` tells of each, and its sentences."""

    starts: list[int]
    ends: list[int]
    surfaces: list[str]
    paragraphs: list[int]
    within: list[int]
    """The number of each word's sentence."""
    sentences: list[Sentence]


def divide(text: str) -> Divided:
    """The words and the sentences of a text, as `tokenise` and `sentences` give them."""
    read = Divided([], [], [], [], [], [])
    starts, ends, surfaces, paragraphs, within, found = read
    start = paragraph = last = 0
    before: regex.Match[str] | None = None
    dotted = False
    for word in _WORD.finditer(text):
        begin, end = word.span()
        gap = begin - last
        # Most gaps are one blank, or none; nothing ends there.
        if (dotted or gap > 1 or (gap == 1 and text[last] in WIDE_STOPS)) and before is not None:
            stop = _end(text, before, word)
            if stop is not None:
                found.append(Sentence(start, stop[0], paragraph))
                start, paragraph = stop[1], paragraph + stop[2]
        surface = text[begin:end]
        dotted = False
        if "." in surface and word.lastgroup == "acronym":
            dotted = surface[-1] == "."
            surface = surface.replace(".", "")
        starts.append(begin)
        ends.append(end)
        surfaces.append(surface)
        paragraphs.append(paragraph)
        within.append(len(found))
        before, last = word, end
    found.append(Sentence(start, len(text), paragraph))
    return read


def _end(
    text: str, before: regex.Match[str], after: regex.Match[str]
) -> tuple[int, int, bool] | None:
    """Where the sentence ends that the words on both sides of a gap do not share.

    Gives the end of one, the start of the next, and whether a paragraph ends too.
    """
    dotted = bool(before.group("acronym")) and text[before.end() - 1] == "."
    low, high = before.end(), after.start()
    gap = text[low:high]
    if not dotted and _ENDING.isdisjoint(gap):
        return None
    blank = _PARAGRAPH.search(text, low, high) if "\n" in gap else None
    if blank:
        *_, last = _PARAGRAPH.finditer(text, low, high)
        return blank.start(), last.end(), True
    stop = _STOP.search(text, low - dotted, high)
    if stop is None:
        return None
    if stop.group("wide"):
        return stop.end(), stop.end(), False
    if not _OPENING.match(text, high):
        return None
    bare = stop.group("mark") == "." and stop.start() == low - dotted
    if bare and text[stop.end("mark")].isspace() and _goes_on(text, before, after, dotted=dotted):
        return None
    return stop.start("gap"), stop.end("gap"), False


def _goes_on(text: str, before: regex.Match[str], after: regex.Match[str], *, dotted: bool) -> bool:
    surface = before.group()
    if before.lastgroup == "acronym":
        surface = surface.replace(".", "")
    letter = len(after.group()) == 1 and after.group().isalpha()
    initial = letter and text[after.end() : after.end() + 1] == "."
    last, first = bearing(surface), 0 if initial else bearing(after.group())
    return goes_on_dotted(last, first) if dotted else goes_on(last, first)
