"""What became of an article's alerts is one line of the log for all that had the same end."""

from __future__ import annotations

from typing import Any

from structlog.testing import capture_logs

from builders.alerts import NOON
from builders.articles import an_article
from builders.rules import SECRETS, load
from service.alerts.create import ArticleAlerts
from service.alerts.history import ArticleHistory, BatchHistory
from service.store.commit.commit import Committed, DeadLetter, Decided
from service.stream.report import MAX_LOGGED_ALERTS, log_batch
from service.telemetry import metrics

ARTICLE = an_article("A fighter jet landed.", title="At noon")


def logged(yaml: str, *, twice: bool = False) -> list[dict[str, Any]]:
    """The lines about the article by these rules."""
    rules = load({"rules.yaml": f"watchlists: [{yaml}]"}, SECRETS.get)
    matches = rules.engine.match(ARTICLE, max_evidence=5)
    batch = BatchHistory()
    entries = []
    for _ in range(2 if twice else 1):
        alerts = ArticleAlerts(ARTICLE, "1-0", rules, at=NOON)
        found = alerts.outcomes(matches, ArticleHistory(NOON), batch)
        entries.append(Decided(b"1-0", found))
    with capture_logs() as logs:
        log_batch(Committed(tuple(entries)), ())
    return [dict(line) for line in logs]


def test_all_alerts_of_an_article_are_in_one_line() -> None:
    """Each with its score and what proves it."""
    (line,) = logged("{id: jets, match: fighter jet}, {id: noon, match: 'title:noon'}")
    assert (line["event"], line["article_id"], line["entry_id"]) == (
        "article.matched",
        "art-1",
        "1-0",
    )
    jets, noon = line["alerts"]
    assert (jets["watchlist_id"], noon["watchlist_id"]) == ("jets", "noon")
    assert jets["alert_id"] != noon["alert_id"]
    assert jets["evidence"] == ["body 2-13 “fighter jet”"]
    assert (noon["score"], noon["updated"], noon["deliveries"]) == (80.0, False, 0)


def test_what_another_worker_finished_is_not_told_again() -> None:
    """Two of them had the same bad entry; one wrote its dead letter."""
    letters = [DeadLetter(id_, {}, "no text") for id_ in (b"1-0", b"2-0")]
    before = metrics.ARTICLES["dead_lettered"]._value.get()
    with capture_logs() as logs:
        log_batch(Committed(dead=frozenset([b"2-0"]), others=1), letters)
    assert [line["entry_id"] for line in logs] == ["2-0"]
    assert metrics.ARTICLES["dead_lettered"]._value.get() == before + 1


def test_what_ends_otherwise_has_a_line_of_its_own() -> None:
    """Here the same entry comes twice, and a throttle holds an alert."""
    throttled = "throttle: {max: 1, per: 1h}"
    lines = logged(f"{{id: jets, match: jet}}, {{id: air, match: jet, {throttled}}}", twice=True)
    assert [line["event"] for line in lines] == ["article.matched", "article.repeated"]


def test_a_line_does_not_grow_without_end() -> None:
    """An article may match every watchlist that there is."""
    many = ", ".join(f"{{id: w{n}, match: jet}}" for n in range(MAX_LOGGED_ALERTS + 1))
    lines = logged(many)
    assert [len(line["alerts"]) for line in lines] == [MAX_LOGGED_ALERTS, 1]
