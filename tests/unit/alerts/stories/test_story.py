"""A story's milestones, its sources' names, and the time from which its window counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders.articles import an_article
from service.alerts.stories.story import (
    FIRST_DATE,
    LONGEST_SOURCE,
    MILESTONES,
    Story,
    published_at,
    source_of,
)

NOW = 1_795_000_000_000
FIRST = round(FIRST_DATE.timestamp() * 1000)


@pytest.mark.parametrize(
    ("sources", "milestone"),
    [(0, 0), *((n - 1, before) for before, n in zip((0, *MILESTONES), MILESTONES, strict=False))],
)
def test_a_milestone_is_reached_with_its_number_of_sources(sources: int, milestone: int) -> None:
    """One fewer has reached the one before."""
    story = Story("sty_1", "", 1, sources, ())
    assert story.milestone == milestone
    if sources:
        assert Story("sty_1", "", 1, sources + 1, ()).milestone == sources + 1


@pytest.mark.parametrize(
    ("source", "url", "found"),
    [
        ("Paper", "https://desk.example/a", "Paper"),
        ("", "https://www.Desk.example/a", "desk.example"),
        ("", "", ""),
        ("x" * LONGEST_SOURCE, "", "x" * LONGEST_SOURCE),
        ("x" * LONGEST_SOURCE + "y", "", "x" * LONGEST_SOURCE),
    ],
)
def test_a_source_is_named_by_the_article_or_its_host(source: str, url: str, found: str) -> None:
    """Its record is kept for each story, so no name is longer."""
    assert source_of(an_article("Rain.", source=source, url=url)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", NOW),
        ("yesterday", NOW),
        ("2026-11-17T20:26:40", NOW),  # of which zone?
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-01-01T02:00:00+02:00", 1_767_225_600_000),
        ("2127-01-01T00:00:00Z", NOW),
        (FIRST_DATE.isoformat(), FIRST),
        ((FIRST_DATE - timedelta(microseconds=1)).isoformat(), NOW),
    ],
)
def test_a_date_that_cannot_be_is_that_of_the_reading(text: str, found: int) -> None:
    """A wrong clock neither ends the window of others nor lengthens it."""
    assert published_at(text, NOW) == found
