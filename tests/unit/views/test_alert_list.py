"""Which alerts a list takes, and what their sums count."""

from __future__ import annotations

import json

import pytest

from service.alerts.people.verdict import GivenVerdict, VerdictWord
from service.views.alerts.alert_list import AlertFilter, AlertLine
from service.views.alerts.sums import AlertSums

AT = "2026-11-23T09:00:00Z"


@pytest.mark.parametrize(
    ("least", "most", "taken"),
    [(80.0, 80.0, True), (None, 79.9, False), (80.1, None, False), (None, None, True)],
)
def test_a_score_is_taken_from_the_least_to_the_most(
    least: float | None, most: float | None, *, taken: bool
) -> None:
    """Both of them, too."""
    fields = {"body": json.dumps({"data": {"score": {"value": 80.0}}})}
    assert AlertFilter(min_score=least, max_score=most).takes(fields) is taken


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "{}", '{"data": 7}'])
def test_what_cannot_be_read_has_no_score(body: str) -> None:
    """Nor a source; a list goes on."""
    assert AlertFilter(max_score=50).takes({"body": body})
    assert not AlertFilter(min_score=50).takes({"body": body})
    assert not AlertFilter(source="Quill").takes({"body": body})


def a_line(score: float, word: VerdictWord | None = None, *, retracted: bool = False) -> AlertLine:
    """An alert of jets."""
    given = GivenVerdict(word, "desk", "link", AT) if word else None
    return AlertLine(
        "alr_1", "articles", AT, "jets", "high", score, "", "", "", "", "", retracted, (), given,
        "1-0",
    )  # fmt: skip


def test_sums_count_each_verdict_for_itself() -> None:
    """And the highest score, whichever came first."""
    counted = AlertSums(["watchlist"])
    for line in (
        a_line(70), a_line(90, "useful"), a_line(80, "noise", retracted=True), a_line(60, "noise"),
    ):  # fmt: skip
        counted.add(line)
    (one,) = counted.sums()
    assert one.group == {"watchlist": "jets"}
    assert (one.alerts, one.retracted, one.useful, one.noise) == (4, 1, 1, 2)
    assert (one.highest, one.mean) == (90, 75.0)
