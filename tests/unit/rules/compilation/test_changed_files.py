"""Rules of which a few files changed are those that a compilation of all gives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from builders.articles import an_article
from builders.rules import a_reader
from service.rules.compilation import changed_files
from service.rules.compilation.changed_files import WholeRules, compile_changed
from service.rules.compilation.compile import CompiledRules, compile_rules
from service.rules.compilation.rule_set import CompileReport, RuleSet
from service.rules.rules import Rules, complete

DESK = "subscribers: [{id: desk, webhook: {url: 'https://desk.example'}}]"
BASE = {
    "a.yaml": f"lists: {{air: [jet, plane]}}\n{DESK}\n",
    "b.yaml": "watchlists: [{id: jets, match: $air, notify: [desk]}, {id: tanks, match: tank}]",
    "c.yaml": "watchlists: [{id: ships, match: ship}, {id: off, match: ship, enabled: false}]",
}
TEXTS = ("A jet and a tank.", "Ships and planes.", "Nothing.", "The tanks of a ship.")


def digests(files: Mapping[str, str]) -> dict[str, str]:
    """The digest of each file."""
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}


def as_rules(rule_set: RuleSet) -> Rules:
    """The set with its engine and the subscribers of `BASE`."""
    return complete(CompiledRules(rule_set, CompileReport()), BASE, a_reader())


def whole(files: Mapping[str, str]) -> WholeRules:
    """All of these files, compiled."""
    rules = as_rules(compile_rules(files, None, digests=digests(files)).rule_set)
    return WholeRules.of(rules.watchlists.rule_set, rules.engine)


def changed(before: WholeRules, files: Mapping[str, str]) -> RuleSet | None:
    """The files, of which those are read that have changed."""
    return compile_changed(before, files, digests(files))


def assert_same(rule_set: RuleSet | None, files: Mapping[str, str]) -> None:
    """The set is what a compilation of all files gives, and matches and scores the same."""
    assert rule_set is not None
    fresh = whole(files).rule_set
    assert (rule_set.digest, rule_set.written) == (fresh.digest, fresh.written)
    assert rule_set.list_sets == fresh.list_sets
    one, other = rule_set.inventory, fresh.inventory
    assert one.digests == other.digests
    for name in files:
        assert [*one.disabled.get(name, ())] == [*other.disabled.get(name, ())]
    for number in range(len(fresh.records)):
        assert rule_set.records[number] == fresh.records[number]
        assert rule_set.records.find(fresh.records.id(number)) == number
    assert len(rule_set.records) == len(fresh.records)
    layered, plain = as_rules(rule_set), as_rules(fresh)
    articles = [an_article(title="News", lead="", body=text) for text in TEXTS]
    numbers = plain.engine.matching_queries(articles)
    assert layered.engine.matching_queries(articles) == numbers
    scored = [
        [
            sorted(each, key=str)
            for each in rules.engine.score_batch(articles, numbers, max_evidence=2)
        ]
        for rules in (layered, plain)
    ]
    assert scored[0] == scored[1]


@pytest.mark.parametrize("seed", range(4))
def test_any_changes_one_after_the_other(seed: int) -> None:
    """Watchlists that come, go, change, are switched off or moved; files that come and go."""
    chance = Random(seed)
    files = dict(BASE)
    before = whole(files)
    for _ in range(8):
        names = [name for name in files if name != "a.yaml"]
        for name in {chance.choice([*names, f"{chance.choice('bcdef')}.yaml"])}:
            taken = {
                line for other, text in files.items() if other != name for line in text.split()
            }
            free = [f"w{at}" for at in range(9) if f"w{at}" not in taken]
            lines = [
                f"- id: {id_}\n  match: {chance.choice(['jet', '$air AND NOT ship', 'tank*'])}"
                f"\n  enabled: {chance.choice(['true', 'false'])}"
                for id_ in chance.sample(free, min(3, len(free)))
            ]
            files[name] = "\n".join(["watchlists:", *lines, ""])
            if chance.random() < 0.2:
                del files[name]
        rule_set = changed(before, files)
        assert_same(rule_set, files)
        if chance.random() < 0.5:
            before = whole(files)


def test_only_what_changed_is_compiled() -> None:
    """A watchlist that moved down in its file, or into another, is not, and has its new line."""
    files = {**BASE, "b.yaml": BASE["b.yaml"].replace("[{", "\n- {id: new, match: new}\n- {", 1)}
    files["b.yaml"] = files["b.yaml"].replace("}, {", "}\n- {").removesuffix("]")
    files["d.yaml"], files["c.yaml"] = BASE["c.yaml"], "watchlists: []"
    rule_set = changed(whole(BASE), files)
    assert_same(rule_set, files)
    assert rule_set is not None
    assert rule_set.compiled is not None
    assert rule_set.compiled.changed_places.tolist() == [0]  # type: ignore[union-attr]
    again = as_rules(rule_set)
    assert_same(changed(WholeRules.of(rule_set, again.engine), BASE), BASE)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", f"lists: {{air: [jet]}}\n{DESK}\n"),
        ("a.yaml", None),
        ("d.yaml", "lists: {sea: [ship]}"),
        ("d.yaml", "subscribers: []\nwatchlists: []\ncolour: red"),
        ("d.yaml", "watchlists: [{id: tanks, match: tank}]"),
        ("d.yaml", "watchlists: [{id: off, match: tank}]"),
        ("d.yaml", "watchlists: [{id: x, match: tank}, {id: x, match: tank}]"),
        ("d.yaml", "watchlists: [{id: x, match: (}]"),
        ("d.yaml", "watchlists: [{id: x, match: $none}]"),
        ("d.yaml", "watchlists: [{id: x, match: tank, notify: [nobody]}]"),
        ("d.yaml", "watchlists: [{id: x, match: tank, colour: red}]"),
        ("d.yaml", "watchlists: [{id: x"),
        ("b.yaml", "- jets"),
    ],
)
def test_what_may_concern_other_files_is_compiled_with_them(name: str, text: str | None) -> None:
    """Lists, subscribers, ids of other files, and faults of any kind."""
    files = (
        {**BASE, name: text} if text is not None else {k: v for k, v in BASE.items() if k != name}
    )
    assert changed(whole(BASE), files) is None


def test_many_changes_are_compiled_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large files would be read in the process that matches, many queries be matched twice."""
    files = {**BASE, "c.yaml": "watchlists: [{id: x, match: a}, {id: y, match: b}]"}
    before = whole(BASE)
    assert changed(before, files) is not None
    monkeypatch.setattr(changed_files, "MAX_QUERIES", 1)
    assert changed(before, files) is None
    monkeypatch.undo()
    monkeypatch.setattr(changed_files, "MAX_CHARS", 10)
    assert changed(before, files) is None


def test_a_set_that_was_not_all_good_is_compiled_as_a_whole() -> None:
    """What was wrong is reported again."""
    files = {**BASE, "c.yaml": "watchlists: [{id: x, match: (}]"}
    rules = as_rules(compile_rules(files, None, digests=digests(files)).rule_set)
    before = WholeRules.of(rules.watchlists.rule_set, rules.engine)
    assert compile_changed(before, BASE, digests(BASE)) is None
    unknown = replace(whole(BASE).rule_set, inventory=before.rule_set.inventory)
    assert not unknown.inventory.digests
    assert np.array(unknown.records.file).size == 3
