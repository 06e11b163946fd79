"""Whether copies join their story, and whether other news stays out of it: other events that are
told in one template, and the news of a corpus in the order of time.

Articles are edited, and templates filled, by a fixed seed.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

import numpy as np

from benchmarks.alerts.count import Count
from benchmarks.alerts.siblings import sibling_goals
from benchmarks.alerts.window import Window, mark
from benchmarks.corpus.corpus import corpus
from benchmarks.corpus.edits import EDITS, SEED, Edit, Paragraphs, copies, shared
from benchmarks.corpus.templates import EVENTS
from benchmarks.goals import Goal, told
from benchmarks.table import Column, Table
from service.alerts.stories.comparison import compare
from service.alerts.stories.fingerprint import Fingerprint

COPIES = 400
"""Articles that are edited."""
LENGTHS = (60, 120, 250, 500)
"""Words: copies are counted by the length of what they are made of."""
GOAL_WORDS = 120
"""From this length on the goal for copies holds."""
SAME_REPORT, PART = 0.5, 0.85
"""Two articles of the corpus are one report, sent again, when they share half of their neighbouring
words, or when so much of the shorter one stands in the other."""
SHOWN = 5
"""Wrong joins that are shown."""


@dataclass(slots=True)
class _Copies:
    """What became of the copies of one edit, by the length of the original."""

    by_length: list[Count] = field(default_factory=lambda: [Count() for _ in LENGTHS])
    reasons: Counter[str] = field(default_factory=Counter)


def main(arguments: Sequence[str] = ()) -> int:
    """Print what joins; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks stories", description=__doc__)
    parser.add_argument("--copies", type=int, default=COPIES, metavar="N", help="articles edited")
    parser.add_argument("--articles", type=int, metavar="N", help="only so many of the corpus")
    parser.add_argument("--events", type=int, default=EVENTS, metavar="N", help="of each template")
    chosen = parser.parse_args(arguments)
    news = corpus()
    read = news.articles(chosen.articles)
    articles = [(each.title, each.lead, *each.body.split("\n\n")) for each in read]
    marks = [mark(each) for each in articles]
    goals = [
        *_copies(news.name, articles, chosen.copies),
        *sibling_goals(chosen.events),
        *_wire(news.name, articles, marks),
        *_costs(articles, marks),
    ]
    return told(goals)


def _copies(name: str, articles: Sequence[Paragraphs], most: int) -> list[Goal]:
    """How many copies join, by the edit and by the length of what is edited."""
    pieces = [_beginning(each, length) for length in LENGTHS[:-1] for each in articles[:most]]
    pieces += articles[:most]
    columns = (Column(f"{words} words", 10) for words in LENGTHS)
    table = Table((Column("copies that join", 34, left=True), *columns, Column("why not", 40)))
    print(f"{name}: {len(articles):,} articles")
    table.head()
    found = {edit: _Copies() for edit in EDITS}
    for edit, number, copy in copies(pieces, len(pieces)):
        _count_copy(found[edit], pieces[number], mark(pieces[number]), mark(copy))
    grown = _Copies()
    for piece in pieces:
        third = EDITS["cut to a third"](Random(SEED), piece)
        _count_copy(grown, piece, mark(third), mark(piece))
    found["grows from a third to whole"] = grown
    for edit, counts in found.items():
        why = ", ".join(f"{each} {count}" for each, count in counts.reasons.most_common(3))
        table.row(edit, *(each.cell() for each in counts.by_length), f"  {why}")
    long = LENGTHS.index(GOAL_WORDS)
    worst = min(
        sum(each.joined for each in counts.by_length[long:])
        / max(1, sum(each.all for each in counts.by_length[long:]))
        for counts in found.values()
    )
    return [Goal(f"% of the copies of each kind join, from {GOAL_WORDS} words", 95, 100 * worst)]


def _beginning(text: Paragraphs, words: int) -> Paragraphs:
    """The first paragraphs of an article, so many words or a few more."""
    kept: list[str] = []
    for paragraph in text[1:]:
        if sum(len(each.split()) for each in kept) >= words:
            break
        kept.append(paragraph)
    return (text[0], *kept)


def _count_copy(found: _Copies, piece: Paragraphs, ours: Fingerprint, copy: Fingerprint) -> None:
    words = sum(len(each.split()) for each in piece[1:])
    comparison = compare(ours.record, copy.record)
    meet = not set(ours.bands).isdisjoint(copy.bands)
    at = max((at for at, least in enumerate(LENGTHS) if words >= least), default=0)
    found.by_length[at].add(comparison.same and meet)
    if not (comparison.same and meet):
        found.reasons[comparison.reason.value if meet else "not compared"] += 1


def _wire(name: str, articles: Sequence[Paragraphs], marks: Sequence[Fingerprint]) -> list[Goal]:
    """What joins when the articles come one after the other."""
    window, joined = Window(), 0
    wrong: list[tuple[float, Paragraphs, Paragraphs]] = []
    for number, (text, found) in enumerate(zip(articles, marks, strict=True)):
        placement = window.join(str(number), text, found)
        if placement.begins:
            continue
        joined += 1
        other = window.begun[placement.story_id].text
        alike, part = shared(text, other, 2)
        if alike < SAME_REPORT and part < PART:
            wrong.append((alike, text, other))
    number = len(articles)
    print(
        f"\n{name}, one after the other: {joined} of {number:,} join a story, {len(wrong)} of them "
        f"wrongly, as they share too few words;\n"
        f"each is compared with {window.compared / number:.2f} others"
    )
    for alike, text, other in wrong[:SHOWN]:
        print(f"  {alike:.2f}  {text[0]!r} joins {other[0]!r}")
    return [Goal("% of the articles join wrongly", 0.05, 100 * len(wrong) / number, most=True)]


def _costs(articles: Sequence[Paragraphs], marks: Sequence[Fingerprint]) -> list[Goal]:
    """Time and memory."""
    usual = [each for each in articles if 400 <= sum(len(part.split()) for part in each) <= 800]
    usual = usual[:200] or list(articles[:200])
    taken = _microseconds(lambda: [mark(each) for each in usual]) / len(usual)
    edit: Edit = EDITS["25 % of sentences dropped"]
    pairs = [(mark(each).record, mark(edit(Random(SEED), each)).record) for each in usual]
    compared = _microseconds(lambda: [compare(*pair) for pair in pairs]) / len(pairs)
    sizes = [len(each.record.pack()) for each in marks if each.record]
    book = " ".join(" ".join(each) for each in articles).split()
    texts = [" ".join((book * (words // len(book) + 1))[:words]) for words in (10_000, 100_000)]
    long = [_microseconds(partial(mark, (text,)), 1) / 1e3 for text in texts]
    print(
        f"CPU: {taken:.0f} µs a fingerprint of 400 to 800 words, {compared:.0f} µs a comparison; "
        f"10,000 words {long[0]:.0f} ms, 100,000 words {long[1]:.0f} ms\n"
        f"records: {np.median(sizes):.0f} bytes, at most {max(sizes)}"
    )
    return [
        Goal("µs a comparison", 100, compared, most=True),
        Goal("bytes of a record", 1_000, max(sizes), most=True),
    ]


def _microseconds(work: Callable[[], object], times: int = 3) -> float:
    """Of CPU: the least of several times."""
    least = float("inf")
    for _ in range(times):
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
    return 1e6 * least
