"""The proof of a match: the words that made it hold, and their places (DESIGN.md §5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from service.matching.evaluation.article_index import ArticleIndex, Mention
from service.matching.evaluation.evaluate import NodeResult
from service.matching.evaluation.score import positive_mentions

MAX_SENTENCE_CHARS = 400
"""Most code points of a sentence in evidence; a longer one is cut around the words."""
MAX_CUT_SHIFT_CHARS = 30
"""A cut is moved by at most so many code points, to be between words."""

SortedMention = tuple[int, int, int, Mention]
"""A mention with its sort key: its first word, minus its last word, the number of its term."""
Stretch = list[SortedMention]
"""Mentions of which each overlaps an earlier one, in reading order: one piece of evidence."""
Needed = set[tuple[int, int]]
"""Every term's best mention, which is always shown: the number of the term, its first word."""


class Evidence(NamedTuple):
    """Words that prove a match; `text` is `zone[start:end]`, in code points of the zone."""

    term: str
    """The term with the longest mention there."""
    zone: str
    start: int
    end: int
    text: str
    sentence: str
    """The sentence around it, or of a very long one the part around it between `…`."""
    terms: tuple[str, ...]
    """All terms that are mentioned there, in the expression's order."""


def evidence(result: NodeResult, index: ArticleIndex, limit: int) -> tuple[Evidence, ...]:
    """The best mentions, best first, with every term among them; overlapping mentions are merged.

    The best mentions are in the sentence with the most terms; among equals, the first is better.
    There are at most `limit`, unless more are needed to show every term.
    """
    found = positive_mentions(result)
    together: Counter[int] = Counter()
    for mentions in found.values():
        together.update({mention.sentence for mention in mentions})
    best = [max(mentions, key=lambda one: together[one.sentence]) for mentions in found.values()]
    needed = {(order, mention.first) for order, mention in enumerate(best)}
    stretches = _stretches(_nearby(found, best, together, limit), needed)
    ranked = sorted((-_most(stretch, together), stretch) for stretch in stretches)
    must = [_has(stretch, needed) for _, stretch in ranked]
    spare = limit - sum(must)
    labels, texts = list(found), dict(index.article.zones())
    shown = []
    for (_, stretch), is_needed in zip(ranked, must, strict=True):
        if is_needed or spare > 0:
            shown.append(_shown(stretch, labels, index, texts))
            spare -= not is_needed
    return tuple(shown)


def _most(stretch: Stretch, together: Counter[int]) -> int:
    """How many terms are in the best of its sentences."""
    if len(stretch) == 1:
        return together[stretch[0][3].sentence]
    return max(together[mention.sentence] for *_, mention in stretch)


def _has(stretch: Stretch, needed: Needed) -> bool:
    if len(stretch) == 1:
        return (stretch[0][2], stretch[0][0]) in needed
    return any((order, first) in needed for first, _, order, _ in stretch)


def _nearby(
    found: dict[str, list[Mention]], best: list[Mention], together: Counter[int], limit: int
) -> list[SortedMention]:
    """The mentions in the paragraphs that evidence is taken from, in reading order.

    Overlapping mentions are always in one paragraph, so none is missed.
    """
    paragraphs = None
    if len(together) > limit:
        wanted = {mention.sentence for mention in best}
        if len(best) < limit:
            order = sorted([(-often, sentence) for sentence, often in together.items()])
            wanted.update([sentence for _, sentence in order[:limit]])
        paragraphs = {m.paragraph for ms in found.values() for m in ms if m.sentence in wanted}
    return sorted(
        [
            (m.first, -m.last, order, m)
            for order, ms in enumerate(found.values())
            for m in ms
            if paragraphs is None or m.paragraph in paragraphs
        ]
    )


def _stretches(mentions: list[SortedMention], needed: Needed) -> Iterator[Stretch]:
    """The mentions, with overlapping ones in one stretch.

    If a stretch is longer than a sentence may be (`the the` in a text of nothing else), only the
    needed mentions are taken of it.
    """
    for stretch in _overlapping(mentions):
        if len(stretch) > 1 and _length(stretch) > MAX_SENTENCE_CHARS:
            yield from _overlapping([each for each in stretch if (each[2], each[0]) in needed])
        else:
            yield stretch


def _overlapping(found: list[SortedMention]) -> Iterator[Stretch]:
    stretch: Stretch = []
    last = -1
    for each in found:
        # Words are numbered through the whole article: mentions that share a word are in one zone.
        if each[0] > last and stretch:
            yield stretch
            stretch = []
        stretch.append(each)
        last = max(last, -each[1])
    if stretch:
        yield stretch


def _length(stretch: Stretch) -> int:
    return max(mention.end for *_, mention in stretch) - stretch[0][3].start


def _shown(
    stretch: Stretch, labels: list[str], index: ArticleIndex, texts: dict[str, str]
) -> Evidence:
    _, _, order, one = stretch[0]
    zone, start, end, last, number = one.zone, one.start, one.end, one.last, one.sentence
    terms: tuple[str, ...] = (labels[order],)
    if len(stretch) > 1:
        order = max(stretch, key=lambda each: (each[3].end - each[3].start, -each[2]))[2]
        last = max(mention.last for *_, mention in stretch)
        end = max(mention.end for *_, mention in stretch)
        terms = tuple([labels[each] for each in sorted({each[2] for each in stretch})])
    text = texts[zone]
    low = high = index.sentence(number)[1]
    if last > one.first and (at := index.words[last].sentence) != number:
        high = index.sentence(at)[1]
    shown = around(text, start, end, low.start, high.end)
    return Evidence(labels[order], zone, start, end, text[start:end], shown, terms)


def around(text: str, start: int, end: int, low: int, high: int) -> str:
    """`text[low:high]` on one line; if that is too long, the part around `text[start:end]`."""
    before = after = ""
    if high - low > MAX_SENTENCE_CHARS:
        room = max(0, MAX_SENTENCE_CHARS - (end - start)) // 2
        if start - room > low:
            low, before = start - room, "…"
            space = text.find(" ", low, min(start, low + MAX_CUT_SHIFT_CHARS))
            low = low if space < 0 else space + 1
        if end + room < high:
            high, after = end + room, "…"
            space = text.rfind(" ", max(end, high - MAX_CUT_SHIFT_CHARS), high)
            high = high if space < 0 else space
    return f"{before}{' '.join(text[low:high].split())}{after}"
