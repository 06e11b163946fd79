"""Text → its words and sentences (DESIGN.md §4).

The same function reads articles and expressions, so both always agree on what a word is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import regex

from service.matching.words.abbreviations import (
    continues_after_acronym,
    continues_after_stop,
    stop_role,
)
from service.matching.words.wordform import POSSESSIVE_MARKS

# Some scripts are written without spaces: each character is a word, and a run of them in an
# expression is a phrase.
RUN = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}"
    r"[[\p{Lao}\p{Khmer}\p{Myanmar}]&&[\p{L}\p{M}\p{N}]]]"
)
# Unicode calls these letters, authors use them as apostrophes: обʼєкт, Oʻzbekiston, Qurʾan, Rusʹ.
APOSTROPHES = "ʼʻʹʾʿ"
LETTER = rf"[\p{{L}}--[{APOSTROPHES}]]"
# Marks, and the joiners of Persian and Hindi, belong to the letter before them.
MARK = r"\p{M}\u200C\u200D"
_INSIDE = rf"[{LETTER}\p{{N}}{MARK}]"
_POSSESSIVE_END = rf"(?: [{POSSESSIVE_MARKS}][sS] (?! {_INSIDE} ) )?"
_JOINING = rf"[{_INSIDE}--{RUN}]"
_CAPITAL = r"[\p{Lu}\p{Lt}\p{Lo}]"
_DIGIT = rf"[\p{{N}}--{RUN}]"
# `kernel.scan` reads the same words without a regular expression; a test compares them. The first
# alternative finds nothing that the last does not find; it finds most words in half the time.
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


def words(text: str) -> tuple[str, ...]:
    """The surface forms of the words in `text`, as a term of an expression has them."""
    return tuple(split_text(text).surfaces)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A range of a text, as code-point offsets; `paragraph` counts from 0."""

    start: int
    end: int
    paragraph: int


_SPACE = regex.compile(r"\s++")
STOPS = ".!?…؟۔।॥։።"
WIDE_STOPS = "。！？။។"
GREEK = r"\p{Greek}"
"""Behind its letters a semicolon is a question mark."""
_ENDING = frozenset("\n;" + STOPS + WIDE_STOPS)
CLOSERS = "\"'”’»)]“‘«"
WIDE_CLOSERS = "」』”’）"
OPENERS = "\"'“‘«([¿¡„‚»”’-–—―"
_STOP = regex.compile(
    rf"(?P<mark>(?<![{STOPS}])[{STOPS}]++|(?<={GREEK});)[{regex.escape(CLOSERS)}]*(?:\s»(?=\s))?"
    rf"(?P<gap>\s++)[\s{regex.escape(OPENERS)}]*+$"
    rf"|(?P<wide>[{WIDE_STOPS}]+[{WIDE_CLOSERS}]*)"
)
CAN_OPEN = r"[\p{Lu}\p{Lt}\p{Lo}\p{N}]"
_OPENING = regex.compile(CAN_OPEN)


class SplitText(NamedTuple):
    """A text's words, as columns with one entry a word, and its sentences."""

    starts: list[int]
    """Code-point offsets into the text."""
    ends: list[int]
    surfaces: list[str]
    """The words as written, but without the dots of an acronym: `U.S.` is `US`."""
    paragraphs: list[int]
    """The number of each word's paragraph; a blank line starts a new paragraph."""
    sentence_numbers: list[int]
    """The number of each word's sentence."""
    sentences: list[Sentence]
    """In order; they cover the text, except the white space between them."""


