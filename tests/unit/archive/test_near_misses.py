"""What one clause of a watchlist keeps out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builders.archive import an_archive
from builders.articles import a_query, an_article
from service.archive.clauses.near_misses import NearMisses
from service.archive.clauses.relaxations import relaxations
from service.archive.kept.segment import files

EXCEPTS = {"sport": "cricket"}


@pytest.mark.parametrize(
    ("expression", "clauses"),
    [
        ("jet", []),
        ("jet OR plane", []),
        ("jet AND Turkey", ["jet", "Turkey"]),
        ("jet AND NOT toy AND source:bbc", ["NOT toy", "source:bbc"]),
        ("jet NEAR/3 Turkey", ["jet NEAR/3 Turkey → jet AND Turkey"]),
        (
            "(jet NEAR/3 Turkey) AND deal",
            ["jet NEAR/3 Turkey → jet AND Turkey", "jet NEAR/3 Turkey", "deal"],
        ),
    ],
)
def test_each_clause_is_left_out_that_can_be(expression: str, clauses: list[str]) -> None:
    """A word that nothing else asks for stays: without it, any text would match."""
    found = relaxations(a_query(expression, excepts=EXCEPTS))
    said = [f"{each.clause} → {each.change}" if each.change else each.clause for each in found]
    assert said == [*clauses, "except sport"]


def test_what_a_clause_keeps_out_is_counted_and_shown(tmp_path: Path) -> None:
    """The newest articles, with what they have instead; those with two faults are none's."""
    texts = (
        "A jet for Turkey, after a deal.", "A jet for Greece, after a deal.",
        "A jet over Malta, after a deal.", "A jet for Turkey.", "A jet.", "Rain.",
        "A jet for Turkey, after a deal at the cricket.",
    )  # fmt: skip
    an_archive(tmp_path, [an_article(text, title=f"Report {n}") for n, text in enumerate(texts)])
    query = a_query("jet AND Turkey AND deal", excepts=EXCEPTS)
    near = NearMisses(query, since=120_000, examples=1)
    with ThreadPoolExecutor(1) as threads:
        near.read(files(tmp_path), threads)
    assert (near.articles, near.matches) == (6, 0)
    said = {
        each.clause: (each.articles, [(one.title, one.instead) for one in each.examples])
        for each in near.ranked()
    }
    assert said == {
        "Turkey": (2, [("Report 2", "Turkey: not mentioned")]),
        "deal": (1, [("Report 3", "deal: not mentioned")]),
        "except sport": (1, [("Report 6", "the exception sport holds")]),
        "jet": (0, []),
    }
    assert near.ranked()[0].clause == "Turkey"
