"""A back-test of few entries: what is counted, and which copies are decided again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from builders.rules import load
from service.archive.backtest import Backtest
from service.archive.kept.archive import Archive
from service.archive.kept.reader import ArchiveReader, RawEntry
from service.archive.replay import Replayed
from service.archive.report.tally import busiest
from service.store.stories.copies import ORIGIN

RULES = load({"r.yaml": "watchlists: [{id: jets, match: fighter jet}]"}, None)
NOON = 1_795_000_000_000
NEWS = "A fighter jet landed in Ankara, where ministers of four countries had met engineers."
GONE = NEWS.replace("fighter jet", "tractor")


def entry(minute: int, id_: str, text: str, *, repeats: int | None = None) -> RawEntry:
    """One that was added so many minutes after noon; `repeats` the one of another minute."""
    fields = {"id": id_, "source": id_, "body": text, "language": "en"}
    given = {name.encode(): value.encode() for name, value in fields.items()}
    if repeats is not None:
        given[ORIGIN] = place(repeats).encode()
    return RawEntry(place(minute), given)


def place(minute: int) -> str:
    """The id of an entry."""
    return f"{NOON + 60_000 * minute}-0"


def backtest(
    folder: Path, entries: Sequence[RawEntry], since: int = 0
) -> tuple[Backtest, list[str]]:
    """A back-test in segments of two entries, and each decision: minute, article, what it was."""
    archive = Archive(folder, segment=2)
    said: list[str] = []

    async def given() -> AsyncIterator[Sequence[RawEntry]]:
        yield entries

    async def add() -> None:
        async with ArchiveReader(1, max_bytes=1_000) as reader:
            await archive.add(given(), reader, lambda _: None)

    def note(_: int, replayed: Replayed) -> None:
        minute = (int(replayed.entry_id.partition("-")[0]) - NOON) // 60_000
        said.extend(
            f"{minute} {each.draft.article.id} {type(each.decision).__name__}"
            for each in replayed.decided.outcomes
        )

    asyncio.run(add())
    test = Backtest(
        [RULES],
        archive.segments(),
        since=since,
        window=72 * 3_600_000,
        similarity=0.38,
        noted=note,
    )
    assert sum(test.run()) == len(entries)
    return test, said


def test_what_was_added_from_a_moment_on_is_counted(tmp_path: Path) -> None:
    """That moment too; and no entry before it."""
    texts = ("in Ankara", "in Gilgit at noon", "over Padang in heavy rain", "near Oslo on Sunday")
    entries = [
        *(entry(at, str(at), f"A fighter jet landed {text}.") for at, text in enumerate(texts)),
        entry(4, "4", "Rain."),
    ]
    test, said = backtest(tmp_path, entries, NOON + 2 * 60_000)
    assert len(said) == 4
    assert test.runs[0].tally.of("jets").kinds == {"alerts": 2}
    assert (test.coverage.articles, test.coverage.languages) == (3, {"en": 3})


TELL, COUNT, TAKE_BACK = (
    [entry(0, "a", NEWS)],
    [entry(1, "b", NEWS), entry(2, "copy", NEWS)],
    [entry(3, "a", GONE)],
)
TOLD = ["0 a Created", "1 b Counted", "2 copy Counted", "3 a Retracted"]


@pytest.mark.parametrize(
    ("after", "decisions"),
    [
        # The fullest entry tells the story on, once all that came is decided.
        ([], ["3 copy Created", "3 b Counted"]),
        ([entry(9, "d", NEWS)], ["3 copy Created", "3 b Counted", "9 d Counted"]),
        # The live service wrote the copies behind the stream: they come in their turn.
        (
            [entry(5, "copy", NEWS, repeats=2), entry(6, "b", NEWS, repeats=1)],
            ["5 copy Created", "6 b Counted"],
        ),
        # A copy that was written again is decided again, too.
        (
            [
                entry(5, "copy", NEWS, repeats=2),
                entry(6, "b", NEWS, repeats=1),
                entry(7, "copy", GONE),
            ],
            ["5 copy Created", "6 b Counted", "7 copy Retracted", "7 b Created"],
        ),
    ],
)
def test_a_copy_tells_a_story_on(
    tmp_path: Path, after: list[RawEntry], decisions: list[str]
) -> None:
    """The article that told it matches no more; its copies are in another segment."""
    _, said = backtest(tmp_path, [*TELL, *COUNT, *TAKE_BACK, *after])
    assert said == [*TOLD, *decisions]


def test_the_first_of_the_busiest_days_is_named() -> None:
    """Whatever their order."""
    first, last = (date(2026, 11, 20), 7), (date(2026, 11, 23), 7)
    assert busiest([last, first, (date(2026, 11, 19), 6)]) == first
    assert busiest([]) is None
