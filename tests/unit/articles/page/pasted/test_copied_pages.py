"""Whole pages of 100 to 300 lines, as copied: how much of the article is taken, and what else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from benchmarks.articles.copied_pages import (
    LATER,
    SECOND,
    CopiedPage,
    later_pages,
    layouts,
    pages,
)
from benchmarks.articles.copied_text import Taken, article_of, means, taken


@cache
def found(*, with_title: bool) -> list[tuple[CopiedPage, Taken]]:
    """What is taken from each page, read once for all tests."""
    every = [(page, article_of(page, with_title=with_title)) for page in pages()]
    return [(page, taken(page, article)) for page, article in every]


def test_the_pages_are_many_and_as_long_as_real_ones() -> None:
    """In twelve languages, and a third of the layouts held out."""
    every = pages()
    assert len(every) >= 60
    assert len({page.language for page in every}) >= 12
    lengths = sorted(len(page.lines) for page in every)
    assert 120 <= lengths[len(lengths) // 2] <= 170
    held_out = [layout for layout in layouts() if layout.is_held_out]
    assert len(held_out) * 3 >= len(layouts())
    assert all(page.title in page.lines for page in every)


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("with_title", [False, True])
def test_an_article_is_taken_from_a_copied_page(held_out: bool, with_title: bool) -> None:
    """Nearly all of it, its title with it, and nearly nothing of what is around it."""
    part = [
        one for page, one in found(with_title=with_title) if page.layout.is_held_out is held_out
    ]
    f1, title, firing, lost = means(part)
    assert f1 >= 0.95
    assert title >= 0.95
    assert firing <= 0.02
    assert lost <= 0.03


def test_no_page_loses_its_article() -> None:
    """Whatever stands around it, most of it is taken."""
    for page, one in found(with_title=True):
        assert one.f1 >= 0.5, page.name


@pytest.mark.parametrize("folder", [LATER, SECOND])
def test_pages_of_other_kinds_are_read_as_well(folder: Path) -> None:
    """Whose layouts were written after the rules."""
    every = [(page, article_of(page, with_title=False)) for page in later_pages(folder)]
    f1, title, firing, lost = means(taken(page, article) for page, article in every)
    assert f1 >= 0.95
    assert title >= 0.8
    assert firing <= (0.02 if folder == LATER else 0.05)
    assert lost <= 0.04
