"""A set of rules as bytes, and as another worker reads them."""

from __future__ import annotations

import zlib
from dataclasses import fields, replace

import numpy as np
import pytest

from builders.rules import load
from service.matching.engine.engine import Engine
from service.rules.compilation.changed_files import WholeRules, compile_changed
from service.rules.compilation.compile import compile_rules, compile_shared
from service.rules.compilation.rule_set import EarlierWatchlists
from service.rules.in_force import set_content
from service.rules.in_force.set_content import SetEncoder, UnreadableSet, decode_set
from service.rules.in_force.shared_set import SharedSet
from service.rules.in_force.state import SetContent
from service.rules.live.cache_key import file_digests
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
HEAD = b'{"format": 2, "digest": "", "files": ["a"], "lists": [], "terms": {}, "bases": [0]}'
OLD = b'{"format": 1, "digest": "", "files": ["a"], "lists": [], "terms": {}}'
ROW = b"0 1 0 a\nsome\n{}\n\n"
FILES = {name: text.replace("türme", "towers") for name, text in FILES.items()}


def rules() -> Rules:
    """The rules of both files, which have no fault."""
    found = load(FILES, None)
    assert found.faults == ()
    return found


def encode_set(shared: SharedSet, root: str) -> SetContent:
    """What Redis keeps of a set."""
    return SetEncoder(root).encode(shared)


def a_content(head: bytes, *pieces: bytes) -> SetContent:
    """A head and pieces, which are not compressed yet."""
    names = tuple(map(str, range(len(pieces))))
    return SetContent(zlib.compress(head), names, lambda name: zlib.compress(pieces[int(name)]))


def text_of(content: SetContent) -> bytes:
    """All that is kept, uncompressed."""
    return b"".join(map(zlib.decompress, (content.head, *map(content.piece, content.pieces))))


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


@pytest.mark.parametrize("learned", [False, True])
def test_what_stays_is_the_same_piece(monkeypatch: pytest.MonkeyPatch, *, learned: bool) -> None:
    """As if the set was encoded alone; a piece is as long as its own watchlists say."""
    monkeypatch.setattr(set_content, "_PIECE", 8)
    lines = [f"  - {{id: w-{at}, match: word{at}, tests: [{{match: w}}]}}" for at in range(200)]
    encoder = SetEncoder("/etc")
    before: set[str] = set()
    for changes in ({}, {7: lines[7].replace("word", "other")}, {}, {3: "", 150: ""}, {9: "\n"}):
        now = [changes.get(at, line) for at, line in enumerate(lines)]
        here = load({"/etc/a.yaml": "\n".join(["watchlists:", *now])}, None).shared
        if learned:
            encoder.learn(here.records)
        content = encoder.encode(here)
        assert content[:2] == encode_set(here, "/etc")[:2]
        assert records(decode_set(content, "/etc")) == records(here)
        if before and 9 not in changes:  # which moves all that follow to other lines
            assert len(before & {*content.pieces}) > len(content.pieces) // 2
        before = {*content.pieces}
    assert len(before) > 10


