"""The difference between running text and page chrome, and the type of a rule for chrome."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of page chrome."""

    name: str
    why: str
    """Why pages have such paragraphs, and articles do not."""
    holds: Callable[[str], bool]
    """Whether a paragraph is, as a whole, this kind of chrome."""


# Arrows, bullets, quotes and other punctuation.
_AROUND = f"{string.punctuation} ‹›«»“”„‘’←→↑↓↗▲▼►▶•·●■◆–—…×✕：｜、。"

# Longer paragraphs are never chrome. The limit also bounds the time that a pattern takes.
MAX_CHROME_CHARS = 200

# “ and « are closing marks in German and some other languages.
_SENTENCE_END = re.compile(r"[.!?。\uff01\uff1f।۔؟][\"'”“’‘»«)\]」』]*$")
_STOP = re.compile(r"(?:[.!。\uff01।۔][\"'”“’‘»«)\]」』]*|[\"”“»«」』][.,]?)$")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.)[\"'”’»)\]]*$")


def ends_sentence(paragraph: str) -> bool:
    """Whether a paragraph ends with a mark that closes a sentence, in any of several scripts."""
    return _SENTENCE_END.search(paragraph) is not None


def is_statement(paragraph: str) -> bool:
    """Whether a paragraph ends as headlines do not: with a full stop, or with a quotation."""
    return _STOP.search(paragraph) is not None and not _ELLIPSIS.search(paragraph)


def is_prose(paragraph: str) -> bool:
    """Whether a paragraph reads like running text: long enough, and its last sentence complete."""
    # Han and Kana need fewer characters for the same text; each takes three bytes.
    enough = len(paragraph) >= 60 or len(paragraph.encode()) >= 75
    return enough and ends_sentence(paragraph) and not _ELLIPSIS.search(paragraph)


def size(paragraph: str) -> int:
    """The number of words; in scripts without spaces, of pairs of characters."""
    spaced = paragraph.split()
    if len(spaced) <= 3 and len(paragraph) < len(paragraph.encode()) / 2:
        return max(len(spaced), len(paragraph) // 2)
    return len(spaced)


def first_rule(rules: Sequence[Rule], paragraph: str) -> Rule | None:
    """The first of the rules that holds for the paragraph."""
    if len(paragraph) > MAX_CHROME_CHARS:
        return None
    return next((rule for rule in rules if rule.holds(paragraph)), None)


def matches_whole(pattern: str) -> Callable[[str], bool]:
    """A test for paragraphs that match end to end, except arrows and punctuation around."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda paragraph: compiled.fullmatch(paragraph.strip(_AROUND)) is not None
