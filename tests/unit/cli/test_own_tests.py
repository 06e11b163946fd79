"""`tocsin test`: its outputs and exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from service.cli.output.terminal import SafeConsole
from service.cli.rules.test import app
from service.cli.rules.url_articles import kept_file
from service.cli.rules.watch import WatchedPaths, show_screen

RULES = """\
watchlists:
  - id: jets
    match: jet AND (Turkey OR Greece)
    notify: [desk]
    tests:
      - {match: {title: A jet for Turkey}, score: 70..90, notify: {desk: %s}}
subscribers: [{id: desk, relay: "json://desk.example"}]
"""


def run(path: Path, *words: str, sending: str = "at once") -> Result:
    """What comes of the tests of one rules file."""
    path.write_text(RULES % sending, encoding="utf-8")
    return CliRunner().invoke(app, [str(path), *words])


def test_what_is_otherwise_is_told_and_fails(tmp_path: Path) -> None:
    """Also in the file for CI systems."""
    rules, junit = tmp_path / "rules.yaml", tmp_path / "tests.xml"
    assert run(rules).stdout == "1 passed, 0 failed\n"
    failed = run(rules, "--junit", str(junit), sending="not")
    assert failed.exit_code == 1
    assert failed.stdout == (
        f"{rules}:6: jets should match otherwise\n"
        "    desk: at once; not is expected\n"
        "0 passed, 1 failed\n"
    )
    (failure,) = ET.parse(junit).iter("failure")
    assert failure.get("message") == "desk: at once; not is expected"


def test_a_file_for_ci_systems_can_be_read_whatever_a_title_holds(tmp_path: Path) -> None:
    """A character that XML has not is written out."""
    junit = tmp_path / "tests.xml"
    text = RULES.replace("{title: A jet for Turkey}", r'{title: "A jet for Turkey \e[2J"}')
    (tmp_path / "rules.yaml").write_text(text % "at once", encoding="utf-8")
    CliRunner().invoke(app, [str(tmp_path / "rules.yaml"), "--junit", str(junit)])
    (case,) = ET.parse(junit).iter("testcase")
    assert case.get("name") == r"line 6: match A jet for Turkey \x1b[2J"


def test_coverage_below_its_threshold_fails(tmp_path: Path) -> None:
    """Two of three clauses are in a test."""
    rules = tmp_path / "rules.yaml"
    found = run(rules, "--coverage", "60")
    assert (found.exit_code, found.stdout) == (
        0,
        "1 passed, 0 failed\n"
        "jets: in no test: Greece\n"
        "67 % of clauses, exceptions and boosts in a test\n",
    )
    assert run(rules, "--coverage", "70").exit_code == 1
    rules.write_text((RULES % "at once").replace("(Turkey OR Greece)", "Turkey"), encoding="utf-8")
    assert CliRunner().invoke(app, [str(rules), "--coverage", "100"]).exit_code == 0
    assert run(rules).exit_code == 0


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """It names the file."""
    error = run(tmp_path / "rules.yaml", "--junit", str(tmp_path / "no" / "tests.xml")).exception
    assert str(error).endswith("tests.xml: No such file or directory")


NEWS = [
    {"url": "https://quill.example/a?utm_source=x", "title": "Rain"},
    {"url": "https://quill.example/a", "title": "A jet for Turkey"},
]


def test_an_article_by_its_url_is_kept_beside_the_rules(tmp_path: Path) -> None:
    """The newest with that URL; from then on its test needs no other file, and no store."""
    rules, news = tmp_path / "rules.yaml", tmp_path / "news.jsonl"
    news.write_text("\n".join(map(json.dumps, NEWS)), encoding="utf-8")
    text = RULES.replace("{title: A jet for Turkey}", "'http://quill.example/a/'") % "at once"
    rules.write_text(text, encoding="utf-8")
    words = [str(rules), "--articles", str(news)]
    assert CliRunner().invoke(app, words).stdout == "1 passed, 0 failed\n"
    kept = CliRunner().invoke(app, [*words, "--keep"]).stdout
    (file,) = (tmp_path / "articles").iterdir()
    assert kept == f"{file}: written\n1 passed, 0 failed\n"
    assert json.loads(file.read_bytes()) == {"title": "A jet for Turkey", "url": NEWS[1]["url"]}
    assert CliRunner().invoke(app, [str(rules)]).stdout == "1 passed, 0 failed\n"


def test_kept_articles_are_files_of_the_rules(tmp_path: Path) -> None:
    """A link that leads out of the folder is neither read nor written through."""
    rules, outside = tmp_path / "rules" / "r.yaml", tmp_path / "outside"
    outside.mkdir()
    rules.parent.mkdir()
    text = RULES.replace("{title: A jet for Turkey}", NEWS[1]["url"]) % "at once"
    rules.write_text(text, encoding="utf-8")
    news = tmp_path / "news.json"
    news.write_text(json.dumps(NEWS[1]), encoding="utf-8")
    file = kept_file(rules, NEWS[1]["url"])
    file.parent.mkdir()
    file.symlink_to(news)
    read = CliRunner().invoke(app, [str(rules)])
    assert (read.exit_code, "this leads out of" in read.stdout) == (1, True)
    file.unlink()
    file.parent.rmdir()
    file.parent.symlink_to(outside)
    error = CliRunner().invoke(app, [str(rules), "--articles", str(news), "--keep"]).exception
    assert "a link leads out of the rules" in str(error)
    assert not [*outside.iterdir()]


def test_an_article_that_is_nowhere_says_where_to_put_it(tmp_path: Path) -> None:
    """Files that are named are looked through, not the streams."""
    rules, news = tmp_path / "rules.yaml", tmp_path / "news.jsonl"
    news.write_text(json.dumps(NEWS[0]), encoding="utf-8")
    text = RULES.replace("{title: A jet for Turkey}", "'https://quill.example/b'") % "at once"
    rules.write_text(text, encoding="utf-8")
    said = CliRunner().invoke(app, [str(rules), "--articles", str(news)])
    assert said.exit_code == 1
    assert "these files have no article with the URL https://quill.example/b; put it in" in (
        said.stdout
    )


def test_paths_are_watched_as_they_were_when_noted(tmp_path: Path) -> None:
    """A file that is written, gone or back ends the waiting; a new one of a folder too."""
    rules, sample = tmp_path / "rules", tmp_path / "a.txt"
    rules.mkdir()
    watched = WatchedPaths()
    watched.note(rules)
    watched.note(sample)
    for change in (
        lambda: (rules / "a.yaml").write_text("watchlists: []", encoding="utf-8"),
        lambda: sample.write_text("A jet.", encoding="utf-8"),
        lambda: sample.write_text("A jot.", encoding="utf-8"),
        sample.unlink,
        (rules / "a.yaml").unlink,
    ):
        change()
        watched.wait()


@pytest.mark.parametrize("height", [9, 30])
def test_a_screen_shows_the_beginning_and_the_sums(height: int) -> None:
    """Of what is too long for it, with how much is left out; a long line takes several rows."""
    out = SafeConsole(
        file=io.StringIO(), force_terminal=True, width=20, height=height, color_system=None
    )
    lines = ["x" * 50, *(f"line {n}" for n in range(6)), "passed", "share", "until"]
    show_screen(out, "\n".join(lines))
    assert isinstance(out.file, io.StringIO)
    shown = out.file.getvalue().split("H", 1)[1].splitlines()
    long = ["x" * 50, "… 6 more lines", "passed", "share", "until"]
    assert shown == (long if height == 9 else lines)
