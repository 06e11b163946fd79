"""Rules files become rules; what is faulty is left out or kept from before."""

from __future__ import annotations

import gc
import weakref

from builders.articles import an_article
from builders.rules import a_reader, load
from service.delivery.channels.webhook.rules_block import Webhook
from service.errors import Fault
from service.matching.engine.engine import Engine
from service.rules.compilation.compile import CompiledRules, compile_rules
from service.rules.compilation.rule_set import CompileReport
from service.rules.rules import Check, Rules, complete
from service.rules.secret import Secret

SECRET = "whsec_" + "QUJD" * 8
FULL = """
lists:
  turkey: [caps(Turkey), Türkiye, $capital]
  capital: [Ankara]
  retired: {items: [Constantinople], enabled: false}
watchlists:
  - id: jets
    name: Fighter jets
    match: $turkey AND fighter jet
    except: {cricket: cricket OR football}
    severity: high
    threshold: 10
    boost:
      - {when: "title:missile", points: 10}
    language: en
    tags: [defence]
    notify: [desk, desk]
    tests:
      - match: samples/jets.txt
      - no_match: {title: Turkey prices rise}
  - id: off
    match: jet
    enabled: false
  - id: old
    match: $retired OR Byzantium
  - id: norway
    match: country:NO AND oil
subscribers:
  - id: desk
    webhook: {url: "${DESK_URL}/hook", secret: ["${NEW}", "${OLD}"]}
    min_score: 20
    severities: [high]
"""
LOOKUP = {"DESK_URL": "https://desk.example", "NEW": SECRET, "OLD": SECRET}.get


def load_one(text: str, previous: Rules | None = None) -> Rules:
    """The rules of one file."""
    return load({"rules.yaml": text}, LOOKUP, previous)


def test_everything_a_rules_file_may_hold() -> None:
    """Lists, watchlists and subscribers arrive as they were written."""
    rules = load_one(FULL)
    assert rules.faults == ()
    assert list(rules.watchlists) == ["jets", "old", "norway"]
    jets = rules.watchlists["jets"]
    assert (jets.name, jets.severity, jets.query.threshold) == ("Fighter jets", "high", 10)
    assert (jets.tags, jets.notify) == (("defence",), ("desk",))
    assert jets.checks == (
        Check(True, "samples/jets.txt", 19),
        Check(False, {"title": "Turkey prices rise"}, 20),
    )
    desk = rules.subscribers["desk"]
    assert desk.channel == Webhook(
        Secret("https://desk.example/hook"), (Secret(SECRET), Secret(SECRET))
    )
    assert desk.min_score == 20
    assert desk.severities == {"high"}


def matched(rules: Rules, text: str, **fields: str) -> list[str]:
    """The ids of the watchlists that an article matches."""
    found = rules.engine.match(an_article(text, **fields), max_evidence=5)
    return [match.query_id for match in found]


def test_the_engine_matches_what_the_rules_say() -> None:
    """Lists within lists, exceptions, disabled lists and metadata all take part."""
    rules = load_one(FULL)
    assert matched(rules, "Ankara bought fighter jets.") == ["jets"]
    assert matched(rules, "Ankara bought fighter jets. Football followed.") == []
    assert matched(rules, "Constantinople fell.") == []
    assert matched(rules, "Byzantium fell.") == ["old"]
    assert matched(rules, "Oil is dear.", country="NO") == ["norway"]


def test_rules_that_were_replaced_are_given_back_at_once() -> None:
    """No collector of garbage has to find them, which might take long or never happen."""
    gc.disable()
    try:
        rules = load_one(FULL)
        assert rules.watchlists["jets"].id in matched(rules, "Ankara shows its fighter jets.")
        assert isinstance(rules.engine, Engine)
        parts = rules.watchlists, rules.engine, rules.engine.matcher, rules.watchlists._set
        left = [weakref.ref(part) for part in parts]
        del rules, parts
        assert [part() for part in left] == [None] * 4
    finally:
        gc.enable()


