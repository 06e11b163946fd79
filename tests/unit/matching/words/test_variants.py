"""The other ways in which a term is written."""

from __future__ import annotations

import pytest

from service.matching.words.text import words
from service.matching.words.variants import MAX_VARIANTS, variants


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("F-16", ["F16"]),
        ("F16", ["F 16"]),
        ("Su-30MKI fighter", ["Su30MKI fighter"]),
        ("COVID-19", ["COVID19"]),
        ("Boeing 737", []),
        ("5 May", []),
        ("air strikes", ["airstrikes"]),
        ("ceasefire", ["cease fire"]),
        ("e-mail", ["email"]),
        ("turnout", []),
        ("JD Vance", ["J D Vance"]),
        ("J. D. Vance", ["JD Vance"]),
        ("US Army", ["U S Army"]),
        ("US", []),
        ("JD VANCE", []),
        ("12,500", ["12 500"]),
        ("1250000", ["1 250 000"]),
        ("10 000 people", ["10000 people"]),
        ("1 250 000", ["1250000"]),
        ("24 000 1", ["24000 1"]),
        ("7 000 000 000 000", ["7000000000000"]),
        ("0 800", []),
        ("2024", []),
        ("12.5", []),
    ],
)
def test_variants(term: str, expected: list[str]) -> None:
    """Designations, pairs of words, initials before a name, thousands."""
    assert [" ".join(each) for each in variants(words(term), inflected=True)] == expected


@pytest.mark.parametrize(
    ("term", "expected"), [("F-16", []), ("ceasefire", []), ("J.D. Vance", ["J D Vance"])]
)
def test_quoted_words_stay_as_they_are(term: str, expected: list[str]) -> None:
    """But for the spaces between initials."""
    assert [" ".join(each) for each in variants(words(term), inflected=False)] == expected


def test_there_are_not_too_many() -> None:
    """A long phrase of designations has a bound."""
    assert len(variants(words("F-16 Su-30 F-35 J-10 A-10 B-2"), inflected=True)) == MAX_VARIANTS
