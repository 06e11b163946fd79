"""Watchlists as records: found by number and by id, and taken over by the next set of rules."""

from __future__ import annotations

from array import array
from dataclasses import replace

import numpy as np

from builders.rules import load
from service.rules.compilation.drafts import WatchlistDrafts
from service.rules.compilation.watchlist_records import (
    Records,
    content_hash,
    encode_record,
    id_hash,
)

TEXTS = [b'{"id":"a","match":"x"}', b'{"id":"b","match":"y","tests":[{"match":"z.txt"}]}']


def drafts() -> WatchlistDrafts:
    """Two watchlists, of two files."""
    made = WatchlistDrafts()
    made.add("a", encode_record("a", TEXTS[0], ()), 0, 3)
    made.add("b", encode_record("b", TEXTS[1], (9,)), 1, 7)
    return made


def records(*chosen: int) -> Records:
    """Those of the two that are chosen."""
    return drafts().to_records(array("i", chosen), array("Q", range(len(chosen))), ["f", "g"])


def test_a_record_is_what_was_written() -> None:
    """The watchlist, its tests' lines, its file and line."""
    found = records(1, 0)
    assert [found.id(number) for number in range(len(found))] == ["b", "a"]
    b = found[0]
    assert (b.id, b.watchlist.match, b.test_lines) == ("b", "y", (9,))
    assert (b.file, b.line, b.content_hash) == ("g", 7, 0)
    assert found[1].test_lines == ()


def test_records_are_found_by_id() -> None:
    """And what is not there is not found; nor in an empty set."""
    found = records(1, 0)
    assert [found.find(id_) for id_ in ("a", "b", "c", "")] == [1, 0, None, None]
    assert records().find("a") is None


def test_ids_that_share_a_hash_stay_apart() -> None:
    """The id decides, not its hash."""
    found = replace(records(0, 1), id_hash=np.full(2, id_hash("b"), np.uint64))
    assert found.find("b") == 1
    assert replace(found, id_hash=np.full(2, id_hash("c"), np.uint64)).find("c") is None


def test_records_are_selected_by_id_and_by_file() -> None:
    """Whole, and in their order; a hash that no id has selects none."""
    found = records(0, 1)
    hashes = np.array([id_hash("b"), id_hash("zz")], np.uint64)
    assert [one.id for one in map(found.select(hashes, ()).__getitem__, range(1))] == ["b"]
    both = found.select(hashes, {"f"})
    assert [both[number] for number in range(len(both))] == [found[0], found[1]]
    assert len(found.select(hashes[1:], {"other"})) == 0


def test_a_hash_is_of_all_parts() -> None:
    """Order and borders count."""
    assert (
        len({content_hash(each) for each in ((b"a", b"b"), (b"b", b"a"), (b"ab",), (b"a\0b",))})
        == 3
    )


def test_watchlists_are_read_when_asked_for() -> None:
    """The mapping of a set of rules: by id, in order; the same object while it is remembered."""
    rules = load({"r.yaml": "watchlists: [{id: b, match: x}, {id: a, match: y}]"}, None)
    assert list(rules.watchlists) == ["b", "a"]
    assert len(rules.watchlists) == 2
    assert "a" in rules.watchlists
    assert "c" not in rules.watchlists
    assert rules.watchlists.get("c") is None
    assert rules.watchlists["a"] is rules.watchlists.at(1)
    assert rules.watchlists.query(0) == rules.watchlists["b"].query
