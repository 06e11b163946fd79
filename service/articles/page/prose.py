"""What tells running text from page chrome, and the shape of a rule that names a kind of chrome."""

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
    """What puts such paragraphs on pages, and why an article holds none."""
    holds: Callable[[str], bool]
    """Whether a paragraph is, as a whole, this kind of chrome."""


# Arrows, bullets, quotes and other punctuation.
_AROUND = f"{string.punctuation} ‹›«»“”„‘’←→↑↓↗▲▼►▶•·●■◆–—…×✕：｜、。"

# Longer paragraphs are never chrome; it also bounds the work that a pattern can make.
MAX_CHROME_CHARS = 200

# “ and « close what German and some others quote.
_SENTENCE_END = re.compile(r"[.!?。\uff01\uff1f।۔؟][\"'”“’‘»«)\]」』]*$")
_STOP = re.compile(r"(?:[.!。\uff01।۔][\"'”“’‘»«)\]」』]*|[\"”“»«」』][.,]?)$")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.)[\"'”’»)\]]*$")


def ends_sentence(paragraph: str) -> bool:
    """Whether a paragraph ends with a mark that closes a sentence, in any of several scripts."""
    return _SENTENCE_END.search(paragraph) is not None


def is_statement(paragraph: str) -> bool:
    """Whether a paragraph ends as headlines do not: with a full stop, or what somebody said."""
    return _STOP.search(paragraph) is not None and not _ELLIPSIS.search(paragraph)


def is_prose(paragraph: str) -> bool:
    """Whether a paragraph reads like running text: long enough, and ended as no teaser is."""
    # Han and Kana say more with fewer characters, each three bytes.
    enough = len(paragraph) >= 60 or len(paragraph.encode()) >= 75
    return enough and ends_sentence(paragraph) and not _ELLIPSIS.search(paragraph)


def size(paragraph: str) -> int:
    """Words; in scripts without spaces, pairs of characters, which most of their words are."""
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
    """A test for paragraphs that match end to end, but for arrows and punctuation around."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda paragraph: compiled.fullmatch(paragraph.strip(_AROUND)) is not None
