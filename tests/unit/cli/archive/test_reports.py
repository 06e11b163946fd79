"""The report of a back-test as Markdown and as a page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import html

from service.archive.report.views import (
    ArchiveView,
    BudgetView,
    Change,
    Example,
    ExcessView,
    Report,
    SetView,
    WatchlistView,
)
from service.cli.archive.markdown import markdown
from service.cli.archive.page import page
from service.delivery.message.message import Quote, Stretch

HOSTILE = "<script>alert(1)</script> **bold** @everyone [x](javascript:1)\x1b"
EXAMPLE = Example(
    HOSTILE,
    "https://a.example/(1)",
    "A*B",
    "2026-11-01T10:00:00.000Z",
    66.7,
    held=True,
    quotes=(Quote("body", (Stretch("a "), Stretch("jet", marked=True), Stretch(" flew"))),),
    otherwise="glider: not mentioned",
)
FATES = {
    "alerts": 3, "held": 1, "told": 2, "repeated": 0, "updated": 0, "retracted": 0, "below": 0
}  # fmt: skip
DELIVERIES = {"at_once": 3, "digest": 0, "quiet_hours": 0, "filtered": 1, "silenced": 0}
SET = SetView("rules", 1, 4, (3, 1), FATES, DELIVERIES, {"desk": 3}, {})
WATCHLIST = WatchlistView(
    "jets", 4, "2026-11-01", 3, FATES, DELIVERIES, (3, 1), (EXAMPLE,),
    Change(2, 3, 1, 1, (EXAMPLE,), (replace(EXAMPLE, url="javascript:alert(1)"),)),
)  # fmt: skip
REPORT = Report(
    ArchiveView(("articles",), 90, {"wall": 2}, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", {}),
    ("2026-11-01", "2026-11-02"),
    SET,
    replace(SET, name="main"),
    (WATCHLIST,),
    BudgetView(2, "day", (ExcessView("jets", 3, "2026-11-01"),)),
)


def test_markdown_says_what_changes_and_no_text_is_markup() -> None:
    """An article's own text links, mentions and marks nothing; the words that match are bold."""
    said = markdown(REPORT)
    assert "| `jets` | 4 | 2.0 | 3 | 2 | +3 | −1 |" in said
    assert "“a **jet** flew”" in said
    assert "by the other rules: glider: not mentioned" in said
    assert "jets: 3 alerts in the day of 2026\\-11\\-01, and the budget is 2" in said
    assert "](<https://a.example/(1)>)" in said
    for markup in (" <script", "[<script", " [x](", "javascript:alert", " @", "\x1b", " **bold"):
        assert markup not in said


def test_markdown_fits_a_comment() -> None:
    """However many watchlists changed; it says of how many it shows no examples."""
    many = [replace(WATCHLIST, id=f"jets-{number}") for number in range(2_000)]
    said = markdown(replace(REPORT, watchlists=tuple(many)))
    assert len(said) < 65_536
    shown = said.count("<details>")
    assert shown > 10
    assert said.endswith(f"The examples of {2_000 - shown // 2} more watchlists are left out.\n")


@pytest.mark.parametrize("against", [REPORT.against, None])
def test_the_page_is_whole_and_holds_only_text(against: SetView | None) -> None:
    """One page without scripts or links to others, with a bar for each day and set of rules."""
    watchlist = WATCHLIST if against else replace(WATCHLIST, change=None)
    said = page(replace(REPORT, against=against, watchlists=(watchlist,)))
    tree = html.fromstring(said)
    assert tree.xpath("//script|//link|//img") == []
    assert [each.get("href") for each in tree.xpath("//article//a")] == ["https://a.example/(1)"]
    assert {*tree.xpath("//mark/text()")} == {"jet"}
    assert len(tree.xpath("//figure//rect")) == (4 if against else 2)
    assert "alert(1)" in tree.text_content()
    assert tree.xpath("//p[@class='over']")
    assert "\x1b" not in said
