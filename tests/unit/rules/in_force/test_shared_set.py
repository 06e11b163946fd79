"""A set of rules as bytes, and as another worker reads them."""

from __future__ import annotations

import zlib
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.rules import load
from service.rules.compilation.compile import compile_shared
from service.rules.compilation.rule_set import EarlierWatchlists
from service.rules.in_force import shared_set
from service.rules.in_force.pieces import Piece, compress, join
from service.rules.in_force.shared_set import SharedSet, UnreadableSet, decode_set, encode_set
from service.rules.rules import Rules

SECRET = "whsec_" + "QUJD" * 8
FILES = {
    "/etc/rules/a.yaml": """
lists: {makers: [Saab, Dassault], unused: [x]}
watchlists:
  - id: jets
    match: $makers AND fighter jet
    except: {sport: "football"}
    throttle: {max: 20, per: 1h}
    notify: [desk]
    tests: [{match: {title: A Saab fighter jet}}]
  - {id: türme, match: tower}
""",
    "/etc/rules/more/b.yaml": f"""
watchlists: [{{id: tanks, match: 'tank OR "Łódź"', notify: [desk]}}]
subscribers:
  - id: desk
    min_score: 12.5
    digest: {{at: "08:00", timezone: Europe/London}}
    webhook: {{url: "https://token@desk.example/hook", secret: "{SECRET}"}}
""",
}
HEAD = b'{"format": 1, "digest": "", "files": [], "lists": [], "terms": {}}'
FILES = {name: text.replace("türme", "towers") for name, text in FILES.items()}


def rules() -> Rules:
    """The rules of both files, which have no fault."""
    found = load(FILES, None)
    assert found.faults == ()
    return found


def records(shared: SharedSet) -> list[tuple[str, str, int, int, bytes]]:
    """All that is known of each watchlist."""
    found = [shared.records[number] for number in range(len(shared.records))]
    return [
        (one.id, one.file, one.line, one.content_hash, shared.records.encoded(number))
        for number, one in enumerate(found)
    ]


def test_another_worker_reads_the_same_set() -> None:
    """Watchlists, lists, terms and digest; the files are in its own folder."""
    here = rules().shared
    there = decode_set(encode_set(here, "/etc/rules"), "/srv")
    assert there.id == here.id
    assert (there.list_sets, dict(there.terms), there.digest) == (
        here.list_sets,
        dict(here.terms),
        here.digest,
    )
    moved = [(id_, file.replace("/etc/rules", "/srv"), *rest) for id_, file, *rest in records(here)]
    assert records(there) == moved
    assert there.records.find("tanks") is not None


