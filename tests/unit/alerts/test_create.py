"""Matches of an article → outcomes: whose filters let an alert through, whom a silence mutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders.alerts import NOON
from builders.articles import an_article
from builders.rules import SECRETS, load
from service.alerts.alert import alert_id, rfc3339
from service.alerts.create import ArticleAlerts
from service.alerts.decision import Outcome, Retracted, Updated
from service.alerts.history import (
    AlertHistory,
    ArticleHistory,
    BatchHistory,
    SentAlert,
    StoryReach,
)
from service.alerts.people.silence import Silence, Target
from service.alerts.recipients import passes_filters
from service.alerts.stories.story import Story
from service.articles.article import Article
from service.matching.evaluation.evidence import Evidence
from service.matching.evaluation.judge import Match
from service.matching.evaluation.score import Score

YAML = """
watchlists:
  - {id: jets, match: fighter jet, severity: high, tags: [air], notify: [desk, picky, grave]}
subscribers:
  - {id: desk, webhook: {url: "https://desk.example/hook", secret: "${DESK_SECRET}"}}
  - id: picky
    min_score: 70.5
    webhook: {url: "https://picky.example/hook", secret: "${DESK_SECRET}"}
  - id: grave
    severities: [critical]
    webhook: {url: "https://grave.example/hook", secret: "${DESK_SECRET}"}
