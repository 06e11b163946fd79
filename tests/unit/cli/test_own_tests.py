"""`tocsin test`: its outputs and exit codes."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from typer.testing import CliRunner, Result

from service.cli.rules.test import app

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
    assert run(rules).exit_code == 0


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """It names the file."""
    error = run(tmp_path / "rules.yaml", "--junit", str(tmp_path / "no" / "tests.xml")).exception
    assert str(error).endswith("tests.xml: No such file or directory")