def test_values_stay_as_they_stand_in_the_file() -> None:
    """`NO` is Norway, `1.10` keeps its zero, `yes` is a word."""
    rules = load_one("watchlists:\n  - {id: a, match: yes, tags: [NO, 1.10, null x]}\n")
    assert rules.watchlists["a"].tags == ("NO", "1.10", "null x")
    assert matched(rules, "Yes.") == ["a"]


def test_a_faulty_watchlist_is_left_out_alone() -> None:
    """The others load."""
    rules = load_one(FULL.replace("match: $turkey AND fighter jet", "match: (("))
    assert list(rules.watchlists) == ["old", "norway"]
    assert len(rules.faults) == 1


def test_the_last_good_version_stays() -> None:
    """A reload that breaks a watchlist, a list or a subscriber keeps each as it was."""
    good = load_one(FULL)
    broken = (
        FULL.replace("match: $retired OR Byzantium", "match: ((")
        .replace("[Ankara]", "[((]")
        .replace("${DESK_URL}", "${UNSET}")
    )
    rules = load_one(broken, good)
    assert set(rules.watchlists) == {"jets", "old", "norway"}
    assert rules.watchlists["jets"] == good.watchlists["jets"]
    assert rules.subscribers["desk"] is good.subscribers["desk"]
    assert set(rules.kept) == {"jets", "old", "desk"}
    assert matched(rules, "Ankara bought fighter jets.") == ["jets"]


def test_a_file_that_is_no_yaml_keeps_all_it_held() -> None:
    """One broken file takes nothing away, from itself or from the others."""
    first = {"a.yaml": FULL, "b.yaml": "watchlists: [{id: b, match: tank, notify: [desk]}]"}
    good = load(first, LOOKUP)
    rules = load(first | {"a.yaml": "watchlists: ["}, LOOKUP, good)
    assert set(rules.watchlists) == {"jets", "old", "norway", "b"}
    assert set(rules.subscribers) == {"desk"}
    assert [fault.file for fault in rules.faults] == ["a.yaml"]


def test_what_was_taken_out_is_gone() -> None:
    """Keeping is for faults, not for removals."""
    good = load_one(FULL)
    rules = load_one("watchlists: [{id: b, match: tank}]", good)
    assert list(rules.watchlists) == ["b"]
    assert not rules.subscribers
    assert rules.kept == ()


def test_the_digest_tells_sets_of_rules_apart() -> None:
    """Same rules, same digest; another expression or list item, another digest."""
    assert load_one(FULL).digest == load_one(FULL).digest
    assert load_one(FULL).digest == load({"other.yaml": FULL}, LOOKUP).digest
    assert load_one(FULL).digest != load_one(FULL.replace("jet\n", "jets\n")).digest
    assert load_one(FULL).digest != load_one(FULL.replace("[Ankara]", "[Izmir]")).digest


def test_without_a_lookup_secrets_are_not_missed() -> None:
    """Rules can be checked on a machine that does not hold the secrets."""
    rules = load({"rules.yaml": FULL}, None)
    assert rules.faults == ()
    assert "desk" in rules.subscribers


def test_an_empty_file_is_no_mistake() -> None:
    """Nor is one that holds comments only."""
    assert load({"a.yaml": "", "b.yaml": "# later\n"}, None).faults == ()


def test_the_number_of_further_faults_comes_last() -> None:
    """It has no place of its own."""
    rule_set = compile_rules({"r": ""}, None, to_match=False).rule_set
    more, first = (
        Fault("a", 0, 0, "7 more mistakes", code="T009"),
        Fault("b", 3, 1, "this is wrong", code="T101"),
    )
    rules = complete(CompiledRules(rule_set, CompileReport((first, more))), {"r": ""}, a_reader())
    assert rules.faults == (first, more)