def test_what_stays_is_not_compressed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set is the same bytes as if it were; a piece is as long as its own watchlists say."""
    monkeypatch.setattr(shared_set, "_PIECE", 8)
    lines = [f"  - {{id: w-{at}, match: word{at}, tests: [{{match: w}}]}}" for at in range(200)]
    known: dict[bytes, Piece] = {}
    for changes in ({}, {7: lines[7].replace("word", "other")}, {}, {3: "", 150: ""}, {9: "\n"}):
        now = [changes.get(at, line) for at, line in enumerate(lines)]
        here = load({"/etc/a.yaml": "\n".join(["watchlists:", *now])}, None).shared
        before = {*known}
        content = encode_set(here, "/etc", known)
        assert content == encode_set(here, "/etc")
        assert records(decode_set(content, "/etc")) == records(here)
        if before and 9 not in changes:  # which moves all that follow to other lines
            assert len(before & {*known}) > len(known) // 2
    assert len(known) > 10


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1], [2, 1, 0]])
def test_what_changed_is_compressed_again_wherever_it_is_kept(order: list[int]) -> None:
    """Records need not lie in their order, nor one after the other: kept watchlists come last."""

    def in_order(change: tuple[str, str] = ("", "")) -> SharedSet:
        texts = {name: text.replace(*change) for name, text in FILES.items()}
        found = load(texts, None).shared
        moved = {
            each.name: getattr(found.records, each.name)[order]
            for each in fields(found.records)
            if each.name in {"begin", "end", "file", "line", "list_set"}
        }
        # As if a hash of them told nothing.
        records = replace(found.records, **moved, content_hash=np.full(3, 7, np.uint64))
        return replace(found, records=records)

    for change in (
        ("A Saab fighter", "A Fiat fighter"),
        ("match: tower", "match: mower"),
        ('OR "Łódź"', 'OR "Łúdź"'),
    ):
        known: dict[bytes, Piece] = {}
        encode_set(in_order(), "/etc/rules", known)
        after = in_order(change)
        assert encode_set(after, "/etc/rules", known) == encode_set(after, "/etc/rules")
        assert encode_set(after, "/etc/rules") != encode_set(in_order(), "/etc/rules")


@given(st.lists(st.binary(max_size=20_000)))
def test_pieces_are_one_stream(texts: list[bytes]) -> None:
    """As if all of it had been compressed at once, with its checksum."""
    assert zlib.decompress(join(map(compress, texts))) == b"".join(texts)


def test_it_holds_no_address_and_no_secret() -> None:
    """It is kept in Redis."""
    text = zlib.decompress(encode_set(rules().shared, "/etc/rules")).decode()
    for secret in (SECRET, "desk.example", "token"):
        assert secret not in text


def test_the_id_is_that_of_what_is_judged_and_routed() -> None:
    """A comment, another line or file is the same set; another score is not."""
    same = load(
        {
            "x.yaml": "\n# why\n" + FILES["/etc/rules/a.yaml"],
            "y.yaml": FILES["/etc/rules/more/b.yaml"],
        },
        None,
    )
    assert same.shared.id == rules().shared.id
    other = load({n: t.replace("12.5", "13") for n, t in FILES.items()}, None)
    assert other.digest == rules().digest
    assert other.shared.id != rules().shared.id


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"something else",
        encode_set(SharedSet.empty(), "")[:-3],
        zlib.compress(b'{"format": 99}'),
        zlib.compress(b'{"format": 1}'),
        zlib.compress(
            b'{"format": 1, "digest": "", "files": [], "lists": [], "terms": {}}\n0 1 0 a'
        ),
        zlib.compress(
            b'{"format": 1, "digest": "", "files": [], "lists": [], "terms": {}}\n0 1\na\n{}\n'
        ),
        zlib.compress(
            b'{"format": 1, "digest": "", "files": [], "lists": [{"a": 1}], "terms": {}}'
        ),
        zlib.compress(b"[]"),
    ],
)
def test_what_is_damaged_is_said_to_be(damaged: bytes) -> None:
    """Or of another version; it is not taken for a set."""
    with pytest.raises(UnreadableSet):
        decode_set(damaged, "/srv")


def test_an_empty_set_is_a_set() -> None:
    """As that of a folder that has only comments."""
    there = decode_set(encode_set(SharedSet.empty(), "/etc"), "/srv")
    assert (len(there.records), there.id) == (0, SharedSet.empty().id)


def test_what_a_later_version_wrote_is_left_out_and_said() -> None:
    """A watchlist with a key that this version does not know, or with an operator of its own."""
    here = rules().shared
    content = zlib.decompress(encode_set(here, "/etc/rules"))
    newer = content.replace(b'"match":"tower"', b'"match":"tower","colour":"red"')
    newer = newer.replace(b"$makers AND", b"SOMETIMES((")
    there = decode_set(zlib.compress(newer), "/etc/rules")
    compiled = compile_shared(EarlierWatchlists(there.records, there.list_sets), there.digest)
    assert set(compiled.report.left_out) == {"jets", "towers"}
    left = compiled.rule_set.records
    assert [left.id(number) for number in range(len(left))] == ["tanks"]
    assert (left.find("tanks"), left.find("jets")) == (0, None)
