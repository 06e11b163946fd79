"""`tocsin backtest`: rules on the articles of files and of streams."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from harness.commands import Shell, wide
from service.store.outbox import Outbox

DEAL = "Turkey said that a fighter jet would be built together with partners in the region by 2030."
ENTRIES: list[dict[str, str]] = [
    {
        "id": "1",
        "source": "A",
        "title": "Jets for Turkey",
        "body": DEAL,
        "published_at": "2026-11-01",
    },
    {
        "id": "2",
        "source": "B",
        "title": "Jets for Turkey",
        "body": DEAL,
        "published_at": "2026-11-01",
    },
    {"id": "3", "title": "Turkey orders a tank", "body": "One.", "published_at": "2026-11-03"},
    {"id": "4", "title": "Rain", "body": "It rained in Gilgit.", "published_at": "2026-11-02"},
    {"id": "5", "note": "this has no text"},
]
MORE = """
watchlists:
  - {id: jets, match: Turkey AND fighter jet, notify: [desk]}
  - {id: rain, match: rain*, notify: [desk], repeat: article}
subscribers:
  - {id: desk, webhook: {url: "${DESK_URL}", secret: "${DESK_SECRET}"}}
"""


def written(folder: Path) -> str:
    """A file of JSON lines with the entries."""
    path = folder / "news.jsonl"
    path.write_text("".join(f"{json.dumps(each)}\n" for each in ENTRIES), encoding="utf-8")
    return str(path)


def of(report: dict[str, Any], watchlist: str) -> dict[str, Any]:
    """What a report says of a watchlist."""
    (found,) = (each for each in report["watchlists"] if each["id"] == watchlist)
    return dict(found)


async def test_files_are_read_as_a_stream_would_bring_them(shell: Shell, tmp_path: Path) -> None:
    """By day, with what stories did; a second run reads what the first one kept."""
    name = written(tmp_path)
    first, second = [await shell.run("backtest", name, "--format", "json") for _ in range(2)]
    assert (first.code, first.out) == (0, second.out)
    assert (tmp_path / "data" / "archive").stat().st_mode & 0o077 == 0  # others see no articles
    report = json.loads(first.out)
    assert report["archive"]["articles"] == 4
    assert report["archive"]["letters"] == {"no_text": 1}
    assert report["days"] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    jets = of(report, "jets")
    assert (jets["by_day"], jets["fates"]["told"]) == ([1, 0, 0], 1)
    (example,) = jets["examples"]
    assert (example["title"], example["source"]) == ("Jets for Turkey", "A")
    assert "fighter jet" in [
        one["text"] for quote in example["quotes"] for one in quote["sentence"] if one["marked"]
    ]
    assert of(report, "tanks")["deliveries"]["at_once"] == 2
    text = await shell.run("backtest", name)
    assert "jets" in text.out
    assert wide(text.out) == []


async def test_a_folder_that_takes_no_articles_is_named(shell: Shell, tmp_path: Path) -> None:
    """With the setting that names another."""
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    said = await shell.run("backtest", written(tmp_path))
    assert said.code == 1
    assert f"{tmp_path}/data/archive: no articles can be kept here" in said.err
    assert "TOCSIN_DATA_DIR" in said.err


async def test_a_stream_is_read_with_its_newest_articles(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """Read by a service or not; what the stream loses is deleted here too."""
    await outbox.input_stream.publish(ENTRIES[:3])
    report = json.loads((await shell.run("backtest", "--format", "json")).out)
    assert report["archive"]["articles"] == 3
    await outbox.input_stream.publish(ENTRIES[3:])
    report = json.loads((await shell.run("backtest", "--format", "json")).out)
    assert report["archive"]["articles"] == 4
    assert report["rules"]["alerts"] == 2
    await redis.delete(outbox.stream)
    said = await shell.run("backtest")
    assert said.out.startswith(f"No articles in {outbox.stream}")


async def test_rules_are_compared_with_a_folder(shell: Shell, tmp_path: Path) -> None:
    """New, gone and kept; a gone one says what it lacks now."""
    name, other = written(tmp_path), tmp_path / "other.yaml"
    other.write_text(MORE.replace("fighter jet", "glider"), encoding="utf-8")
    words = ("backtest", name, "--against", str(other))
    report = json.loads((await shell.run(*words, "--format", "json")).out)
    changes = {each["id"]: each["change"] for each in report["watchlists"]}
    counts = {name: (each["before"], each["new"], each["gone"]) for name, each in changes.items()}
    assert counts == {"jets": (0, 1, 0), "tanks": (0, 1, 0), "rain": (1, 0, 1)}
    assert changes["jets"]["new_examples"][0]["otherwise"] == "glider: not mentioned"
    assert changes["rain"]["gone_examples"][0]["otherwise"] == "the watchlist is not there"
    said = await shell.run(*words)
    assert "by the other rules: glider: not mentioned" in said.out
    assert wide(said.out) == []


async def test_rules_are_compared_with_a_revision(shell: Shell, tmp_path: Path) -> None:
    """As git has it; a name that is neither is refused."""
    git = ("git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@example.org")
    for each in (("init", "-q"), ("add", "rules"), ("commit", "-qm", "Rules")):
        subprocess.run([*git, *each], check=True)  # noqa: ASYNC221 - nothing else runs
    (tmp_path / "rules" / "rules.yaml").write_text(MORE, encoding="utf-8")
    words = ("backtest", written(tmp_path), "--format", "json", "--against")
    report = json.loads((await shell.run(*words, "HEAD")).out)
    assert of(report, "tanks")["change"]["gone"] == 1
    assert of(report, "rain")["change"]["new"] == 1
    said = await shell.run(*words, "no-such-branch")
    assert said.code == 1
    assert "no-such-branch is no folder, and no revision" in said.err


@pytest.mark.parametrize(
    ("budget", "code", "line"),
    [
        ("1/day", 0, "No watchlist makes more than 1 alerts a day."),
        ("0/week", 3, "jets: 1 alerts in the week of 2026-11-01, and the budget is 0"),
        ("many", 2, "'many' is not a budget; use 50/day or 200/week"),
    ],
)
async def test_a_budget_that_is_passed_fails(
    shell: Shell, tmp_path: Path, budget: str, code: int, line: str
) -> None:
    """With an exit code of its own."""
    said = await shell.run("backtest", written(tmp_path), "--budget", budget)
    assert said.code == code
    assert line in (said.out if code != 2 else " ".join(said.err.replace("│", "").split()))


async def test_what_was_added_before_is_not_counted(shell: Shell, tmp_path: Path) -> None:
    """It still tells its stories: a copy that comes later is no news."""
    name = tmp_path / "news.jsonl"
    late = [ENTRIES[0], {**ENTRIES[1], "published_at": "2026-11-03"}, ENTRIES[2]]
    name.write_text("".join(f"{json.dumps(each)}\n" for each in late), encoding="utf-8")
    words = ("backtest", str(name), "--since", "2026-11-02", "--format", "json")
    report = json.loads((await shell.run(*words)).out)
    assert report["archive"]["articles"] == 2
    assert of(report, "jets")["alerts"] == 0
    assert of(report, "jets")["fates"]["told"] == 1


async def test_the_report_is_written_for_a_pull_request_and_a_browser(
    shell: Shell, tmp_path: Path
) -> None:
    """As one text each, without a code for a terminal."""
    for form, first in (("markdown", "### Back-test\n"), ("html", "<!doctype html>\n")):
        said = await shell.run("backtest", written(tmp_path), "--format", form)
        assert said.out.startswith(first)
        assert "Jets for Turkey" in said.out
        assert "\x1b" not in said.out


async def test_near_misses_name_the_clause(shell: Shell, tmp_path: Path) -> None:
    """Of one watchlist, in the articles of a file."""
    words = ("near-misses", "jets", written(tmp_path))
    said = await shell.run(*words)
    assert "+1  without fighter jet" in said.out
    assert "fighter jet: not mentioned" in said.out
    assert wide(said.out) == []
    found = json.loads((await shell.run(*words, "--json")).out)
    assert (found["articles"], found["matches"]) == (4, 2)
    assert [(each["clause"], each["articles"]) for each in found["clauses"]] == [
        ("fighter jet", 1),
        ("Turkey", 0),
    ]