def split_text(text: str, language: str = "") -> SplitText:
    """The words and the sentences of one zone, in order; `language`: a primary subtag, or "".

    The gap between two words decides whether a sentence ends there. A blank line ends one. So
    does a stop (`.` `!` `?` `…` and similar marks), with the quotation marks and parentheses after
    it, if white space follows and then a capital, a digit or a letter of a script without case,
    whatever quotation marks, parentheses and dashes come before that. It does not if the stop
    belongs to an abbreviation or an initial (`Mr. Khan`, `J. Smith`, see `abbreviations`), or to an
    acronym after which the sentence continues (`U.S. Army`, but `in the U.S. The plan`). A
    full-width stop always ends a sentence.
    """
    read = SplitText([], [], [], [], [], [])
    starts, ends, surfaces, paragraphs, sentence_numbers, found = read
    start = paragraph = last = 0
    before: regex.Match[str] | None = None
    dotted = False
    for word in _WORD.finditer(text):
        begin, end = word.span()
        gap = begin - last
        # Most gaps are one space, or none; no sentence ends there.
        if (dotted or gap > 1 or (gap == 1 and text[last] in WIDE_STOPS)) and before is not None:
            border = _sentence_border(text, before, word, language)
            if border is not None:
                found.append(Sentence(start, border.end, paragraph))
                start, paragraph = border.start, paragraph + border.is_paragraph
        surface = text[begin:end]
        dotted = False
        if "." in surface and word.lastgroup == "acronym":
            dotted = surface[-1] == "."
            surface = surface.replace(".", "")
        starts.append(begin)
        ends.append(end)
        surfaces.append(surface)
        paragraphs.append(paragraph)
        sentence_numbers.append(len(found))
        before, last = word, end
    found.append(Sentence(start, len(text), paragraph))
    return read


class _Border(NamedTuple):
    """The border between two sentences."""

    end: int
    """Of the sentence before."""
    start: int
    """Of the sentence after."""
    is_paragraph: bool
    """Whether a paragraph ends, too."""


def _sentence_border(
    text: str, before: regex.Match[str], after: regex.Match[str], language: str
) -> _Border | None:
    """The border between two neighbouring words; None if they are in one sentence."""
    dotted = bool(before.group("acronym")) and text[before.end() - 1] == "."
    low, high = before.end(), after.start()
    gap = text[low:high]
    if not dotted and _ENDING.isdisjoint(gap):
        return None
    if blanks := _blank_lines(text, low, high):
        return _Border(blanks[0].start(), blanks[-1].end(), True)
    stop = _STOP.search(text, low - dotted, high)
    if stop is None:
        return None
    if stop.group("wide"):
        return _Border(stop.end(), stop.end(), False)
    if not _OPENING.match(text, high):
        return None
    bare = stop.group("mark") == "." and stop.start() == low - dotted
    if (
        bare
        and text[stop.end("mark")].isspace()
        and _sentence_continues(text, before, after, language, dotted=dotted)
    ):
        return None
    return _Border(stop.start("gap"), stop.end("gap"), False)


def _blank_lines(text: str, low: int, high: int) -> list[regex.Match[str]]:
    """The runs of white space in which a paragraph ends: those with two line breaks."""
    if text.count("\n", low, high) < 2:
        return []
    runs = _SPACE.finditer(text, low, high)
    return [run for run in runs if text.count("\n", *run.span()) >= 2]


def sentence_gap(text: str, low: int, high: int, *, dotted: bool) -> tuple[int, int]:
    """The end of a sentence and the start of the next one, where the kernels say that one ends.

    `text[low:high]` is between two words; `dotted`: the word before is an acronym that ends in a
    dot. Raises ValueError where no sentence can end.
    """
    if blanks := _blank_lines(text, low, high):
        return blanks[0].start(), blanks[-1].end()
    stop = _STOP.search(text, low - dotted, high)
    if stop is None:
        raise ValueError(f"no sentence ends in {text[low:high]!r}")
    return (stop.end(), stop.end()) if stop.group("wide") else stop.span("gap")


def _sentence_continues(
    text: str, before: regex.Match[str], after: regex.Match[str], language: str, *, dotted: bool
) -> bool:
    surface = before.group()
    if before.lastgroup == "acronym":
        surface = surface.replace(".", "")
    letter = len(after.group()) == 1 and after.group().isalpha()
    initial = letter and text[after.end() : after.end() + 1] == "."
    last = stop_role(surface, language)
    first = 0 if initial else stop_role(after.group(), language)
    return continues_after_acronym(last, first) if dotted else continues_after_stop(last, first)
