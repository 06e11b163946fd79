"""Compiled rules in a file: whole and ours, or not taken at all; and nothing secret in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from builders.rules import a_reader
from service.rules.compilation.compile import CompiledRules, compile_rules
from service.rules.compilation.rule_set import CompileReport, RuleSet
from service.rules.live import compiled_file as rulestore
from service.rules.live.compiled_file import (
    ForeignFile,
    path_in,
    read,
    tidy,
    write,
    write_somewhere,
)
from service.rules.rules import complete

LITERAL = "whsec_" + "c2VjcmV0" * 6
SECRET = "whsec_" + "QUJD" * 8
TEXT = f"""
lists:
  makers: [Saab, Dassault]
watchlists:
  - id: jets
    match: $makers AND fighter jet*
    except: {{sport: football}}
    notify: [desk]
    tests: [{{match: {{title: Saab fighter jets}}}}]
subscribers:
  - id: desk
    webhook: {{url: "https://desk.example/t0ken", secret: ["${{DESK_SECRET}}", "{LITERAL}"]}}
"""
FILES = {"rules.yaml": TEXT}
KEY = "0" * 32


@pytest.fixture(scope="module")
def rule_set() -> RuleSet:
    """The rules above, compiled."""
    compiled = compile_rules(FILES, None)
    assert compiled.report.faults == ()
    return compiled.rule_set


def test_what_is_read_is_what_was_written(tmp_path: Path, rule_set: RuleSet) -> None:
    """Watchlists, lists, subscribers, digest: rules from a file equal those that were compiled."""
    write(path_in(tmp_path, KEY), KEY, rule_set)
    stored = read(path_in(tmp_path, KEY), KEY)
    names = rule_set.pack()[0].keys()
    assert stored.pack()[1] == rule_set.pack()[1]
    assert all((stored.pack()[0][name] == rule_set.pack()[0][name]).all() for name in names)
    cold, warm = (
        complete(CompiledRules(each, CompileReport()), FILES, a_reader({"DESK_SECRET": SECRET}.get))
        for each in (rule_set, stored)
    )
    assert dict(warm.watchlists) == dict(cold.watchlists)
    assert warm.subscribers == cold.subscribers != {}
    assert (warm.digest, warm.faults) == (cold.digest, cold.faults) == (cold.digest, ())


def test_an_unset_secret_is_told_of_stored_rules_too(tmp_path: Path, rule_set: RuleSet) -> None:
    """Subscribers are read from the files each time, with their places."""
    write(path_in(tmp_path, KEY), KEY, rule_set)
    stored = CompiledRules(read(path_in(tmp_path, KEY), KEY), CompileReport())
    warm = complete(stored, FILES, a_reader(lambda _: None))
    (fault,) = warm.faults
    assert (fault.line, fault.column) == (12, 60)
    assert fault.message == "`${DESK_SECRET}` is not set"


def test_the_file_holds_no_secret_and_is_for_its_user_alone(
    tmp_path: Path, rule_set: RuleSet
) -> None:
    """Neither what stands in the rules nor their variables' names; mode 0600."""
    path = path_in(tmp_path, KEY)
    write(path, KEY, rule_set)
    content = path.read_bytes()
    assert b"$makers AND fighter jet*" in content
    for secret in (LITERAL[6:], SECRET[6:], "t0ken", "DESK_SECRET", "desk.example"):
        assert secret.encode() not in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("at", [0, 15, 20, 33, 40, 60, -1, -3000])
def test_a_damaged_file_is_refused(tmp_path: Path, rule_set: RuleSet, at: int) -> None:
    """One wrong byte, wherever it stands."""
    path = path_in(tmp_path, KEY)
    write(path, KEY, rule_set)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(ForeignFile):
        read(path, KEY)


@pytest.mark.parametrize("length", [0, 10, 47, 48, 1000, -1])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, rule_set: RuleSet, length: int) -> None:
    """However little is missing, and however little is left."""
    path = path_in(tmp_path, KEY)
    write(path, KEY, rule_set)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ForeignFile, match="cut off"):
        read(path, KEY)


def test_a_file_of_other_rules_is_refused(tmp_path: Path, rule_set: RuleSet) -> None:
    """Renamed by hand, say."""
    write(path_in(tmp_path, KEY), "1" * 32, rule_set)
    with pytest.raises(ForeignFile, match="of other rules"):
        read(path_in(tmp_path, KEY), KEY)


def test_the_key_is_of_names_contents_and_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any change makes another key; the same files in another order do not."""
    first = rulestore.key({"a": b"x", "b": b"y"})
    assert first == rulestore.key({"b": b"y", "a": b"x"})
    others = ({"a": b"x"}, {"a": b"x", "c": b"y"}, {"a": b"xy", "b": b""}, {"a": b"x", "b": b"z"})
    assert len({first, *map(rulestore.key, others)}) == 5
    monkeypatch.setattr(rulestore, "program", lambda: b"another version")
    assert rulestore.key({"a": b"x", "b": b"y"}) != first


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, rule_set: RuleSet) -> None:
    """Neither a file nor a part of one."""
    (tmp_path / KEY).mkdir()
    (tmp_path / KEY / "in the way").touch()
    with pytest.raises(OSError, match="directory"):
        write(tmp_path / KEY, KEY, rule_set)
    assert [path.name for path in tmp_path.iterdir()] == [KEY]


def test_what_has_faults_is_put_where_no_start_finds_it(tmp_path: Path, rule_set: RuleSet) -> None:
    """It is handed over all the same."""
    path = write_somewhere(tmp_path, KEY, rule_set, to_stay=False)
    assert path.parent != tmp_path
    assert len(read(path, KEY).records) == 1
    assert list(tmp_path.iterdir()) == []
    path.unlink()
    path.parent.rmdir()


def test_where_the_folder_takes_no_file_another_does(tmp_path: Path, rule_set: RuleSet) -> None:
    """As on a read-only file system: a temporary folder of this user's own."""
    (tmp_path / "file").touch()
    path = write_somewhere(tmp_path / "file" / "compiled", KEY, rule_set, to_stay=True)
    assert path.parent.parent != tmp_path
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(read(path, KEY).records) == 1
    path.unlink()
    path.parent.rmdir()


def test_old_files_go(tmp_path: Path) -> None:
    """Three stay, the newest; of unfinished ones those that may still be written."""
    for age in range(5):
        path = path_in(tmp_path, str(age))
        path.touch()
        os.utime(path, (1e9 - age, 1e9 - age))
    (tmp_path / "new.rules.1.tmp").touch()
    (tmp_path / "old.rules.2.tmp").touch()
    os.utime(tmp_path / "old.rules.2.tmp", (1e9, 1e9))
    tidy(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"0.rules", "1.rules", "2.rules", "new.rules.1.tmp"}
