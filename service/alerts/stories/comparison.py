"""Whether two texts tell the same news, and why (DESIGN.md §6).

Texts that have many pairs of words in common are copies, or were made from one template. What
stands in the same places of both decides; then their titles and beginnings. When in doubt, they
are two events: each is alerted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from service.alerts.stories.kernel.agreement import Agreement, agreement
from service.alerts.stories.kernel.filter import missing
from service.alerts.stories.kernel.passages import Passage
from service.alerts.stories.passage import compare_wording, titles_differ
from service.alerts.stories.record import Record
from service.alerts.stories.story import NEAR_COPY

PART, PART_SIMILARITY = 0.75, 0.25
"""A text of which so much stands in a longer one is a part of it, from this similarity on."""
MOST_DIFFERENT, MOST_PLAIN_DIFFERENT = 0.03, 0.0125
"""Shares of the common places, with facts and with any words, that may differ in a copy."""
KEY_FACTS, LEAST_KEY_FACTS = 0.85, 3
"""The share of the key facts that one text needs of the other's; fewer of them say nothing."""
MISSING, LONG_MISSING, LONG_WORDS = 2, 3, 500
"""Key facts that are missing from the other text, each way, where they name different things."""
ENOUGH_KEY_FACTS, SAME_OPENING = 6, 0.6
"""Where a beginning has fewer facts, copies with other titles share so much of the first words."""
_CHANCE = 1 / 256
"""Share of bytes that agree where nothing is in common."""


