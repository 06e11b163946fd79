"""Compiled rules in a file: whole and ours, or not taken at all; and nothing secret in it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from builders.rules import a_reader
from service.rules.compilation.compile import CompiledRules, compile_rules
from service.rules.compilation.rule_set import CompileReport, RuleSet
from service.rules.live.compiled_file import ForeignFile, read_rules, write_rules
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
    write_rules(tmp_path / "compiled", KEY, rule_set)
    stored = read_rules(tmp_path / "compiled", KEY)
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


def test_an_unset_secret_is_a_fault_of_cached_rules_too(tmp_path: Path, rule_set: RuleSet) -> None:
    """Subscribers are read from the files each time, with their places."""
    write_rules(tmp_path / "compiled", KEY, rule_set)
    stored = CompiledRules(read_rules(tmp_path / "compiled", KEY), CompileReport())
    warm = complete(stored, FILES, a_reader(lambda _: None))
    (fault,) = warm.faults
    assert (fault.line, fault.column) == (12, 60)
    assert fault.message == "`${DESK_SECRET}` is not set"


def test_the_file_holds_no_secret_and_is_for_its_user_alone(
    tmp_path: Path, rule_set: RuleSet
) -> None:
    """Neither secrets written in the rules nor names of variables; mode 0600."""
    path = tmp_path / "compiled"
    write_rules(path, KEY, rule_set)
    content = path.read_bytes()
    assert b"$makers AND fighter jet*" in content
    for secret in (LITERAL[6:], SECRET[6:], "t0ken", "DESK_SECRET", "desk.example"):
        assert secret.encode() not in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("at", [0, 15, 20, 33, 40, 60, -1, -3000])
def test_a_damaged_file_is_refused(tmp_path: Path, rule_set: RuleSet, at: int) -> None:
    """One wrong byte, at any place."""
    path = tmp_path / "compiled"
    write_rules(path, KEY, rule_set)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(ForeignFile):
        read_rules(path, KEY)


@pytest.mark.parametrize("length", [0, 10, 47, 48, 1000, -1])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, rule_set: RuleSet, length: int) -> None:
    """However little is missing, and however little is left."""
    path = tmp_path / "compiled"
    write_rules(path, KEY, rule_set)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ForeignFile, match="truncated"):
        read_rules(path, KEY)


def test_a_file_of_other_rules_is_refused(tmp_path: Path, rule_set: RuleSet) -> None:
    """Renamed by hand, say."""
    write_rules(tmp_path / "compiled", "1" * 32, rule_set)
    with pytest.raises(ForeignFile, match="other rules"):
        read_rules(tmp_path / "compiled", KEY)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, rule_set: RuleSet) -> None:
    """Neither a file nor a part of one."""
    (tmp_path / KEY).mkdir()
    (tmp_path / KEY / "in the way").touch()
    with pytest.raises(OSError, match="directory"):
        write_rules(tmp_path / KEY, KEY, rule_set)
    assert [path.name for path in tmp_path.iterdir()] == [KEY]