def test_another_file_moves_no_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files after it have other numbers."""
    monkeypatch.setattr(set_content, "_PIECE", 4)
    files = {
        f"/etc/{at:02}.yaml": f"watchlists: [{{id: w-{at}, match: word{at}}}]" for at in range(50)
    }
    one = encode_set(load(files, None).shared, "/etc")
    more = load({**files, "/etc/00b.yaml": "watchlists: [{id: more, match: more}]"}, None).shared
    other = encode_set(more, "/etc")
    assert len({*other.pieces} - {*one.pieces}) == 1
    assert records(decode_set(other, "/etc")) == records(more)


@pytest.mark.parametrize("file", ["/etc/0.yaml", "/etc/5.yaml", "/etc/9.yaml"])
def test_a_set_of_which_a_file_was_compiled_alone(
    monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """It is encoded as one that was compiled as a whole, and by an encoder that knows the other."""
    monkeypatch.setattr(set_content, "_PIECE", 4)
    files = {
        f"/etc/{at}.yaml": "watchlists:\n"
        + "".join(f"  - {{id: w-{at}-{n}, match: word{at}{n}}}\n" for n in range(9))
        for at in range(10)
    }
    digests = file_digests({name: text.encode() for name, text in files.items()})
    whole = compile_rules(files, None, digests=digests).rule_set
    encoder = SetEncoder("/etc")
    known = encoder.encode(SharedSet(whole.records, whole.list_sets, {}, whole.digest))
    base = WholeRules(whole, Engine.from_queries([]))
    for word in ("one", "other", "one"):
        now = {**files, file: files[file].replace("match: word", f"match: {word}", 1)}
        digests = file_digests({name: text.encode() for name, text in now.items()})
        changed = compile_changed(base, now, digests)
        assert changed is not None
        assert len(changed.records.more)
        shared = SharedSet(changed.records, changed.list_sets, {}, changed.digest)
        alone = compile_rules(now, None).rule_set
        content = encoder.encode(shared)
        assert content.pieces == encode_set(shared, "/etc").pieces
        plain = SharedSet(alone.records, alone.list_sets, {}, alone.digest)
        assert content[:2] == encode_set(plain, "/etc")[:2]
        assert records(decode_set(content, "/etc")) == records(plain)
        assert 0 < len({*content.pieces} - {*known.pieces}) <= 2


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1], [2, 1, 0]])
def test_what_changed_is_another_piece_wherever_it_is_kept(order: list[int]) -> None:
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
        encoder = SetEncoder("/etc/rules")
        before = encoder.encode(in_order())
        after = in_order(change)
        content = encoder.encode(after)
        assert content.pieces == encode_set(after, "/etc/rules").pieces
        assert content.pieces != before.pieces
        assert text_of(content) == text_of(encode_set(after, "/etc/rules"))


def test_it_holds_no_address_and_no_secret() -> None:
    """It is kept in Redis."""
    text = text_of(encode_set(rules().shared, "/etc/rules")).decode()
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
        SetContent(b"", (), str.encode),
        SetContent(b"something else", (), str.encode),
        SetContent(zlib.compress(HEAD)[:-3], ("0",), lambda _: zlib.compress(ROW)),
        SetContent(zlib.compress(HEAD), ("0",), lambda _: zlib.compress(ROW)[:-3]),
        SetContent(zlib.compress(HEAD), ("0",), dict[str, bytes]().__getitem__),
        a_content(HEAD),
        a_content(HEAD, ROW, ROW),
        a_content(HEAD, ROW[:-1]),
        a_content(HEAD, b"0 1 0 a\n"),
        a_content(HEAD, b"0 1\na\n{}\n\n"),
        a_content(HEAD.replace(b'"lists": []', b'"lists": [{"a": 1}]'), ROW),
        a_content(HEAD.replace(b'"format": 2', b'"format": 99'), ROW),
        a_content(b'{"format": 2}'),
        a_content(b"[]"),
        a_content(OLD + b"\n0 1 0 a"),
    ],
)
def test_what_is_damaged_is_said_to_be(damaged: SetContent) -> None:
    """Or of another version; it is not taken for a set."""
    with pytest.raises(UnreadableSet):
        decode_set(damaged, "/srv")


def test_what_version_1_of_the_data_wrote_is_read() -> None:
    """Its watchlists follow the head."""
    old = decode_set(a_content(OLD + b"\n" + ROW[:-1] + b"\n" + ROW[:-1]), "/srv")
    new = decode_set(a_content(HEAD, ROW + ROW), "/srv")
    assert old.records.encoded(1) == new.records.encoded(1) == b"some\n{}\n"
    assert old.records.files == new.records.files == ("/srv/a",)
    assert len(decode_set(a_content(OLD), "/srv").records) == 0


def test_an_empty_set_is_a_set() -> None:
    """As that of a folder that has only comments."""
    there = decode_set(encode_set(SharedSet.empty(), "/etc"), "/srv")
    assert (len(there.records), there.id) == (0, SharedSet.empty().id)


def test_what_a_later_version_wrote_is_left_out_and_said() -> None:
    """A watchlist with a key that this version does not know, or with an operator of its own."""
    here = rules().shared
    content = encode_set(here, "/etc/rules")
    (piece,) = map(content.piece, content.pieces)
    newer = zlib.decompress(piece).replace(b'"match":"tower"', b'"match":"tower","colour":"red"')
    newer = newer.replace(b"$makers AND", b"SOMETIMES((")
    there = decode_set(content._replace(piece=lambda _: zlib.compress(newer)), "/etc/rules")
    compiled = compile_shared(EarlierWatchlists(there.records, there.list_sets), there.digest)
    assert set(compiled.report.left_out) == {"jets", "towers"}
    left = compiled.rule_set.records
    assert [left.id(number) for number in range(len(left))] == ["tanks"]
    assert (left.find("tanks"), left.find("jets")) == (0, None)
