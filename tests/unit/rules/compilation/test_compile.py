"""Which watchlists a compiled set has: good ones, earlier ones, and doubtful ones."""

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
    """A good one with the id of a malformed one is used: nothing better is known."""
    rules = compiled(MALFORMED)
    assert expressions(rules) == {"b": "plane"}
    assert rules.report.kept == ()


def test_earlier_versions_of_faulty_watchlists_stay() -> None:
    """Also of one whose id a malformed one has: which of the two is meant is not known."""
    rules = compiled(MALFORMED, compiled(FIRST))
    assert expressions(rules) == {"a": "jet", "b": "tank"}
    assert rules.report.kept == ("a", "b")


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
