"""`tocsin stories`: what a story counted, and whether two articles are one story."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.stories import TEXT, events, report, take
from harness.commands import Shell, wide
from service.store.outbox import Outbox

QUAKE = (
    "An earthquake with a magnitude of {0}.1 struck {0}2 kilometres south of {1} at night. The "
    "survey said that it was at a depth of 1{0} kilometres, and that nobody in {1} was hurt. "
    "It was felt in other towns, where people ran into the streets and waited for an hour."
)


async def test_a_story_is_shown_with_what_it_counted(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """By its own id or by that of the alert that told it."""
    copy = report("b", TEXT.replace("three officials", "officials"), url="https://b.example/x\x1b")
    await outbox.input_stream.ensure_group()
    await take(redis, outbox, report("a"), copy)
    ((alert, story),) = [
        (event["data"]["id"], event["data"]["story"]["id"]) for event in await events(outbox)
    ]
    by_story, by_alert = [await shell.run("stories", "show", id_) for id_ in (story, alert)]
    assert by_story == by_alert
    assert by_story.code == 0
    assert by_story.out.startswith(f"{story}  2 articles, 2 sources, began ")
    assert f"\ntold by {alert} (jets)\n" in by_story.out
    assert "https://b.example/x\\x1b" in by_story.out
    assert "the same story:" in by_story.out
    assert wide(by_story.out) == []
    shown = json.loads((await shell.run("stories", "show", story, "--json")).out)
    assert (shown["id"], shown["articles"], shown["told_by"]) == (story, 2, {"jets": alert})
    assert [one["article_id"] for one in shown["copies"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (QUAKE.format(4, "Padang") + " It rained.", "the same story: "),
        (QUAKE.format(5, "Cebu"), "another story: the wording is alike"),
        ("Rain in Gilgit.", "another story: a text this short"),
    ],
)
async def test_two_articles_are_compared(
    shell: Shell, tmp_path: Path, other: str, said: str
) -> None:
    """In a sentence, and for programs with the figures."""
    paths = [tmp_path / name for name in ("one.txt", "other.txt")]
    for path, text in zip(paths, (QUAKE.format(4, "Padang"), other), strict=True):
        path.write_text(f"A report\n\n{text}", encoding="utf-8")
    told = await shell.run("stories", "compare", *map(str, paths))
    assert told.code == 0
    assert told.out.startswith(said)
    assert ("of 4.1 / of 5.1" in told.out) == ("alike" in said)
    facts = json.loads((await shell.run("stories", "compare", *map(str, paths), "--json")).out)
    assert facts["same"] == said.startswith("the same")
    assert facts["why"] == told.out.strip()


async def test_only_single_articles_are_compared(shell: Shell, tmp_path: Path) -> None:
    """A file of several says which file, and what to do instead."""
    several = tmp_path / "two.jsonl"
    several.write_text('{"title": "One"}\n{"title": "Two"}\n', encoding="utf-8")
    told = await shell.run("stories", "compare", str(several), str(several))
    assert told.code == 1
    assert "two.jsonl: hold one article in a file to compare it" in " ".join(told.err.split())
