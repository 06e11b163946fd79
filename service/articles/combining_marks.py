"""Runs of combining marks, cut to a length that no writing system needs.

Unicode's normalisation sorts the marks of a run, which takes time that grows with the square of
its length. So runs are cut to the 30 marks of the Stream-Safe Text Format (UAX #15, section 13)
before anything is normalised.
"""

from __future__ import annotations

import regex

MAX_MARKS = 30
"""Most marks in a run: far more than any language needs."""

# All that normalisation takes for marks: Unicode's, and the half-width voicing marks of kana.
_MARK = r"[\p{M}\uff9e\uff9f]"
_LONG_RUN = regex.compile(rf"({_MARK}{{{MAX_MARKS}}}){_MARK}+")
_STEP = 5
_SAMPLED = regex.compile(rf"{_MARK}{{{(MAX_MARKS + 1) // _STEP}}}")
"""What is seen of a run that is too long if only each fifth character is looked at."""


def cap_marks(text: str) -> str:
    """The text with at most `MAX_MARKS` marks in each run; a good text is returned as it is."""
    if len(text) <= MAX_MARKS or text.isascii() or not _SAMPLED.search(text[::_STEP]):
        return text
    return _LONG_RUN.sub(r"\1", text)
