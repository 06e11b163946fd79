"""Articles as they are kept: the same words, the same matches, the same texts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path

import pytest

from builders.articles import a_query, an_article
from builders.news_days import day
from service.archive.kept.archive import Archive
from service.archive.kept.finder import Finder
from service.archive.kept.packer import Packer, UnpackedArticle
from service.archive.kept.reader import ArchiveReader, RawEntry
from service.archive.kept.segment import (
    UNFINISHED,
    KeptLetter,
    Segment,
    files,
    in_order,
    merged,
    save,
)
from service.articles.article import Article, read_article
from service.errors import BadEntry, TocsinError
from service.matching.engine.engine import Engine
from service.store.stories.copies import ORIGIN

EXPRESSIONS = (
    "fighter jet AND minister",
    "caps(Turkey) NEAR/12 radars",
    "flood* OR kampfjets",
    'source:"paper 1*" AND officials',
    "title:engineers AND NOT drill",
    "bridge NEAR/s reporters",
    "caps(Minister)",
    "aid NEAR/5 jet",
)


def articles() -> list[Article]:
    """Of two languages, one with a title in capitals, one without words."""
    found = [
        an_article("U.S. jets.\n\nFlooded.", id="x", title="MINISTER AIDS FIGHTER JET"),
        an_article("", title="!", id="y"),
        *(an_article("A bridge fell. Reporters came.", id=f"s{at}") for at in range(9)),
    ]
    for fields in day(3, 40):
        try:
            encoded = {name.encode(): text.encode() for name, text in fields.items()}
            found.append(read_article(encoded, max_bytes=100_000))
        except BadEntry:
            continue
    return [replace(each, cuts=()) for each in found]


def a_segment(some: list[Article], first: int) -> Segment:
    """A segment of these articles, as a process packs them."""
    unpacked = [
        UnpackedArticle(f"{first + number}-0", 7, f"digest {number}", each)
        for number, each in enumerate(some)
    ]
    ids = unpacked[0].entry_id, unpacked[-1].entry_id
    return Segment(*ids, tuple(Packer().pack(unpacked)), (KeptLetter("1-1", "wall", "a wall"),))


def test_kept_words_match_as_the_text_does(tmp_path: Path) -> None:
    """Through a file, in segments that were joined, with the metadata and in every language."""
    given = articles()
    parts = [a_segment(given[:9], 1), a_segment(given[9:], 10)]
    save(tmp_path, merged(parts))
    (file,) = files(tmp_path)
    kept = file.load()
    assert (file.first, file.last, len(kept)) == ("1-0", f"{len(given)}-0", len(given) + 2)
    engine = Engine.from_queries([replace(a_query(each), id=each) for each in EXPRESSIONS])
    finder = Finder(engine)
    found = {id(block): finder.find(block) for block in kept.blocks}
    in_turn = [*in_order(kept)]
    assert [block.article(at) for block, at in in_turn] == given
    for number, block in enumerate(kept.blocks):
        every = range(len(block.facts))
        assert [file.article(number, at) for at in every] == [*map(block.article, every)]
    holding = [found[id(block)][at] for block, at in in_turn]
    assert holding == engine.matching_queries(given)
    assert {number for each in holding for number in each} == {*range(len(EXPRESSIONS))}
    assert [finder.find(block) for block in kept.blocks] == [*found.values()]


def test_threads_may_ask_at_once() -> None:
    """Blocks of one language bring new forms while others are matched; each has its own matches."""
    words = [f"w{number}" for number in range(4_000)]
    texts = [" ".join(words[at : at + 500]) for at in range(0, 4_000, 125)]
    blocks = [
        a_segment([replace(an_article(text), language="en")], at).blocks[0]
        for at, text in enumerate(texts, 1)
    ]
    queries = [replace(a_query(f'"{word}"'), id=word) for word in words[::40]]
    engine = Engine.from_queries(queries)
    expected = [*map(Finder(engine).find, blocks)]
    assert all(one for each in expected for one in each)
    before = sys.getswitchinterval()
    try:
        sys.setswitchinterval(1e-6)
        with ThreadPoolExecutor(4) as threads:
            for _ in range(20):
                assert [*threads.map(Finder(engine).find, blocks)] == expected
    finally:
        sys.setswitchinterval(before)


def test_a_packer_that_knows_many_forms_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would remember the words of all articles that ever came."""
    monkeypatch.setattr("service.archive.kept.packer.MAX_FORMS", 8)
    packer = Packer()
    for at in range(9):
        words = [f"w{at}{number}" for number in range(9)]
        article = an_article(" ".join(words))
        (block,) = packer.pack([UnpackedArticle(f"{at}-0", 7, "digest", article)])
        assert (block.forms, block.article(0)) == (words, article)
        assert len(packer._forms) == len(words)


