"""Events that are told in one template: they stay apart, and each copy is to find its own."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.alerts.count import Count
from benchmarks.alerts.window import Window, mark
from benchmarks.corpus.edits import EDITS, SEED
from benchmarks.corpus.templates import Template, templates
from benchmarks.goals import Goal
from benchmarks.table import Column, Table

LEAST_WORDS = 60
"""Copies of fewer words are not counted: of these nobody can say what they are copies of."""


def sibling_goals(events: int) -> list[Goal]:
    """How many events are suppressed, and whether copies find their own among siblings."""
    table = Table(
        (
            Column("told in one template", 34, left=True),
            Column("words", 7),
            Column("events", 7),
            Column("suppressed", 11),
            Column("copies find their own", 22),
            Column("another's", 10),
        )
    )
    print()
    table.head()
    suppressed = {False: Count(), True: Count()}
    own, others = Count(), Count()
    for template in templates():
        window, begun = _told(template, events)
        count = suppressed[template.held_out]
        for begins in begun:
            count.add(not begins)
        mine, wrong = Count(), Count()
        for joined, right in _placed_copies(template, window, events):
            mine.add(right)
            wrong.add(joined and not right)
        own.joined, own.all = own.joined + mine.joined, own.all + mine.all
        others.joined, others.all = others.joined + wrong.joined, others.all + wrong.all
        first = next(iter(window.begun.values())).text
        table.row(
            template.name + (" *" if template.held_out else ""),
            str(len(" ".join(first).split())),
            str(events),
            str(begun.count(False)),
            mine.cell(),
            str(wrong.joined),
        )
    print("* written after the rule was fixed")
    return [
        Goal("events suppressed", 0, suppressed[False].joined, most=True),
        Goal("events suppressed, held out", 0, suppressed[True].joined, most=True),
        Goal("% of the copies find their own event", 90, 100 * own.share),
        Goal("% of the copies join another's", 0.1, 100 * others.share, most=True),
    ]


def _told(template: Template, events: int) -> tuple[Window, list[bool]]:
    window = Window()
    begun = [
        window.join(str(number), text, mark(text, template.language)).begins
        for number, text in enumerate(template.events(events))
    ]
    return window, begun


def _placed_copies(template: Template, window: Window, events: int) -> Iterator[tuple[bool, bool]]:
    """Whether each copy joins a story, and whether that is its own event's."""
    for name, edit in EDITS.items():
        for number, text in enumerate(template.events(events)):
            copy = edit(Random(f"{SEED} {name} {number}"), text)
            found = mark(copy, template.language)
            if found.record and found.record.words >= LEAST_WORDS:
                placement = window.place("copy", found)
                yield not placement.begins, placement.story_id == str(number)
