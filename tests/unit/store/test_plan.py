"""What a commit writes: no command has more arguments than a script can pass on."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest
from redis.asyncio import Redis

from service.alerts.alert import Event, alert_id
from service.alerts.decision import (
    AlertDraft,
    Counted,
    Created,
    Decision,
    Outcome,
    Retracted,
    Updated,
    Withdrawn,
)
from service.alerts.history import AlertHistory, SentAlert, StoryReach
from service.alerts.people.silence import Silence
from service.articles.identity import Identity
from service.store.client import Store
from service.store.commit.article_plan import article_writes
from service.store.commit.commands import MOST_ARGUMENTS
from service.store.commit.plan import AlertPlan

ARTICLE = Identity("", "a1")
AT = "2026-11-23T12:00:00.000Z"
NAMES = tuple(f"desk-{number}" for number in range(MOST_ARGUMENTS + 1))


@pytest.mark.parametrize("decision", [Counted(10, NAMES), Retracted(NAMES)])
def test_an_alert_with_many_subscribers_is_written_in_several_commands(decision: Decision) -> None:
    """All of them are written: whom silences keep it from, and whom its story may reach again."""
    id_ = alert_id("jets", *ARTICLE.parts)
    draft = AlertDraft(id_, "jets", ARTICLE, "r2", "1-0", 50, NAMES, "sty_1")
    reached = StoryReach(id_, by_subscriber=dict.fromkeys(NAMES, id_))
    before = AlertHistory(SentAlert(id_, "r1", subscribers=NAMES), reached)
    silence = Silence("sil_1", "tag", "x", "2099-01-01T00:00:00.000Z", "y", "")
    outcome = Outcome(
        draft, decision, Event("story.updated", id_, {}, ()), before, AlertHistory(),
        muted=dict.fromkeys(NAMES, silence),
    )  # fmt: skip
    commands = list(AlertPlan(Store(Redis(), "articles"), outcome).writes())
    assert max(map(len, commands)) <= MOST_ARGUMENTS + 2
    words = " ".join(map(str, chain.from_iterable(commands))).replace(":", " ").split()
    assert set(NAMES) <= set(words)


ID = alert_id("jets", *ARTICLE.parts)
SENT = SentAlert(ID, "r1", latest_id=ID, subscribers=("desk",))
CHANGED = replace(SENT, revision="r2")


def a_plan(
    decision: Decision, sent: SentAlert | None, after: AlertHistory, *, event_id: str = ID
) -> AlertPlan:
    """Of an event about the alert of a watchlist that had sent this."""
    draft = AlertDraft(ID, "jets", ARTICLE, "r2", "1-0", 50, ("desk",), "sty_1")
    event = Event("alert.created", event_id, {}, ("desk",))
    return AlertPlan(
        Store(Redis(), "articles"), Outcome(draft, decision, event, AlertHistory(sent), after)
    )


@pytest.mark.parametrize(
    ("decision", "sent", "after", "event_id", "finished"),
    [
        (Created(("desk",)), None, AlertHistory(SENT), ID, [ID]),
        (Updated(("desk",)), SENT, AlertHistory(SENT, StoryReach(ID)), "alr_2", ["alr_2"]),
        (
            Updated(("desk",)),
            SENT,
            AlertHistory(replace(SENT, revision="r2")),
            "alr_2",
            ["alr_2", ID],
        ),
        (Counted(10, ("desk",)), SENT, AlertHistory(SENT), ID, [ID]),
        (Withdrawn(), SENT, AlertHistory(), "alr_2", ["alr_2"]),
    ],
)
def test_each_record_is_finished_once_and_the_alert_comes_last(
    decision: Decision,
    sent: SentAlert | None,
    after: AlertHistory,
    event_id: str,
    finished: list[str],
) -> None:
    """An event that is the alert itself is no second record."""
    plan = a_plan(decision, sent, after, event_id=event_id)
    assert [one[0] for one in plan.finished()] == finished


def test_only_marks_that_are_gone_are_taken_off() -> None:
    """An alert that was held is sent; one that was taken back and matches again is in force."""
    held, taken_back = replace(SENT, held=True), replace(SENT, retracted=True)
    for was, now, gone in (
        (held, SENT, ["held"]),
        (taken_back, SENT, ["retracted"]),
        (held, taken_back, ["held"]),
        (SENT, taken_back, []),
    ):
        plan = a_plan(Updated(("desk",)), was, AlertHistory(now))
        found = [one[2:] for one in plan.writes() if one[:2] == ["HDEL", plan.alert]]
        assert found == ([gone] if gone else [])


def test_what_is_withdrawn_is_none_of_the_articles_alerts_any_more() -> None:
    """Nobody has heard of it."""
    plan = a_plan(Withdrawn(), SENT, AlertHistory())
    writes = article_writes([plan], 1000, 1000, AT)
    assert ["HDEL", plan.alerted, "jets"] in writes
    assert ["ZREM", plan.alerts, ID] in writes
    assert [one for one in writes if one[0] in {"HSET", "ZADD"}] == []


def test_an_alert_is_listed_once_when_it_is_made() -> None:
    """By the ms at which that was; a correction leaves it there."""
    new = a_plan(Created(("desk",)), None, AlertHistory(SENT))
    assert ["ZADD", new.alerts, "1795435200000", ID] in article_writes([new], 1000, 1000, AT)
    changed = a_plan(Updated(("desk",)), SENT, AlertHistory(CHANGED), event_id="alr_2")
    assert [one for one in article_writes([changed], 1000, 1000, AT) if one[0] == "ZADD"] == []


@pytest.mark.parametrize("decision", [Retracted(("desk",)), Withdrawn()])
def test_what_is_taken_back_reaches_nobody(decision: Decision) -> None:
    """Whom it had reached is taken off the story; nothing else is written there."""
    after = AlertHistory(None, StoryReach("", {"press": "alr_9"}, milestone=3))
    assert a_plan(decision, SENT, after).reached_fields() == {}
    assert a_plan(Created(()), None, after).reached_fields() != {}
