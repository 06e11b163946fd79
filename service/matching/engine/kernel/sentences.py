"""The sentences and paragraphs of an article, from the gaps between its words."""

from __future__ import annotations

import numpy as np

from service.matching.engine.kernel.word_ends import (
    PARAGRAPH,
    PLAIN,
    SENTENCE,
    STOPPED,
    STOPPED_INITIAL,
    ZONE,
)
from service.matching.kernels import inner
from service.matching.words.abbreviations import StopRole

_TITLE, _DOTTED, _OPENS, _NAME = StopRole.TITLE, StopRole.DOTTED, StopRole.OPENS, StopRole.NAME
_COUNTED, _NUMBER = StopRole.COUNTED, StopRole.NUMBER


@inner
def _sentence_continues(before, after):
    """The same rule as `abbreviations.continues_after_stop`, for kernels."""
    if before & _COUNTED and after & _NUMBER:
        return True
    if before & _NAME:
        return after & _OPENS == 0
    return before & _TITLE != 0


@inner
def number_sentences(places):
    """Numbers the sentences and the paragraphs of the article's words."""
    form, gap, flags = places.form, places.gap, places.flags
    sentences = 0
    paragraphs = 0
    for word in range(places.title, places.end):
        kind = gap[word]
        if kind == ZONE:
            sentences += 1
            paragraphs += 1
        elif kind == PARAGRAPH:
            paragraphs += 1
        if kind != PLAIN and kind != ZONE and word >= places.lead:  # a title is one sentence
            if kind == PARAGRAPH or kind == SENTENCE:
                sentences += 1
            elif kind == STOPPED:
                sentences += not _sentence_continues(flags[form[word - 1]], flags[form[word]])
            elif kind == STOPPED_INITIAL:
                sentences += not _sentence_continues(flags[form[word - 1]], np.uint8(0))
            elif flags[form[word]] & _OPENS and not flags[form[word - 1]] & _DOTTED:
                sentences += 1
        places.sentence[word - places.title] = sentences
        places.paragraph[word - places.title] = paragraphs
