"""Which mentions are near one another, and how many do not overlap (DESIGN.md §4).

Here a mention is a range of words: the numbers of its first and its last word, counted through the
whole article.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence
from operator import itemgetter

from service.matching.evaluation.article_words import Words
from service.matching.syntax.tree import Joint, Unit

WordRange = tuple[int, int]


def ranges_in_chains(
    operands: Sequence[Collection[WordRange]], joints: Sequence[Joint], words: Words
) -> list[set[WordRange]]:
    """For each operand of a chain its ranges that belong to some full chain.

    First forwards: what can be reached from the first operand; then backwards: what of that
    leads on to the last.
    """
    reached = [set(operands[0])]
    for joint, operand in zip(joints, operands[1:], strict=True):
        reached.append(_joined(operand, reached[-1], joint, words, before=True))
    for at in reversed(range(len(joints))):
        reached[at] = _joined(reached[at], reached[at + 1], joints[at], words, before=False)
    return reached


def _joined(
    word_ranges: Collection[WordRange],
    others: Collection[WordRange],
    joint: Joint,
    words: Words,
    *,
    before: bool,
) -> set[WordRange]:
    """The ranges that some other range is joined to; `before`: the others are the left operand's.

    Of the others that share the range's zone, sentence or paragraph, only the next one after it
    and the next one before it can be near enough.
    """
    firsts: defaultdict[str | int | None, list[int]] = defaultdict(list)
    lasts: defaultdict[str | int | None, list[int]] = defaultdict(list)
    for other in others:
        place = _place(other, joint.unit, words)
        firsts[place].append(other[0])
        lasts[place].append(other[1])
    for starts in (*firsts.values(), *lasts.values()):
        starts.sort()

    def near(gap: int) -> bool:
        return joint.unit is not Unit.WORDS or gap <= joint.most

    def joined(first: int, last: int) -> bool:
        place = _place((first, last), joint.unit, words)
        if place is None or place not in firsts:
            return False
        if before or not joint.ordered:
            at = bisect_left(lasts[place], first) - 1
            if at >= 0 and near(first - lasts[place][at] - 1):
                return True
        if not before or not joint.ordered:
            at = bisect_right(firsts[place], last)
            if at < len(firsts[place]) and near(firsts[place][at] - last - 1):
                return True
        return False

    return {each for each in word_ranges if joined(*each)}


def _place(word_range: WordRange, unit: Unit, words: Words) -> str | int | None:
    """The zone, sentence or paragraph that a range lies in wholly; None if it lies in two."""
    first, last = words[word_range[0]], words[word_range[1]]
    match unit:
        case Unit.WORDS:
            return first.zone
        case Unit.SENTENCE:
            return first.sentence if first.sentence == last.sentence else None
        case Unit.PARAGRAPH:
            return first.paragraph if first.paragraph == last.paragraph else None


def count_disjoint(word_ranges: Collection[WordRange]) -> int:
    """The greatest number of ranges of which no two share a word."""
    count, end = 0, -1
    for first, last in sorted(word_ranges, key=itemgetter(1)):
        if first > end:
            count, end = count + 1, last
    return count
