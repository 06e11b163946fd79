"""Whether a text under an id corrects the one before it, is a part of it, or has no part in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.stories.overlap import (
    KEPT,
    TextSketch,
    is_correction,
    is_cut,
    overlap,
    sketch,
    unpacked,
)

ARTICLE = (
    "Pakistan and Turkey signed a contract for a common fighter jet in Ankara on Monday. Ministers "
    "of both countries said that the first aircraft would fly within three years. Engineers from "
    "Islamabad will work beside those of the Turkish company, which leads the whole project."
)
OTHER = (
    "A ferry sank off the coast of Norway during a storm. Rescuers found all of its passengers, "
    "who had waited in boats, within an hour. Investigators suspect that the cargo had come loose."
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ARTICLE, ARTICLE.replace("three", "four")),
        (ARTICLE, ARTICLE.split(". ", maxsplit=1)[0]),
        (ARTICLE.split(". ", maxsplit=1)[0], ARTICLE),
        ("A fighter jet lands", "A glider lands"),
        ("Jet is up", "Jet is not up"),
        ("両国は戦闘機の共同開発で合意した。", "両国政府は戦闘機の共同開発で正式に合意した。"),
        ("وقعت باكستان وتركيا عقدا لبناء طائرة مقاتلة", "باكستان وتركيا توقعان عقد طائرة مقاتلة"),
    ],
)
def test_an_edited_text_is_a_correction(old: str, new: str) -> None:
    """Grown, cut, or with other words in places, in any script."""
    assert is_correction(sketch(new), sketch(old))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ARTICLE, OTHER),
        (ARTICLE, "Please verify you are a human. Reference 55."),
        ("Jet lands", "Ferry sinks"),
        ("両国は戦闘機の共同開発で合意した。", "台風の影響で電車が止まっている。"),
        (ARTICLE, ""),
        ("", ""),
    ],
)
def test_a_text_with_nothing_in_common_is_none(old: str, new: str) -> None:
    """Words that are in every text are not in common."""
    assert not is_correction(sketch(new), sketch(old))


def test_a_part_of_a_text_is_cut() -> None:
    """Less than half of it, and nothing new in it: one that says more is a correction."""
    _, part, _ = ARTICLE.split(". ")
    assert is_cut(sketch(part), sketch(ARTICLE))
    assert not is_cut(sketch(ARTICLE), sketch(part))
    assert not is_cut(sketch(ARTICLE[: len(ARTICLE) * 2 // 3]), sketch(ARTICLE))
    assert not is_cut(
        sketch(f"{part} The deal is off, a spokesman of Ankara announced"), sketch(ARTICLE)
    )


@given(st.text(), st.text())
def test_a_sketch_is_stored_and_compared_the_same_way_round(one: str, other: str) -> None:
    """Of any texts, in both directions, within 0 and 1."""
    a, b = sketch(one), sketch(other)
    assert unpacked(a.packed()) == a
    assert len(a.packed()) <= 520
    assert overlap(a, b) == overlap(b, a)
    assert 0 <= overlap(a, b) <= 1
    assert overlap(a, a) == (1 if a.count else 0)


@given(st.integers(0, 300), st.integers(1, 300), st.integers(1, 300))
def test_the_overlap_is_estimated(both: int, ours: int, theirs: int) -> None:
    """Short texts are compared exactly, long ones to within what a sketch of this size can say."""
    shared = {f"shared{n}" for n in range(both)}
    a = shared | {f"alpha{n}" for n in range(ours)}
    b = shared | {f"omega{n}" for n in range(theirs)}
    true = len(shared) / min(len(a), len(b))
    found = overlap(sketch(" ".join(a)), sketch(" ".join(b)))
    if len(a | b) <= KEPT:
        assert found == pytest.approx(true)
    else:
        assert found == pytest.approx(true, abs=0.5)
    assert isinstance(sketch(" ".join(a)), TextSketch)
