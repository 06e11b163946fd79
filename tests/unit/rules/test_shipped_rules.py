"""The watchlists and sample articles that ship: they hold, and each proves itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders.rules import ANY_FILE, a_reader, load
from service.articles.article import Article
from service.articles.files.entries import Source, articles_in
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Verdict, judge
from service.rules.checks.own_tests import run_checks
from service.rules.findings.review import review
from service.rules.rules import Rules

RULES = Path(__file__).parents[3] / "rules"
FILES = {str(path): path.read_text(encoding="utf-8") for path in RULES.glob("*.yaml")}
SAMPLES = sorted((RULES / "samples").iterdir())
MAX_BYTES = 1 << 20

ALERTS = {
    "defence-pact.txt": "pak-turk-fighter-jets",
    "drone-plant-ru.txt": "drone-plants-ru",
    "frigate-order.html": "warship-orders",
    "gasoducto-fuga-es.txt": "pipeline-incidents",
    "hafenstreik-de.txt": "port-strikes",
    "measles-outbreak.txt": "disease-outbreaks",
    "opec-quota.txt": "oil-supply",
    "ransomware-hospital.txt": "ransomware-hospitals",
    "reacteur-report-fr.txt": "nuclear-plants",
    "sanctions-tankers.txt": "new-sanctions",
    "savas-ucagi-tr.json": "drone-exports-tr",
    "steel-tariffs.txt": "tariffs",
}
"""Which samples alert which watchlist; all other samples alert none."""

SUPPRESSED = {
    "computer-virus.txt": "disease-outbreaks",
    "media-blackout.txt": "grid-blackouts",
    "pak-turk-cricket.json": "pak-turk-fighter-jets",
}
"""Samples that a watchlist would match, were it not for one of its exceptions."""


@pytest.fixture(scope="module")
def rules() -> Rules:
    """The rules that ship, secrets left out."""
    return load(FILES, None)


def verdicts(rules: Rules, sample: Path) -> dict[str, Verdict]:
    """What the watchlists make of a sample, but for those that miss it."""
    (article,) = articles_in(Source(str(sample), sample.read_bytes()), max_bytes=MAX_BYTES)
    assert isinstance(article, Article)
    index = ArticleIndex(article)
    found = {name: judge(each.query, index).verdict for name, each in rules.watchlists.items()}
    return {name: verdict for name, verdict in found.items() if verdict is not Verdict.MISSED}


def test_the_rules_load_without_fault_or_advice(rules: Rules) -> None:
    """At least 14 watchlists, and two subscribers that all of them name."""
    assert rules.faults == ()
    assert review(FILES, a_reader()).findings == ()
    assert len(rules.watchlists) >= 14
    assert rules.subscribers.keys() == {"desk", "duty"}
    assert all("desk" in each.notify for each in rules.watchlists.values())


def test_every_watchlist_proves_what_it_matches_and_what_not(rules: Rules) -> None:
    """Two tests of each kind at least, and all of them hold."""
    for watchlist in rules.watchlists.values():
        kinds = [check.matches for check in watchlist.checks]
        assert kinds.count(True) >= 2, watchlist.id
        assert kinds.count(False) >= 2, watchlist.id
    checks = run_checks(rules, ANY_FILE)
    failed = [tried for tried in checks if not tried.passed]
    assert failed == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_each_sample_alerts_the_watchlist_that_it_is_about(rules: Rules, sample: Path) -> None:
    """And no other: the rest are near misses and the ordinary news of a day."""
    expected: dict[str, Verdict] = {}
    if sample.name in ALERTS:
        expected = {ALERTS[sample.name]: Verdict.MATCHED}
    elif sample.name in SUPPRESSED:
        expected = {SUPPRESSED[sample.name]: Verdict.EXCEPTED}
    assert verdicts(rules, sample) == expected


def test_there_are_thirty_samples_in_every_form() -> None:
    """Text, HTML and JSON, and none of those named above is missing."""
    assert len(SAMPLES) >= 30
    assert {path.suffix for path in SAMPLES} == {".txt", ".html", ".json"}
    assert (ALERTS.keys() | SUPPRESSED.keys()) <= {path.name for path in SAMPLES}
