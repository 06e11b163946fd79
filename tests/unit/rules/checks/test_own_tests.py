"""What a watchlist's own test may expect besides a match: a score, and who is sent the alert."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from builders.rules import ANY_FILE, fault_messages, load
from service.rules.checks.coverage import coverage, share_tried
from service.rules.checks.own_tests import CheckResult, run_checks
from service.views.rules.junit import junit_xml

RULES = """\
watchlists:
  - id: jets
    match: $jets AND (Turkey OR NOT title:cricket)
    severity: high
    except: {{sport: match report, deal: bargain}}
    boost: [{{when: "title:order", points: 7}}]
    notify: [desk, night, paper]
    tests:
{tests}
lists: {{jets: [fighter jet, JF-17]}}
subscribers:
  - {{id: desk, relay: "json://desk.example"}}
  - id: night
    relay: "json://night.example"
    min_score: 70
    quiet: {{from: "00:00", to: "23:59"}}
  - {{id: paper, relay: "json://paper.example", digest: {{every: 1h}}}}
  - {{id: low, relay: "json://low.example", severities: [low]}}
  - {{id: other, relay: "json://other.example"}}
  - {{id: off, relay: "json://off.example", enabled: false}}
"""


def results(*tests: str) -> list[CheckResult]:
    """What comes of these tests."""
    text = RULES.format(tests="\n".join(f"      - {each}" for each in tests))
    rules = load({"rules.yaml": text}, None)
    assert rules.faults == ()
    return list(run_checks(rules, ANY_FILE))


JET = "{title: Turkey sees a fighter jet}"


@pytest.mark.parametrize(
    ("expected", "unmet"),
    [
        ("score: 80..80", ()),
        ("score: 0..100", ()),
        ("score: 79.9..80.1", ()),
        ("score: 0..79.9", ("it scores 80; 0..79.9 is expected",)),
        ("score: 81..100", ("it scores 80; 81..100 is expected",)),
        ("notify: {desk: at once, night: at once, paper: digest, other: not, off: not}", ()),
        (
            "notify: {desk: not, paper: at once, low: at once}",
            (
                "desk: at once; not is expected",
                "paper: digest; at once is expected",
                "low: not; at once is expected",
            ),
        ),
        ("evidence: [turkey, Fighter  jet]", ()),
        ("evidence: [jet]", ("“jet” does not prove it; these words do: Turkey, fighter jet",)),
    ],
)
def test_a_match_may_be_expected_to_score_and_be_sent(
    expected: str, unmet: tuple[str, ...]
) -> None:
    """Quiet hours only put off: they do not count."""
    (result,) = results(f"{{match: {JET}, {expected}}}")
    assert result.unmet == unmet
    assert result.has_verdict
    assert result.passed == (not unmet)


def test_one_that_scores_too_little_for_a_subscriber_is_not_sent_to_it() -> None:
    """The watchlist's own alert stays as it is."""
    (result,) = results("{match: {body: A fighter jet.}, notify: {night: not, desk: at once}}")
    assert result.passed


def test_the_filter_that_leaves_it_out_may_be_named() -> None:
    """Where several do, any of them; and where none does, there is none to name."""
    body, severe = "{body: A fighter jet.}", RULES.replace("min_score: 70", "severities: [low]")
    (result,) = results(f'{{match: {body}, notify: {{night: "not, score", other: not}}}}')
    assert result.unmet == ()
    (result,) = results(f'{{match: {body}, notify: {{night: "not, high", other: "not, score"}}}}')
    assert result.unmet == (
        "night: not, score; not, high is expected",
        "other: not; not, score is expected",
    )
    test = f'      - {{match: {body}, notify: {{night: "not, high"}}}}'
    for also in ("severities: [low]", "severities: [low]\n    min_score: 70"):
        text = severe.replace("severities: [low]", also, 1).format(tests=test)
        (result,) = run_checks(load({"rules.yaml": text}, None), ANY_FILE)
        assert result.unmet == ()


def test_what_does_not_match_is_told_first() -> None:
    """Its score and its receivers are not asked then."""
    (result,) = results("{match: {title: Cricket}, score: 40..50}")
    assert (result.has_verdict, result.passed, result.unmet) == (False, False, ())


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("{match: {title: x}, score: 60..40}", "`score` is `60..40`"),
        ("{match: {title: x}, score: 40..101}", "from 0 to 100: 40..60"),
        ("{match: {title: x}, score: 40}", "`score` is `40`"),
        ("{match: {title: x}, notify: {desk: later}}", "Write at once, digest or not; with"),
        ("{match: {title: x}, notify: {dsk: not}}", "there is no subscriber dsk"),
        ("{match: {title: x}, notify: {desk: 'not, hi'}}", "as `not, medium`"),
        ("{no_match: {title: x}, score: 40..50}", "Remove `score:`, `evidence:` and `notify:`"),
        ("{no_match: {title: x}, evidence: [x]}", "Remove `score:`, `evidence:` and `notify:`"),
        ("{match: {title: x}, evidence: x}", "Write `evidence: [x]`."),
    ],
)
def test_a_mistake_says_what_to_write(test: str, said: str) -> None:
    """At the test that has it."""
    found = fault_messages(RULES.format(tests=f"      - {test}"))
    assert found.startswith("rules.yaml:9:")
    assert said in found


def test_coverage_names_what_holds_in_no_test() -> None:
    """Clauses with their fields, a list as one clause; exceptions and boosts."""
    tests = (f"{{match: {JET}}}", "{no_match: {title: Cricket match report on a fighter jet}}")
    found = coverage(results(*tests))
    assert found["jets"].untried == ["except deal", "boost title:order"]
    assert found["jets"].tried.keys() == {
        "$jets",
        "Turkey",
        "title:cricket",
        "except sport",
        "except deal",
        "boost title:order",
    }
    assert share_tried(found.values()) == pytest.approx(100 * 4 / 6)
    assert share_tried([]) == 100


def test_junit_has_a_case_for_each_test() -> None:
    """What steers a terminal or ends XML is written out."""
    found = results(
        f"{{match: {JET}}}",
        '{match: {title: "Cricket <a>\\e[2J"}}',
        f"{{match: {JET}, score: 1..2}}",
        "{match: {body: ''}}",
    )
    text = junit_xml(found, lambda each: [each.error or "is \x1b otherwise", *each.unmet])
    (suite,) = ET.fromstring(text)
    assert suite.attrib == {"name": "jets", "tests": "4", "failures": "2", "errors": "1"}
    outcome = [[each.tag for each in case] for case in suite]
    assert outcome == [[], ["failure"], ["failure"], ["error"]]
    assert suite[1].get("name") == "line 10: match Cricket <a>\\x1b[2J"
    assert suite[2][0].text == "is \\x1b otherwise\nit scores 80; 1..2 is expected"
    assert {case.get("file") for case in suite} == {"rules.yaml"}
