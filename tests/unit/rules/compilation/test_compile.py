"""Which watchlists a compiled set has: good ones, and earlier versions of faulty ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from service.rules.compilation.chunks import CHUNK_SIZE
from service.rules.compilation.compile import CompiledRules, compile_rules
from service.rules.compilation.rule_set import EarlierWatchlists

FIRST = "watchlists: [{id: a, match: jet}, {id: b, match: tank}]"


def compiled(text: str, previous: CompiledRules | None = None) -> CompiledRules:
    """One file, compiled; `previous` is in force."""

    def find_earlier(id_hashes: npt.NDArray[np.uint64], files: frozenset[str]) -> EarlierWatchlists:
        assert previous is not None
        rules = previous.rule_set
        return EarlierWatchlists(rules.records.select(id_hashes, files), rules.list_sets)

    return compile_rules(
        {"rules.yaml": text}, find_earlier if previous else None, to_match=previous is None
    )


def expressions(rules: CompiledRules) -> dict[str, str]:
    """The expression of each watchlist, by id, in their order."""
    records = rules.rule_set.records
    found = [records[number] for number in range(len(records))]
    return {record.id: record.watchlist.match for record in found}


MALFORMED = "watchlists: [{id: a, match: (}, {id: b, match: x, colour: red}, {id: b, match: plane}]"


def test_a_faulty_watchlist_is_left_out_at_a_start() -> None:
    """Also a good one with the id of a malformed one: which of the two is meant is not known."""
    rules = compiled(MALFORMED)
    assert expressions(rules) == {}
    assert (rules.report.kept, rules.report.left_out) == ((), ("a", "b"))
    assert rules.report.written == 2


def test_earlier_versions_of_faulty_watchlists_stay() -> None:
    """Also of one whose id a malformed one has: which of the two is meant is not known."""
    rules = compiled(MALFORMED, compiled(FIRST))
    assert expressions(rules) == {"a": "jet", "b": "tank"}
    assert (rules.report.kept, rules.report.left_out) == (("a", "b"), ())


def test_two_watchlists_with_one_id_are_faulty_both() -> None:
    """Neither wins by the name of its file; each fault names the other's place."""
    files = {
        "a.yaml": "watchlists:\n  - {id: jets, match: jet}\n",
        "b.yaml": "watchlists:\n  - {id: tanks, match: tank}\n  - {id: jets, match: plane}\n",
    }
    rules = compile_rules(files, None, to_match=False)
    assert expressions(rules) == {"tanks": "tank"}
    assert rules.report.left_out == ("jets",)
    assert [(each.file, each.line, each.message) for each in rules.report.faults] == [
        ("a.yaml", 2, "`jets` is here and in b.yaml line 3"),
        ("b.yaml", 3, "`jets` is here and in a.yaml line 2"),
    ]


def test_a_list_that_is_there_twice_is_faulty() -> None:
    """What names it keeps its last good version."""
    first = compiled("lists: {l: [Saab]}\nwatchlists: [{id: a, match: $l}]")
    files = {
        "r": "lists: {l: [Saab]}\nwatchlists: [{id: a, match: $l AND x}]",
        "s": "lists: {l: [x]}",
    }
    rules = compile_rules(
        files,
        lambda hashes, names: EarlierWatchlists(
            first.rule_set.records.select(hashes, names), first.rule_set.list_sets
        ),
        to_match=False,
    )
    assert expressions(rules) == {"a": "$l"}
    assert [each.message for each in rules.report.faults] == [
        "`l` is here and in s line 1",
        "the list $l has a mistake itself",
        "`l` is here and in r line 1",
    ]


SUBSCRIBERS = "subscribers: [{id: desk, relay: x}]\n"


@pytest.mark.parametrize(
    ("notify", "in_force"),
    [("[desk, disk]", "new"), ("[disk]", "old"), ("[disk, dusk]", "old"), ("[]", "new")],
)
def test_an_unknown_subscriber_does_not_silence_others(notify: str, in_force: str) -> None:
    """The watchlist is in force for those that exist; with none of them its last version stays."""
    first = compiled(f"{SUBSCRIBERS}watchlists: [{{id: a, match: old, notify: [desk]}}]")
    text = f"{SUBSCRIBERS}watchlists: [{{id: a, match: new, notify: {notify}}}]"
    rules = compiled(text, first)
    assert expressions(rules) == {"a": in_force}
    assert len(rules.report.faults) == notify.count("disk") + notify.count("dusk")


def test_a_disabled_watchlist_is_off_whatever_its_mistakes() -> None:
    """Its author has turned it off; its mistake is told."""
    first = compiled("watchlists: [{id: a, match: jet}]")
    rules = compiled("watchlists: [{id: a, match: (, enabled: false}]", first)
    assert expressions(rules) == {}
    assert (len(rules.report.faults), rules.report.left_out) == (1, ())


def test_what_a_file_held_that_is_no_yaml_is_not_known() -> None:
    """At a first start; else its watchlists stay."""
    rules = compiled("watchlists: [")
    assert rules.report.left_out == ("all of rules.yaml",)
    later = compiled("watchlists: [", compiled(FIRST))
    assert (later.report.left_out, later.report.kept) == ((), ("a", "b"))


def test_a_kept_watchlist_keeps_its_digest_and_its_lists() -> None:
    """It is what it was, although the list that it names has changed."""
    first = compiled("lists: {l: [Saab]}\nwatchlists: [{id: a, match: $l}]")
    later = compiled("lists: {l: [Dassault]}\nwatchlists: [{id: a, match: $l AND (}]", first)
    before, after = first.rule_set.records[0], later.rule_set.records[0]
    assert after.content_hash == before.content_hash
    assert later.rule_set.list_sets[after.list_set] == first.rule_set.list_sets[0]
    assert later.rule_set.digest == first.rule_set.digest


@pytest.mark.parametrize("number", [0, CHUNK_SIZE - 1, CHUNK_SIZE])
def test_a_fault_has_its_place_in_any_chunk(number: int) -> None:
    """And the watchlists around it are compiled."""
    lines = [f"- {{id: w-{at}, match: x}}" for at in range(CHUNK_SIZE + 2)]
    lines[number] = f"- {{id: w-{number}, match: (}}"
    rules = compile_rules({"r": "\n".join(("watchlists:", *lines))}, None, to_match=False)
    (fault,) = rules.report.faults
    assert fault.line == number + 2
    assert len(rules.rule_set.records) == CHUNK_SIZE + 1
    assert rules.rule_set.records.find(f"w-{number}") is None


def test_digests_of_watchlists_do_not_depend_on_their_order() -> None:
    """The same watchlists in two orders are the same set."""
    turned = compiled("watchlists: [{id: b, match: tank}, {id: a, match: jet}]")
    assert turned.rule_set.digest == compiled(FIRST).rule_set.digest