"""
RULES = load({"rules.yaml": YAML}, SECRETS.get)
ARTICLE = an_article("A fighter jet landed.", title="At noon")
ALERT = alert_id("jets", ARTICLE.id)
HOUR = timedelta(hours=1)


def a_match(score: float = 80.0) -> Match:
    """A match of the watchlist with this score."""
    proof = Evidence(
        "fighter jet", "body", 2, 13, "fighter jet", "A fighter jet landed.", ("fighter jet",)
    )
    return Match("jets", Score(score, 1.0, (), (), ()), (proof,))


def told(*subscribers: str) -> ArticleHistory:
    """These were told of an earlier text of the article."""
    earlier = outcome(a_match(), article=an_article("A fighter jet.", revision="earlier"))
    assert earlier.event is not None
    sent = SentAlert(ALERT, "earlier", "1-0", ALERT, earlier.event.data, subscribers)
    return ArticleHistory(NOON, alerts={"jets": AlertHistory(sent)})


def outcome(
    *matches: Match,
    history: ArticleHistory | None = None,
    silences: tuple[Silence, ...] = (),
    article: Article = ARTICLE,
) -> Outcome:
    """The one outcome of an article at noon."""
    alerts = ArticleAlerts(article, "2-0", RULES, at=NOON, silences=silences)
    (found,) = alerts.outcomes(matches, history or ArticleHistory(NOON), BatchHistory())
    return found


def silence(target: Target, name: str) -> Silence:
    """A silence that is in force."""
    until = rfc3339(NOON + timedelta(hours=1))
    return Silence("sil_1", target, name, until, "air show", rfc3339(NOON))


@pytest.mark.parametrize(
    ("score", "subscribers"),
    [(70.4, ("desk",)), (70.5, ("desk", "picky")), (100.0, ("desk", "picky"))],
)
def test_an_alert_at_the_least_score_is_sent(score: float, subscribers: tuple[str, ...]) -> None:
    """`min_score` is the least score that a subscriber receives, itself included."""
    assert outcome(a_match(score)).decision.subscribers == subscribers  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("severities", "passes"),
    [(set(), True), ({"high"}, True), ({"low", "high"}, True), ({"critical", "medium"}, False)],
)
def test_severities_are_those_that_are_named(severities: set[str], *, passes: bool) -> None:
    """None named: all of them."""
    desk = replace(RULES.subscribers["desk"], severities=frozenset(severities))
    found = passes_filters(desk.terms, RULES.watchlists["jets"], a_match().score)
    assert found is passes


def test_a_subscriber_that_the_rules_lack_is_not_filtered() -> None:
    """Its delivery waits until the rules are right."""
    assert passes_filters(None, RULES.watchlists["jets"], a_match(0.0).score)


MUTING: list[tuple[Target, str, tuple[str, ...]]] = [
    ("watchlist", "jets", ()),
    ("tag", "air", ()),
    ("subscriber", "desk", ("picky",)),
    ("watchlist", "tanks", ("desk", "picky")),
    ("tag", "jets", ("desk", "picky")),
    ("subscriber", "grave", ("desk", "picky")),
]


@pytest.mark.parametrize(("target", "name", "left"), MUTING)
def test_a_silence_keeps_back_alerts(target: Target, name: str, left: tuple[str, ...]) -> None:
    """New ones, to those whom it is about."""
    muted = outcome(a_match(), silences=(silence(target, name),))
    assert muted.decision.subscribers == left  # type: ignore[union-attr]


@pytest.mark.parametrize(("target", "name", "left"), MUTING)
def test_a_silence_keeps_back_corrections(target: Target, name: str, left: tuple[str, ...]) -> None:
    """Also those to subscribers who were told of an earlier text."""
    found = outcome(a_match(), history=told("desk", "picky"), silences=(silence(target, name),))
    assert found.decision == Updated(left)


@pytest.mark.parametrize(("target", "name", "left"), MUTING)
def test_a_silence_keeps_back_retractions(target: Target, name: str, left: tuple[str, ...]) -> None:
    """They were told of an alert that is taken back."""
    found = outcome(history=told("desk", "picky"), silences=(silence(target, name),))
    assert found.decision == Retracted(left)
    assert found.event is not None
    assert found.event.subscribers == left


def test_who_was_told_of_a_text_hears_of_its_correction_whatever_it_scores_now() -> None:
    """`picky` would not get the new text by itself, but knows the old one."""
    found = outcome(a_match(50.0), history=told("picky"))
    assert found.decision == Updated(("picky", "desk"))
    assert found.event is not None
    assert set(found.event.subscribers) == {"picky", "desk"}


def test_who_was_told_and_left_the_severities_hears_of_the_correction() -> None:
    """The watchlist was critical when `grave` was told."""
    found = outcome(a_match(), history=told("grave"))
    assert found.decision == Updated(("grave", "desk", "picky"))


def test_a_watchlist_that_left_the_rules_takes_nothing_back() -> None:
    """The article has not changed; the rules have."""
    history = ArticleHistory(NOON, alerts={"gone": AlertHistory(told("desk").alerts["jets"].sent)})
    alerts = ArticleAlerts(ARTICLE, "2-0", RULES, at=NOON)
    assert alerts.outcomes((), history, BatchHistory()) == ()


def test_an_event_knows_whom_a_silence_kept_it_from() -> None:
    """The silence that ends last; whom the filters leave out is not muted."""
    longer = replace(silence("subscriber", "desk"), id="sil_2", until=rfc3339(NOON + 2 * HOUR))
    silences = (silence("watchlist", "jets"), longer)
    assert {name: one.id for name, one in outcome(a_match(), silences=silences).muted.items()} == {
        "desk": "sil_2",
        "picky": "sil_1",
    }
    found = outcome(history=told("picky"), silences=silences)
    assert {name: one.id for name, one in found.muted.items()} == {"picky": "sil_1"}


def test_the_spread_of_a_story_names_the_alert_that_each_subscriber_received() -> None:
    """A filter kept the first article from `picky`, who heard of the story by another."""
    story = Story("sty_1", rfc3339(NOON), 3, 3, ("A", "B", "C"))
    reach = StoryReach("alr_1", {"desk": "alr_1", "picky": "alr_2"})
    alerts = ArticleAlerts(ARTICLE, "2-0", RULES, at=NOON)
    history = ArticleHistory(NOON, story, story.id, {"jets": AlertHistory(reach=reach)})
    batch = BatchHistory()
    events = [one.event for one in alerts.outcomes((a_match(),), history, batch) if one.event]
    assert [(one.kind, one.data["alert_id"], one.subscribers) for one in events] == [
        ("story.updated", "alr_1", ("desk",)),
        ("story.updated", "alr_2", ("picky",)),
    ]
    assert len({one.id for one in events}) == 2
    again = alerts.outcomes((a_match(),), history, batch)  # it is told once
    assert [one.event for one in again] == [None]
