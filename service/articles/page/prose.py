"""The difference between running text and page chrome, and the type of a rule for chrome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One kind of page chrome."""

    name: str
    why: str
    """Why pages have such paragraphs, and articles do not."""
    holds: Callable[[str], bool]
    """Whether a paragraph is, as a whole, this kind of chrome."""


# “ and « are closing marks in German and some other languages.
_CLOSING = "\"'”“’‘»«)]」』"
_ENDS = frozenset(".!?。\uff01\uff1f।۔؟။។።")
_FULL_STOPS = frozenset(".。।۔።")
_STOPS = frozenset(".!。\uff01।۔။។።")
# Thai and Lao have neither stops nor spaces between words: a long paragraph is text.
_FIRST_STOPLESS, _LAST_STOPLESS = "\u0e00", "\u0eff"
_LEAST_STOPLESS = 100
_STOPLESS_WORD = 5
_QUOTES = frozenset('"”“»«」』')


def ends_sentence(paragraph: str) -> bool:
    """Whether a paragraph ends with a mark that closes a sentence, in any of several scripts."""
    return paragraph.rstrip(_CLOSING)[-1:] in _ENDS


def stops(paragraph: str) -> bool:
    """Whether a paragraph ends with a full stop, a quotation with one inside it too."""
    return paragraph.rstrip(_CLOSING)[-1:] in _FULL_STOPS


def is_statement(paragraph: str) -> bool:
    """Whether a paragraph ends as headlines do not: with a full stop, or with a quotation."""
    if breaks_off(paragraph):
        return False
    stops = paragraph.rstrip(_CLOSING)[-1:] in _STOPS
    is_quoted = paragraph.endswith((".", ",")) and paragraph[-2:-1] in _QUOTES
    return stops or is_quoted or paragraph[-1:] in _QUOTES


def breaks_off(paragraph: str) -> bool:
    """Whether a paragraph ends with dots, as a teaser that is cut short does."""
    return paragraph.rstrip(_CLOSING).endswith(("…", "..."))


def is_prose(paragraph: str) -> bool:
    """Whether a paragraph reads like running text: long enough, and its last sentence complete."""
    # Han and Kana need fewer characters for the same text; each takes three bytes.
    enough = len(paragraph) >= 60 or len(paragraph.encode()) >= 75
    if not enough or breaks_off(paragraph):
        return False
    return ends_sentence(paragraph) or (
        len(paragraph) >= _LEAST_STOPLESS and _has_no_stops(paragraph)
    )


def _has_no_stops(paragraph: str) -> bool:
    """Whether a paragraph is in a script without stops, by its last letter."""
    return _FIRST_STOPLESS <= paragraph.rstrip(_CLOSING)[-1:] <= _LAST_STOPLESS


def size(paragraph: str) -> int:
    """The number of words; in scripts without spaces, of pairs of characters."""
    spaced = paragraph.split()
    if len(spaced) <= 3 and len(paragraph) < len(paragraph.encode()) / 2:
        return max(len(spaced), len(paragraph) // 2)
    if not paragraph.isascii() and _has_no_stops(paragraph):
        return max(len(spaced), len(paragraph) // _STOPLESS_WORD)
    return len(spaced)
