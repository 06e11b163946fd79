"""Which of the facts about an article is the cause: the first thing that stopped it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.archive.missed.cause import article_cause, subscriber_cause, watchlist_cause
from service.archive.missed.trail import (
    AlertTrail,
    ArticleTrail,
    CutTrail,
    DeliveryTrail,
    EntryTrail,
    LetterTrail,
    SubscriberTrail,
    WatchlistTrail,
)

ENTRY = EntryTrail("articles", "20-0", "2026-11-23T09:00:00.000Z", "done")
LETTER = LetterTrail("articles", "21-0", "20-0", "2026-11-23T09:00:01.000Z", "no text", False)
ALERT = AlertTrail("alr_1", "2026-11-23T09:00:02.000Z")
ARTICLE = ArticleTrail("a", "News", "", "", False, "", ENTRY, None)
MATCHED = WatchlistTrail("jets", "matched", ())
DESK = SubscriberTrail("desk", is_notified=True, filtered="")
DELIVERY = DeliveryTrail("dlv_1", "pending", "", "", 0, "", False, "", "it is due")


@pytest.mark.parametrize(
    ("trail", "kind"),
    [
        (ARTICLE, None),
        (replace(ARTICLE, entry=None), "never"),
        (replace(ARTICLE, entry=replace(ENTRY, state="unread")), "unread"),
        (replace(ARTICLE, entry=replace(ENTRY, state="pending")), "unread"),
        (replace(ARTICLE, letter=LETTER), "dead_letter"),
        (replace(ARTICLE, letter=replace(LETTER, is_wall=True)), "wall"),
        (replace(ARTICLE, entry=None, letter=LETTER), "dead_letter"),
        (replace(ARTICLE, letter=replace(LETTER, entry="9-0")), None),
        (replace(ARTICLE, refused="no text"), "dead_letter"),
        (replace(ARTICLE, refused="a wall", refused_as_wall=True), "wall"),
        (replace(ARTICLE, entry=None, watchlists=(replace(MATCHED, alert=ALERT),)), None),
        (replace(ARTICLE, letter=LETTER, watchlists=(replace(MATCHED, alert=ALERT),)), None),
    ],
)
def test_what_an_article_came_to(trail: ArticleTrail, kind: str | None) -> None:
    """A letter counts unless the article came again later; an alert says that it was read."""
    found = article_cause(trail)
    assert (found.kind if found else None) == kind


@pytest.mark.parametrize(
    ("trail", "kind"),
    [
        (replace(MATCHED, alert=ALERT), None),
        (replace(MATCHED, verdict="missed", alert=ALERT), None),
        (replace(MATCHED, verdict="missed", why=("jet: it is not there",)), "clause"),
        (replace(MATCHED, verdict="missed", cut=CutTrail("also-read", "A jet")), "cut"),
        (replace(MATCHED, verdict="excepted"), "exception"),
        (replace(MATCHED, verdict="below"), "threshold"),
        (replace(MATCHED, told_by=ALERT), "story"),
        (MATCHED, "rules"),
    ],
)
def test_what_a_watchlist_made_of_it(trail: WatchlistTrail, kind: str | None) -> None:
    """An alert that there is was made, whatever the rules of today say."""
    found = watchlist_cause(trail)
    assert (found.kind if found else None) == kind


@pytest.mark.parametrize(
    ("delivery", "kind"),
    [
        (replace(DELIVERY, state="delivered", attempts=2, lane="open"), "delivered"),
        (replace(DELIVERY, state="failed", attempts=8), "attempts"),
        (replace(DELIVERY, state="failed"), "lane"),
        (replace(DELIVERY, attempts=1, lane="open"), "lane"),
        (replace(DELIVERY, in_quiet_hours=True, lane="disabled"), "lane"),
        (replace(DELIVERY, in_quiet_hours=True), "quiet_hours"),
        (replace(DELIVERY, attempts=1), "attempts"),
        (DELIVERY, "waits"),
    ],
)
def test_what_became_of_a_delivery(delivery: DeliveryTrail, kind: str) -> None:
    """A lane that is shut holds back whatever else a delivery waits for."""
    assert subscriber_cause(replace(DESK, delivery=delivery), ALERT).kind == kind


@pytest.mark.parametrize(
    ("trail", "kind"),
    [
        (replace(DESK, held="muted"), "silence"),
        (replace(DESK, held="digest"), "digest"),
        (replace(DESK, held="bundled"), "digest"),
        (replace(DESK, held="waits"), "waits"),
        (replace(DESK, held="throttle"), "throttle"),
        (replace(DESK, is_notified=False, filtered="its min_score is 90"), "not_notified"),
        (replace(DESK, filtered="its min_score is 90", reached_by=ALERT), "filter"),
        (replace(DESK, reached_by=ALERT), "story"),
        (replace(DESK, is_notified=False, held="muted"), "silence"),
        (DESK, "unknown"),
    ],
)
def test_what_a_subscriber_was_told(trail: SubscriberTrail, kind: str) -> None:
    """What is recorded counts more than the rules of today."""
    assert subscriber_cause(trail, ALERT).kind == kind
