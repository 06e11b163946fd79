"""`tocsin import`: what it says of a file that gives it nothing to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli.rules.imports import app
from service.errors import ConfigError


@pytest.mark.parametrize("text", ["", "\n# Ports:\n"])
def test_a_file_without_searches_is_refused_and_nothing_is_written(
    tmp_path: Path, text: str
) -> None:
    """An empty rules file would look like a success."""
    searches, rules = tmp_path / "searches.txt", tmp_path / "rules.yaml"
    searches.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["lexis", str(searches), "--output", str(rules)])
    assert isinstance(done.exception, ConfigError)
    assert str(done.exception).startswith(f"{searches}: no searches")
    assert not rules.exists()


def test_a_rules_file_is_not_asked_for_beside_json(tmp_path: Path) -> None:
    """Only one of them would be written."""
    searches, rules = tmp_path / "searches.txt", tmp_path / "rules.yaml"
    searches.write_text("jet", encoding="utf-8")
    done = CliRunner().invoke(app, ["lexis", str(searches), "--json", "--output", str(rules)])
    assert done.exit_code == 2
    assert "--output writes a rules file" in done.output