def test_an_entry_is_known_by_its_names_and_values() -> None:
    """In any order, without the mark of one that repeats another; its text is what is counted."""
    fields = {b"title": b"Jets", b"body": "Üb".encode(), b"page": b"\xff"}
    entry = RawEntry("1-0", fields)
    again = RawEntry("2-0", dict(reversed(fields.items())) | {ORIGIN: b"1-0"})
    assert (entry.digest, entry.size) == (again.digest, again.size)
    assert entry.size == len("titleJetsbodyÜb")
    other = RawEntry("1-0", {b"title": b"Jets", b"bod": "yÜb".encode(), b"page": b"\xff"})
    assert entry.digest != other.digest


def test_what_a_run_left_twice_counts_once(tmp_path: Path) -> None:
    """It ended between a segment that takes in another, and the deletion of that one."""
    parts = [a_segment(articles()[:2], 1), a_segment(articles()[2:4], 3)]
    for segment in (parts[0], merged(parts)):
        save(tmp_path, segment)
    assert [(each.first, each.last) for each in files(tmp_path)] == [("1-0", "4-0")]


@pytest.mark.parametrize(
    "damaged",
    [lambda _: b"", lambda whole: whole[:900], lambda _: b"oh", lambda whole: whole[:-9] + b"oh"],
)
def test_a_damaged_file_is_named(tmp_path: Path, damaged: Callable[[bytes], bytes]) -> None:
    """With what to do: a disk was full, or the power failed."""
    kept = save(tmp_path, a_segment(articles()[:3], 1))
    kept.path.write_bytes(damaged(kept.path.read_bytes()))
    for read in (kept.load, lambda: kept.article(0, 0)):
        with pytest.raises(
            TocsinError, match=rf"{kept.path}: .*damaged.*; delete the folder {tmp_path}"
        ):
            read()


def test_what_cannot_be_written_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full: nothing half-written is left, and the sentence names the folder."""

    def full(path: Path, target: Path) -> Path:
        raise OSError(ENOSPC, "No space left on device", str(path), str(target))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(TocsinError, match=rf"{tmp_path}: .*No space left"):
        save(tmp_path, a_segment(articles()[:3], 1))
    assert [*tmp_path.iterdir()] == []


def test_what_a_killed_run_left_is_deleted(tmp_path: Path) -> None:
    """A file that was being written when it ended is not there for ever."""
    archive = Archive(tmp_path)
    archive.mark_whole()
    (folder,) = tmp_path.iterdir()
    (folder / f"1-0_2-0_2{UNFINISHED}").write_bytes(b"half")

    add(archive, [])
    assert [each.name for each in folder.iterdir()] == ["whole"]


def add(archive: Archive, entries: Sequence[RawEntry]) -> None:
    """Have an archive read these entries, which come at once."""

    async def given() -> AsyncIterator[Sequence[RawEntry]]:
        if entries:
            yield entries

    async def read() -> None:
        async with ArchiveReader(1, max_bytes=1_000) as reader:
            await archive.add(given(), reader, lambda _: None)

    asyncio.run(read())


@pytest.mark.parametrize(
    ("runs", "sizes"), [((2, 2), [4]), ((2, 3), [2, 3]), ((5,), [4, 1]), ((1, 1, 1, 1, 1), [4, 1])]
)
def test_a_segment_is_full_and_not_fuller(
    tmp_path: Path, runs: tuple[int, ...], sizes: list[int]
) -> None:
    """A small one takes in what comes next, and is no file of its own any more.

    The entries of a URL come in their order, whichever language they are in.
    """
    archive, first = Archive(tmp_path, segment=4), 8
    url = "https://paper.example/jets"
    for size in runs:
        some = [
            RawEntry(
                f"{at}-0",
                {b"title": b"Jets", b"url": url.encode(), b"language": (b"en", b"de")[at % 2]},
            )
            for at in range(first, first + size)
        ]
        add(archive, some)
        first += size
    assert [each.count for each in archive.segments()] == sizes
    assert len([*archive.segments()[0].path.parent.iterdir()]) == len(sizes)
    assert archive.entries_with(url) == [f"{at}-0" for at in range(8, first)]


def test_segments_are_in_the_order_of_their_entries(tmp_path: Path) -> None:
    """Ids are numbers, and no texts; what the stream lost is deleted, and what others read."""
    archive = Archive(tmp_path)
    other = tmp_path / "another version"
    other.mkdir()
    archive._folder.mkdir()
    for name in ("100-0_100-3_4", "9-0_10-2_5", "10-3_99-0_2"):
        (archive._folder / f"{name}.articles").touch()
    assert [each.last for each in archive.segments()] == ["10-2", "99-0", "100-3"]
    assert archive.last == "100-3"
    archive.drop_before("99-0")
    assert [each.last for each in archive.segments()] == ["99-0", "100-3"]
    assert not other.exists()
