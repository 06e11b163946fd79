"""What becomes of a match by what was sent before, without a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.decide import (
    decide_alert,
    decide_retraction,
    history_after,
    is_older,
    throttle_after,
)
from service.alerts.decision import (
    AlertDecision,
    AlertDraft,
    Counted,
    Created,
    Held,
    Limit,
    Repeated,
    Retracted,
    RetractionDraft,
    Updated,
    Withdrawn,
)
from service.alerts.history import (
    MAX_LATER,
    AlertHistory,
    ArticleHistory,
    BatchHistory,
    SentAlert,
    StoryReach,
    ThrottleCount,
)
from service.articles.identity import Identity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTHING = AlertHistory()


def a_draft(article: str = "a", **fields: object) -> AlertDraft:
    """A match of an article, in a story."""
    draft = AlertDraft(
        f"alr_{article}", "jets", Identity("", article), "r1", "5-0", 50.0, ("desk", "phone"), "sty"
    )
    return replace(draft, **fields)  # type: ignore[arg-type]


def sent(**fields: object) -> AlertHistory:
    """The history of an alert that the desk has received."""
    record = SentAlert("alr_a", "r0", "4-0", "alr_a", {}, ("desk",))
    reach = StoryReach("alr_a", {"desk": "alr_a"})
    return AlertHistory(replace(record, **fields), reach)  # type: ignore[arg-type]


def decide(
    draft: AlertDraft, history: AlertHistory = NOTHING, muted: frozenset[str] = frozenset()
) -> AlertDecision:
    """The decision at noon."""
    return decide_alert(draft, history, now=NOON, is_muted=muted.__contains__)


def reached(**alerts: str) -> AlertHistory:
    """A story that these alerts have told."""
    return AlertHistory(reach=StoryReach("alr_first", alerts))


def test_a_first_match_is_an_alert_for_everyone() -> None:
    """Nothing was sent before."""
    assert decide(a_draft()) == Created(("desk", "phone"))


def test_a_match_without_subscribers_is_recorded() -> None:
    """It is an alert too, also where a throttle is full."""
    full = AlertHistory(throttle=ThrottleCount(NOON + HOUR, 5))
    assert decide(a_draft(subscribers=(), limit=Limit(5, HOUR)), full) == Created(())


def test_the_same_revision_is_a_repetition() -> None:
    """Whatever else has changed since."""
    assert decide(a_draft(revision="r0"), sent()) == Repeated()


def test_an_older_entry_is_a_repetition() -> None:
    """It comes late, from a reader that died; what was sent is newer."""
    assert decide(a_draft(entry_id="3-9"), sent()) == Repeated()
    assert isinstance(decide(a_draft(entry_id="10-0"), sent()), Updated)


def test_a_corrected_article_updates_those_who_received_it_and_those_who_match_now() -> None:
    """Each once."""
    assert decide(a_draft(), sent()) == Updated(("desk", "phone"))


def test_a_silence_keeps_an_update_back_from_those_who_received_the_alert() -> None:
    """Those who match now were muted before the decision."""
    draft = a_draft(subscribers=("phone",))
    assert decide(draft, sent(), frozenset({"desk"})) == Updated(("phone",))


def test_an_update_leaves_out_those_whom_another_copy_has_reached() -> None:
    """They know the story by that one."""
    history = replace(sent(), reach=StoryReach("alr_a", {"desk": "alr_a", "phone": "alr_b"}))
    assert decide(a_draft(), history) == Updated(("desk",))


def test_a_match_after_a_retraction_is_an_update() -> None:
    """Subscribers have heard of the alert."""
    assert decide(a_draft(), sent(retracted=True)) == Updated(("desk", "phone"))


def test_a_held_alert_stays_held_with_its_new_text() -> None:
    """For those who wanted any of its texts; its bundle keeps its time."""
    assert decide(a_draft(), sent(held=True)) == Held(("desk", "phone"), None)


def test_a_copy_of_a_story_is_counted() -> None:
    """All its subscribers have received the story."""
    assert decide(a_draft(), reached(desk="alr_b", phone="alr_b")) == Counted()


def test_a_copy_alerts_those_whom_the_story_has_not_reached() -> None:
    """Filters kept the first copy back from them."""
    assert decide(a_draft(), reached(desk="alr_b")) == Created(("phone",))


def test_a_copy_whose_subscribers_are_filtered_is_counted() -> None:
    """The story has alerted, and nobody else wants it."""
    assert decide(a_draft(subscribers=()), reached(desk="alr_b")) == Counted()


def test_an_unfinished_alert_of_its_own_does_not_count_a_copy() -> None:
    """A commit that broke off has claimed the subscribers, and not finished the alert."""
    assert decide(a_draft(), reached(desk="alr_a", phone="alr_a")) == Created(("desk", "phone"))


def test_repeat_article_alerts_whatever_its_story_has_sent() -> None:
    """Its draft has no story."""
    history = reached(desk="alr_b", phone="alr_b")
    assert decide(a_draft(story_id=""), history) == Created(("desk", "phone"))


@pytest.mark.parametrize(
    ("announced", "reaches", "expected"),
    [(0, 3, 3), (3, 3, 0), (3, 10, 10), (10, 3, 0), (0, 0, 0)],
)
def test_a_milestone_is_announced_once(announced: int, reaches: int, expected: int) -> None:
    """To those who have received the story."""
    told = StoryReach("alr_b", {"desk": "alr_b", "phone": "alr_b"}, milestone=announced)
    found = decide(a_draft(milestone=reaches), AlertHistory(reach=told))
    assert isinstance(found, Counted)
    assert found.milestone == expected
    assert found.subscribers == (("desk", "phone") if expected else ())


def test_a_milestone_waits_for_those_whose_alert_is_held() -> None:
    """They have not heard of the story."""
    told = StoryReach("alr_b", {"desk": "alr_b", "phone": "alr_c"}, frozenset({"alr_b"}))
    assert decide(a_draft(milestone=3), AlertHistory(reach=told)) == Counted(3, ("phone",))
    all_held = replace(told, held=frozenset({"alr_b", "alr_c"}))
    assert decide(a_draft(milestone=3), AlertHistory(reach=all_held)) == Counted()


@pytest.mark.parametrize(
    ("throttle", "is_held"),
    [
        (ThrottleCount(), False),
        (ThrottleCount(NOON + HOUR, 1), False),
        (ThrottleCount(NOON + HOUR, 2), True),
        (ThrottleCount(NOON, 2), False),
        (ThrottleCount(NOON - HOUR, 9), False),
    ],
)
def test_a_full_throttle_holds(throttle: ThrottleCount, *, is_held: bool) -> None:
    """Until the end of its span, and no longer."""
    found = decide(a_draft(limit=Limit(2, HOUR)), AlertHistory(throttle=throttle))
    assert found == (
        Held(("desk", "phone"), NOON + HOUR) if is_held else Created(("desk", "phone"))
    )


def test_only_what_goes_to_somebody_fills_a_throttle() -> None:
    """An alert that is only recorded keeps no other back."""
    draft = a_draft(limit=Limit(2, HOUR))
    for subscribers, count in ((("desk",), 1), ((), 0)):
        found = throttle_after(draft, Created(subscribers), ThrottleCount(), NOON)
        assert found.sent == count


def retract(
    history: AlertHistory, muted: frozenset[str] = frozenset(), entry: str = "5-0"
) -> object:
    """The decision about the alert of an article that no longer matches."""
    draft = RetractionDraft("alr_a", "jets", Identity("", "a"), "r1", entry, "sty")
    return decide_retraction(draft, history, is_muted=muted.__contains__)


def test_a_retraction_goes_to_those_who_received_the_alert() -> None:
    """But for those whom a silence mutes."""
    assert retract(sent(subscribers=("desk", "phone"))) == Retracted(("desk", "phone"))
    muted = frozenset({"desk"})
    assert retract(sent(subscribers=("desk", "phone")), muted) == Retracted(("phone",))


def test_a_retraction_goes_to_those_from_whom_a_silence_kept_a_correction() -> None:
    """The silence is over: they have the alert, and it does not hold any more."""
    draft, before = a_draft(subscribers=("phone",), revision="r2"), sent()
    decision = decide_alert(draft, before, now=NOON, is_muted={"desk"}.__contains__)
    assert decision == Updated(("phone",))
    after = history_after(draft, decision, before, now=NOON, event_id="alr_b")
    assert retract(after, entry="6-0") == Retracted(("desk", "phone"))


def test_the_latest_events_of_an_alert_are_remembered() -> None:
    """A page that changes all day has more of them than a record should hold."""
    history = sent()
    ids = [f"alr_{number}" for number in range(MAX_LATER + 5)]
    for number, id_ in enumerate(ids):
        draft = a_draft(revision=f"r{number + 2}")
        history = history_after(draft, Updated(("desk",)), history, now=NOON, event_id=id_)
    assert history.sent is not None
    assert history.sent.later_ids == tuple(ids[-MAX_LATER:])


def test_a_held_alert_takes_nobody_from_another_that_told_the_story() -> None:
    """Who hears of the story from that one."""
    before = sent(held=True)
    reach = replace(before.reach, by_subscriber={"desk": "alr_a", "phone": "alr_x"})
    _, after = settle(a_draft(), replace(before, reach=reach))
    assert after.reach == replace(reach, held=frozenset({"alr_a"}))


def test_a_held_alert_is_withdrawn() -> None:
    """No subscriber has heard of it."""
    before = sent(held=True)
    before = replace(before, reach=replace(before.reach, held=frozenset({"alr_a", "alr_x"})))
    assert retract(before) == Withdrawn()
    draft = RetractionDraft("alr_a", "jets", Identity("", "a"), "r1", "5-0", "sty")
    after = history_after(draft, Withdrawn(), before, now=NOON)
    assert (after.sent, after.reach.held) == (None, frozenset({"alr_x"}))


@pytest.mark.parametrize(
    "history", [NOTHING, sent(retracted=True), sent(revision="r1"), sent(entry_id="6-0")]
)
def test_nothing_is_retracted_twice_or_late(history: AlertHistory) -> None:
    """Nor what was never sent, nor by the revision that was."""
    assert retract(history) == Repeated()


def settle(draft: AlertDraft, history: AlertHistory) -> tuple[AlertDecision, AlertHistory]:
    """A decision, and the history after it."""
    decision = decide(draft, history)
    after = history_after(draft, decision, history, now=NOON, event_id=f"evt_{draft.revision}")
    return decision, after


def test_what_was_decided_is_a_repetition_of_itself() -> None:
    """The same entry again changes nothing."""
    _, after = settle(a_draft(), NOTHING)
    assert settle(a_draft(), after) == (Repeated(), after)


def test_a_retraction_frees_the_story_for_its_next_copy() -> None:
    """Those whom the alert had reached, and no others."""
    _, after = settle(a_draft(), reached(phone="alr_b"))
    draft = RetractionDraft("alr_a", "jets", Identity("", "a"), "r2", "6-0", "sty")
    decision = decide_retraction(draft, after, is_muted=lambda _: False)
    freed = history_after(draft, decision, after, now=NOON, event_id="evt")
    assert decide(a_draft("c"), replace(freed, sent=None)) == Created(("desk",))
    assert freed.sent
    assert (freed.sent.retracted, freed.sent.story_id) == (True, "")


def test_articles_of_a_batch_see_each_other() -> None:
    """A copy in the same batch is counted, and a throttle fills up."""
    batch = BatchHistory()
    article = ArticleHistory(NOON, story_id="sty")
    found = []
    for name, story in (("a", "sty"), ("b", "sty"), ("c", "other"), ("d", "another")):
        history = replace(article, story_id=story)
        draft = a_draft(name, story_id=story, limit=Limit(2, HOUR))
        before = batch.of(draft.alert_id, "jets", history)
        decision, after = settle(draft, before)
        batch.record(draft.alert_id, "jets", story, after)
        found.append(type(decision))
    assert found == [Created, Counted, Created, Held]


def test_what_two_articles_of_a_batch_have_read_is_one() -> None:
    """Each asks about its own subscribers; what was decided meanwhile counts more."""
    batch = BatchHistory()
    draft = a_draft("a", subscribers=("desk",), limit=Limit(0, HOUR))
    _, after = settle(draft, batch.of("alr_a", "jets", ArticleHistory(NOON, story_id="sty")))
    batch.record("alr_a", "jets", "sty", after)
    read = StoryReach("", {"phone": "alr_x", "desk": ""}, frozenset({"alr_x"}))
    later = ArticleHistory(NOON, story_id="sty", alerts={"jets": AlertHistory(reach=read)})
    found = batch.of("alr_b", "jets", later).reach
    assert found.by_subscriber == {"phone": "alr_x", "desk": "alr_a"}
    assert (found.first, found.held) == ("alr_a", frozenset({"alr_x", "alr_a"}))


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["r1", "r2", "gone"])),
        max_size=12,
    ),
    st.integers(1, 3),
)
def test_however_articles_change_each_subscriber_hears_of_a_story_once(
    steps: list[tuple[str, str]], most: int
) -> None:
    """At any time each subscriber has at most one alert of the story that is not retracted, and
    each alert was created, or held, before it was corrected.
    """
    batch = BatchHistory()
    article = ArticleHistory(NOON, story_id="sty")
    live: dict[str, str] = {}
    known: set[str] = set()
    for number, (name, revision) in enumerate(steps):
        entry = f"{number + 1}-0"
        alert = f"alr_{name}"
        before = batch.of(alert, "jets", article)
        draft: AlertDraft | RetractionDraft
        if revision == "gone":
            draft = RetractionDraft(
                alert, "jets", Identity("", name), f"{revision}{number}", entry, "sty"
            )
            gone = decide_retraction(draft, before, is_muted=lambda _: False)
            if not isinstance(gone, Repeated):
                assert alert in known
                live = {who: which for who, which in live.items() if which != alert}
            if isinstance(gone, Withdrawn):
                known.remove(alert)
            after = history_after(draft, gone, before, now=NOON, event_id=entry)
        else:
            draft = a_draft(name, revision=revision, entry_id=entry, limit=Limit(most, HOUR))
            decision = decide(draft, before)
            if isinstance(decision, Created | Held | Updated):
                assert isinstance(decision, Updated) <= (alert in known)
                assert isinstance(decision, Created) <= (alert not in known)
                known.add(alert)
                for who in decision.subscribers:
                    assert live.setdefault(who, alert) == alert
            after = history_after(draft, decision, before, now=NOON, event_id=entry)
        batch.record(alert, "jets", "sty", after)


@pytest.mark.parametrize(
    ("entry", "other", "expected"),
    [
        ("1-0", "1-1", True),
        ("9-0", "10-0", True),
        ("1-9", "1-10", True),
        ("1-1", "1-1", False),
        ("2-0", "1-5", False),
        ("1-0", "", False),
    ],
)
def test_entries_are_compared_as_numbers(entry: str, other: str, *, expected: bool) -> None:
    """Their texts may be of different lengths."""
    assert is_older(entry, other) is expected


def test_a_retraction_in_a_batch_leaves_the_throttle_of_others_as_it_is() -> None:
    """Its own history does not say how full the throttle is: nothing that is retracted fills it."""
    batch = BatchHistory()
    gone = RetractionDraft("alr_b", "jets", Identity("", "b"), "gone", "6-0")
    sent = AlertHistory(SentAlert("alr_b", "r1", "1-0", subscribers=("desk",)))
    after = history_after(gone, Retracted(("desk",)), sent, now=NOON)
    batch.record("alr_b", "jets", "", after)
    full = ArticleHistory(NOON, alerts={"jets": AlertHistory(throttle=ThrottleCount(NOON, 2))})
    assert batch.of("alr_a", "jets", full).throttle == ThrottleCount(NOON, 2)
