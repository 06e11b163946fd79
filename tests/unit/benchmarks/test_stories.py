"""The templates and edits by which stories are measured, a few of each."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.alerts.window import Window, mark
from benchmarks.corpus.edits import EDITS, SPELLINGS
from benchmarks.corpus.templates import Template, templates

TEMPLATES = list(templates())
TEXT = (
    "Nine towns agree on harbour",
    "Ministers from nine towns met in Bergen on Tuesday. They agreed on a harbour for 12 boats.",
    "The talks began in March, when Anna Holm of Turku left the room. Nobody followed her then.",
    "A second meeting is planned for May. The boats will be built in Oslo by the Lind yard.",
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_each_event_of_a_template_alerts(template: Template) -> None:
    """And each is another one, with all its slots filled."""
    window, events = Window(), template.events(5)
    for number, event in enumerate(events):
        assert not {"{", "}"} & set("".join(event))
        assert window.join(str(number), event, mark(event, template.language)).begins


def test_there_are_a_hundred_kinds_and_some_are_held_out() -> None:
    """Their names are their own."""
    assert len({one.name for one in TEMPLATES}) == len(TEMPLATES) >= 100
    assert sum(one.held_out for one in TEMPLATES) >= 6


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_keeps_the_facts(edit: str) -> None:
    """It drops some at most: one that brought another's would make another event."""
    copy = EDITS[edit](Random(1), TEXT)
    assert copy != TEXT
    assert copy[1:]
    if edit == "lead rewritten":
        assert {"Bergen", "Tuesday"} <= set("".join(copy[1]).replace(",", "").split())
    if edit == "another spelling":
        assert "harbor" in copy[1]
        assert SPELLINGS["nine"] in copy[1]