class Reason(Enum):
    """Why two texts tell the same news, or do not."""

    SAME_WORDS = "same words"
    COPY = "copy"
    SAID_AGAIN = "said again"
    UNKNOWN = "unknown version"
    SHORT = "short"
    OTHER_WORDING = "other wording"
    OTHER_FACTS = "other facts"
    OTHER_WORDS = "other words"
    OTHER_PASSAGE = "other passage"
    OTHER_TITLE = "other title"
    OTHER_BEGINNING = "other beginning"
    TWO_STORIES = "two stories"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two texts have in common, and what follows."""

    reason: Reason
    similarity: float = 0.0
    """Of their pairs, 0…1."""
    places: int = 0
    """Places with facts that both have and that can be compared."""
    differing: tuple[int, ...] = ()
    """Keys of those in which other facts stand, or where they decide, other words."""
    key_facts: float = 0.0
    """The share of the key facts of the one that the other has; the greater of both."""
    common: int = 0
    """Words that both short texts have in the same order; 0 where that is not known."""
    passage: Passage | None = field(default=None, compare=False)
    """Where short texts have other words, by the numbers of words in their sequences."""

    @property
    def same(self) -> bool:
        """Whether both are one story."""
        return self.reason in {Reason.SAME_WORDS, Reason.COPY}

    @property
    def alike(self) -> bool:
        """Whether the wording is that of a copy, whatever the facts say."""
        return self.reason not in {Reason.UNKNOWN, Reason.SHORT, Reason.OTHER_WORDING}


def similarity(a: Record, b: Record) -> float:
    """The estimated share of the pairs of both texts that both have, 0…1."""
    if not a.signature or not b.signature:
        return float(a.digest == b.digest and a.words == b.words)
    size = min(len(a.signature), len(b.signature))
    ours, theirs = (np.frombuffer(each.signature, np.uint8, size) for each in (a, b))
    equal = np.count_nonzero(ours == theirs)
    return max(0.0, (float(equal) / size - _CHANCE) / (1 - _CHANCE))


def worded_alike(a: Record | None, b: Record | None, threshold: float = NEAR_COPY) -> bool:
    """Whether one text is an edited copy of the other, whatever became of its facts."""
    return compare(a, b, threshold).alike


def compare(a: Record | None, b: Record | None, threshold: float = NEAR_COPY) -> Comparison:
    """Whether two texts are one story; None stands for a record of another version.

    `threshold` is the similarity of pairs that makes two texts copies.
    """
    if a is None or b is None:
        return Comparison(Reason.UNKNOWN)
    if a.words == b.words and a.digest == b.digest:
        return Comparison(Reason.SAME_WORDS, 1.0, key_facts=1.0, common=a.words)
    if not a.signature or not b.signature:
        return Comparison(Reason.SHORT)
    alike = similarity(a, b)
    lengths = sorted((a.words, b.words))
    contained = alike / (1 + alike) * (1 + lengths[1] / lengths[0])
    is_part = contained >= PART and alike >= threshold * PART_SIMILARITY / NEAR_COPY
    if alike < threshold and not is_part:
        return Comparison(Reason.OTHER_WORDING, alike)
    return _compare_facts(a, b, alike)


def _compare_facts(a: Record, b: Record, alike: float) -> Comparison:
    """The comparison of texts that are worded alike."""
    found = agreement(a.entries, b.entries, a.filter, b.filter)
    facts = a.key_facts, b.key_facts
    absent = missing(facts[0], b.filter), missing(facts[1], a.filter)
    shares = [
        1 - each / len(of) if len(of) else 1.0 for each, of in zip(absent, facts, strict=True)
    ]
    reason = Reason.COPY
    count, differing = found.facts, found.other_facts
    if len(found.other_facts) > MOST_DIFFERENT * found.facts:
        reason = Reason.OTHER_FACTS
    elif _plain_words_differ(a, b, found):
        reason = Reason.OTHER_WORDS
        count, differing = found.words, found.other_words
    elif _titles_differ(a, b):
        reason = Reason.OTHER_TITLE
    elif _openings_differ(a, b) or _beginnings_differ(a, b, shares, min(absent)):
        reason = Reason.OTHER_BEGINNING
    made = Comparison(reason, alike, count, differing, max(shares))
    if reason is Reason.COPY and a.has_sequence and b.has_sequence:
        return _compare_words(a, b, made)
    return made


def _plain_words_differ(a: Record, b: Record, found: Agreement) -> bool:
    """Whether words in the same places differ, where that is all that is known of their order."""
    if not (a.plain and b.plain) or (a.whole and b.whole):
        return False
    return len(found.other_words) > MOST_PLAIN_DIFFERENT * found.words


def _compare_words(a: Record, b: Record, found: Comparison) -> Comparison:
    """The comparison of short texts that pass for copies by their facts."""
    common, other = compare_wording(a, b)
    reason = found.reason
    if other:
        reason = Reason.OTHER_PASSAGE
    elif titles_differ(a, b):
        reason = Reason.OTHER_TITLE
    return replace(found, reason=reason, common=common, passage=other)


def _titles_differ(a: Record, b: Record) -> bool:
    """Whether the titles are worded alike, and each names what the other text has not."""
    if not _titles_alike(a, b):
        return False
    return missing(a.title_facts, b.filter) > 0 and missing(b.title_facts, a.filter) > 0


def _titles_alike(a: Record, b: Record) -> bool:
    """Whether the titles share half their words."""
    one, other = (set(each.title_words.tolist()) for each in (a, b))
    return bool(one & other) and 2 * len(one & other) >= min(len(one), len(other))


def _openings_differ(a: Record, b: Record) -> bool:
    """Whether texts whose beginnings name hardly anything have titles or first words that differ.

    A press release may say its news in two lines, above ten about the firm.
    """
    if min(len(a.key_facts), len(b.key_facts)) >= ENOUGH_KEY_FACTS:
        return False
    if not (_new_words(a, b) and _new_words(b, a)):
        return False
    ours, theirs = (set(each.opening.tolist()) for each in (a, b))
    least = min(len(ours), len(theirs))
    return len(ours & theirs) < SAME_OPENING * least or _titles_alike(a, b)


def _new_words(record: Record, other: Record) -> int:
    """How many words of the title the other text has not, as far as that is known."""
    known = set(other.opening.tolist())
    words = [each for each in record.title_words.tolist() if each not in known]
    return missing(np.array(words, np.uint16), other.filter)


def _beginnings_differ(a: Record, b: Record, shares: list[float], absent: int) -> bool:
    """Whether each beginning names several things that the other text has not."""
    if min(len(a.key_facts), len(b.key_facts)) < LEAST_KEY_FACTS or max(shares) >= KEY_FACTS:
        return False
    return absent >= (LONG_MISSING if min(a.words, b.words) >= LONG_WORDS else MISSING)
