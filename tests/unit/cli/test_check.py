"""`tocsin check`: its outputs, and what it writes into files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.rules.check import _annotation, app
from service.errors import Fault

RULES = (
    "watchlists:\r\n"
    "  - id: a\n"
    "    match: strike w/5 port   # stays\n"
    "    notify: [desk]\n"
    "    tests: [{match: {title: x}}]\n"
    "subscribers: [{id: desk, relay: 'json://desk.example'}]\n"
)


def check(*words: str) -> Result:
    """What `tocsin check` says."""
    return CliRunner().invoke(app, ["--no-secrets", *words])


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rules file of this test."""
    path = tmp_path / "rules.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + RULES.encode())
    path.chmod(0o640)
    return path


def test_each_output_has_the_code(rules: Path) -> None:
    """Of a mistake; all of them end with 1."""
    text, found, github, sarif = (
        check(str(rules), "--format", form) for form in ("text", "json", "github", "sarif")
    )
    assert [each.exit_code for each in (text, found, github, sarif)] == [1, 1, 1, 1]
    assert f"{rules}:3:19: “w/5” is not an operator here (T309)\n" in text.stdout
    (fault,) = json.loads(found.stdout)["faults"]
    assert (fault["code"], fault["fix"]) == ("T309", {"old": "w/5", "new": "NEAR/4"})
    assert github.stdout.startswith(f"::error file={rules},line=3,col=19,title=T309::“w/5” is not")
    (run,) = json.loads(sarif.stdout)["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["T309"]


def test_no_name_and_no_text_is_another_command_of_github_s() -> None:
    """Nor ends the place in a file."""
    fault = Fault("a:b,c\r\n%.yaml", 3, 19, "no\r\n::x", "50%", code="T309")
    place = "file=a%3Ab%2Cc%0D%0A%25.yaml,line=3,col=19,title=T309"
    assert _annotation(fault) == f"::error {place}::no%0D%0A::x. 50%25"


def test_fix_writes_the_file_and_a_second_run_nothing(rules: Path) -> None:
    """It keeps its first bytes and its mode, and leaves nothing beside it."""
    done = check(str(rules), "--fix")
    assert (done.exit_code, done.stderr) == (0, "1 correction in 1 file\n")
    after = rules.read_bytes()
    assert after == b"\xef\xbb\xbf" + RULES.replace("w/5", "NEAR/4").encode()
    assert rules.stat().st_mode & 0o777 == 0o640
    inode = rules.stat().st_ino
    again = check(str(rules), "--fix")
    assert (again.exit_code, again.stderr) == (0, "no corrections\n")
    assert (rules.stat().st_ino, list(rules.parent.iterdir())) == (inode, [rules])


def test_a_link_stays_a_link(rules: Path, tmp_path: Path) -> None:
    """What it leads to is corrected."""
    link = tmp_path / "link.yaml"
    link.symlink_to(rules)
    assert check(str(link), "--fix").exit_code == 0
    assert link.is_symlink()
    assert b"NEAR/4" in rules.read_bytes()


def test_past_articles_of_a_file_are_asked(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where there is a mistake; how many there were is said beside the findings."""
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    news = tmp_path / "news.jsonl"
    news.write_text("\n".join(json.dumps({"id": n, "title": "Port strike"}) for n in range(6)))
    found = check(str(rules), "--articles", str(news))
    assert "T52" not in found.stdout
    assert found.stderr == "no past articles looked at: correct the errors first\n"
    rules.write_text(RULES.replace("w/5", "AND"), encoding="utf-8")
    found = check(str(rules), "--articles", str(news), "--format", "json")
    assert (found.exit_code, found.stderr) == (0, "6 past articles looked at\n")
    assert [one["code"] for one in json.loads(found.stdout)["advice"]] == ["T523", "T523"]
