"""The folder of compiled rules: what is written where, and what is deleted."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from service.rules.compilation.compile import compile_rules
from service.rules.compilation.rule_set import RuleSet
from service.rules.live.cache import cached_path, delete_old_files, store_rules
from service.rules.live.compiled_file import read_rules

KEY = "0" * 32


@pytest.fixture(scope="module")
def small_rules() -> RuleSet:
    """One watchlist, compiled."""
    return compile_rules({"r.yaml": "watchlists: [{id: a, match: x}]"}, None).rule_set


def test_rules_with_faults_are_written_to_a_temporary_folder(
    tmp_path: Path, small_rules: RuleSet
) -> None:
    """The next start does not find them; this one can read them."""
    path = store_rules(tmp_path, KEY, small_rules, keep=False)
    assert path.parent != tmp_path
    assert len(read_rules(path, KEY).records) == 1
    assert list(tmp_path.iterdir()) == []
    path.unlink()
    path.parent.rmdir()


def test_rules_are_written_to_a_temporary_folder_if_the_cache_cannot_be_written(
    tmp_path: Path, small_rules: RuleSet
) -> None:
    """As on a read-only file system: a temporary folder of this user's own."""
    (tmp_path / "file").touch()
    path = store_rules(tmp_path / "file" / "compiled", KEY, small_rules, keep=True)
    assert path.parent.parent != tmp_path
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(read_rules(path, KEY).records) == 1
    path.unlink()
    path.parent.rmdir()


def test_old_files_are_deleted(tmp_path: Path) -> None:
    """The three newest stay, and unfinished files that may still be written."""
    for age in range(5):
        path = cached_path(tmp_path, str(age))
        path.touch()
        os.utime(path, (1e9 - age, 1e9 - age))
    (tmp_path / "new.rules.1.tmp").touch()
    (tmp_path / "old.rules.2.tmp").touch()
    os.utime(tmp_path / "old.rules.2.tmp", (1e9, 1e9))
    delete_old_files(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"0.rules", "1.rules", "2.rules", "new.rules.1.tmp"}
