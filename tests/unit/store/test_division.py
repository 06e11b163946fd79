"""An entry with many alerts in parts: each rests on what it changes, and on nothing older."""

from __future__ import annotations

from redis.asyncio import Redis

from service.alerts.alert import Event, alert_id
from service.alerts.decision import AlertDraft, Counted, Created, Decision, Outcome, Withdrawn
from service.alerts.history import AlertHistory, SentAlert, StoryReach
from service.articles.identity import Identity
from service.store.client import Store
from service.store.commit.division import parts
from service.store.commit.plan import AlertPlan
from service.store.stories.version import Guard

ARTICLE = Identity("", "a1")
STORE = Store(Redis(), "articles")  # it is asked for keys alone


def planned(watchlist: str, decision: Decision, before: AlertHistory) -> AlertPlan:
    """An event about the alert of a watchlist."""
    id_ = alert_id(watchlist, *ARTICLE.parts)
    draft = AlertDraft(id_, watchlist, ARTICLE, "r2", "1-0", 50, ("desk",), "sty_1")
    event = Event("story.updated", id_, {}, ("desk",))
    return AlertPlan(STORE, Outcome(draft, decision, event, before, AlertHistory()))


def guard(name: str) -> Guard:
    """One that nothing but its name is asked of."""
    return Guard(name, ("HMGET", name, "field"), ("",))


def test_the_events_of_one_alert_are_written_together() -> None:
    """Else the second one would rest on what the first has changed, and never be told."""
    heard = AlertHistory(reach=StoryReach("alr_1", milestone=3))
    ids = ("a", "b", "b", "b", "c")
    plans = [planned(id_, Counted(10, ("desk",)), heard) for id_ in ids]
    guards = [guard(plan.guarded[2]) for plan in (plans[0], plans[1], plans[4])]
    found = [*parts(plans, guards, 2 * plans[0].commands, 9)]
    assert [[plan.alert for plan in part.plans] for part in found] == [
        [plan.alert for plan in plans[:4]],
        [plans[4].alert],
    ]
    assert [part.guards for part in found] == [guards[:2], guards[2:]]
    assert [part.is_last for part in found] == [False, True]


def test_a_part_counts_what_those_before_took_back() -> None:
    """A held alert that is withdrawn is none of the article's any more."""
    sent = AlertHistory(SentAlert("alr_1", "r1", held=True))
    plans = [planned(id_, Withdrawn(), sent) for id_ in "abc"]
    count = Guard(plans[0].alerted, ("HLEN", plans[0].alerted), ("5",))
    found = parts(plans, [count], 1, 9)
    assert [part.guards[0].found for part in found] == [
        ("5",),
        ("4",),
        ("3",),
    ]


def test_an_entry_without_an_alert_is_one_part() -> None:
    """What it rests on is checked all the same."""
    (part,) = parts((), [guard("a")], 2, 9)
    assert ([*part.plans], part.guards, part.is_last) == ([], [guard("a")], True)


def test_a_part_counts_whom_those_before_have_reached() -> None:
    """The parts of an entry whose story was new write to one record: two fields each here."""
    plans = []
    for watchlist in "abc":
        id_ = alert_id(watchlist, *ARTICLE.parts)
        after = AlertHistory(reach=StoryReach(id_, {"desk": id_}))
        new = AlertDraft(id_, watchlist, ARTICLE, "r1", "1-0", 50, ("desk",), "sty_1")
        event = Event("alert.created", id_, {}, ("desk",))
        plans.append(
            AlertPlan(STORE, Outcome(new, Created(("desk",)), event, AlertHistory(), after))
        )
    count = Guard(plans[0].reached, ("HLEN", plans[0].reached), ("0",))
    found = parts(plans, [count], 1, 9)
    assert [part.guards[0].found for part in found] == [
        ("0",),
        ("2",),
        ("4",),
    ]


def test_what_changes_nothing_is_checked_once_where_it_is_much() -> None:
    """Before anything is written; the last part, which acknowledges, rests on the article alone."""
    unchanged = [guard(f"alert-{number}") for number in range(5)]
    count = Guard("alerted", ("HLEN", "alerted"), ("5",))
    found = [*parts((), [count, *unchanged], 2, 2)]
    assert [part.guards for part in found] == [
        [count, *unchanged[:2]],
        [count, *unchanged[2:4]],
        [count, *unchanged[4:]],
        [count],
    ]
    assert [part.is_last for part in found] == [False, False, False, True]
