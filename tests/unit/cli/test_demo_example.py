"""What `tocsin demo` shows where there is no folder of rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders.rules import load
from harness.receiver import SECRET
from service.articles.files.entries import Source, entries
from service.cli.demo.demo import EXAMPLE, demo_match
from service.settings.sections import MatchSettings


def test_the_example_is_good() -> None:
    """Its rules have no faults; half of its articles only look as if they matched."""
    text = (EXAMPLE / "rules.yaml").read_text(encoding="utf-8")
    secrets = {"DESK_URL": "https://desk.example/hook", "DESK_SECRET": SECRET}
    assert load({"rules.yaml": text}, secrets.get).faults == ()
    samples = sorted((EXAMPLE / "samples").iterdir())
    found = [each for path in samples for each in entries(Source(path.name, path.read_bytes()))]
    assert len(found) == 4


def test_it_is_shown_where_no_rules_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in place of a folder that is there, nor of one that was named and is not."""
    monkeypatch.chdir(tmp_path)
    assert demo_match(MatchSettings()).rules == EXAMPLE
    named = MatchSettings(rules=Path("gone"))
    assert demo_match(named) == named
    Path("rules").mkdir()
    assert demo_match(MatchSettings()) == MatchSettings()
