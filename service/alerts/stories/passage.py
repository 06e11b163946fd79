"""Whether one of two short texts has other words in the frame that both share.

A notice may differ from another by one word: "guilty" and "not guilty", "opens" and "closes". A
copy has sentences more or less, and a beginning of its own, that names the same. Between these
nobody can tell but by the place: words that stand for others inside a sentence are other news.
"""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from service.alerts.stories.kernel.passages import Passage, passages
from service.alerts.stories.kernel.sequence import FACT, OPENS, WORD, Sequence
from service.alerts.stories.record import Record

NOTICE_WORDS = 120
"""In a text of so many words or fewer any word counts; in a longer one only those of beginnings
that share fewer than SAME_FACTS."""
SAME_FACTS = 10
"""Key facts in common from which the beginnings of longer texts tell one thing, in any words."""
SLOT_WORDS, MOST_WORDS = 14, 40
"""A passage of more words may be a sentence that was written anew; of more yet, one of a paragraph
that only one of the texts has."""
NAMED, KNOWN = 3, 4
"""So many common facts in both passages, or key facts of both texts, make two beginnings one."""


class Wording(NamedTuple):
    """Two short texts, word by word."""

    common: int
    """Words that both have in the same order."""
    other: Passage | None
    """The first passage that makes them two events."""


def compare_wording(a: Record, b: Record) -> Wording:
    """The comparison of two texts whose records have sequences."""
    if a.digest > b.digest:  # of two equal runs the first is taken: the same whichever text is ours
        common, other = compare_wording(b, a)
        return Wording(common, other and Passage(*other[2:], *other[:2]))
    ours, theirs = a.body_sequence, b.body_sequence
    found = passages(ours, theirs)
    common = len(ours) - sum(each.end - each.start for each in found)
    same_facts = len({*a.key_facts.tolist()} & {*b.key_facts.tolist()})
    is_notice = min(a.words, b.words) <= NOTICE_WORDS
    if same_facts >= SAME_FACTS and not is_notice:
        return Wording(common, None)
    is_whole = a.whole and b.whole
    for passage in found:
        ends = passage.end == len(ours) or passage.other_end == len(theirs)
        if ends and not is_whole:
            continue
        if _is_other(ours, theirs, passage, is_notice, ends) and not _is_anew(
            ours, theirs, passage, same_facts
        ):
            return Wording(common, passage)
    return Wording(common, None)


def _is_other(
    ours: Sequence, theirs: Sequence, passage: Passage, is_notice: bool, ends: bool
) -> bool:
    """Whether a passage says something else in each text."""
    here, there = ours[passage.start : passage.end], theirs[passage.other_start : passage.other_end]
    size = max(len(here), len(there))
    if size > (SLOT_WORDS if ends or not (len(here) and len(there)) else MOST_WORDS):
        return False
    if not (len(here) and len(there)):
        text, start, end = (
            (ours, passage.start, passage.end)
            if len(here)
            else (theirs, passage.other_start, passage.other_end)
        )
        return is_notice and not ends and not _is_sentences(text, start, end)
    words, others = _words(here), _words(there)
    if is_notice and not ends:
        return words != others
    return bool(words - others and others - words)


def _is_anew(ours: Sequence, theirs: Sequence, passage: Passage, same_facts: int) -> bool:
    """Whether it is a beginning that was written anew and names the same."""
    here, there = ours[passage.start : passage.end], theirs[passage.other_start : passage.other_end]
    if passage.start or passage.other_start or max(len(here), len(there)) <= SLOT_WORDS:
        return False
    named = _words(here[here & FACT != 0]) & _words(there[there & FACT != 0])
    return len(named) >= NAMED or same_facts >= KNOWN


def _is_sentences(text: Sequence, start: int, end: int) -> bool:
    """Whether what only one text has there is a sentence, or several. Where it begins as the next
    one does, its place is not certain: it may have begun some words earlier.
    """
    while not (text[start] & OPENS and (end == len(text) or text[end] & OPENS)):
        if not start or (text[start - 1] ^ text[end - 1]) & WORD:
            return False
        start, end = start - 1, end - 1
    return True


def _words(text: Sequence) -> set[int]:
    return set((text & WORD).tolist())


def titles_differ(a: Record, b: Record) -> bool:
    """Whether titles have half their words in common, at both ends, and others between these."""
    ours, theirs = ((each.title_sequence & WORD).tolist() for each in (a, b))
    first = _same(ours, theirs)
    same = first + _same(ours[first:][::-1], theirs[first:][::-1])
    return same < min(len(ours), len(theirs)) and 2 * same >= max(len(ours), len(theirs))


def _same(ours: list[int], theirs: list[int]) -> int:
    """How many words both begin with."""
    pairs = zip(ours, theirs, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
