"""Which mutants are tried, and which are known to be equivalent."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mutants.choice import changed_lines, equivalent, files, mutants_of, on_lines, sample
from mutants.compiled_mutant import modules_with
from mutants.python_source import python_mutants
from mutants.tables import Equivalent, Scope, equivalents, scope
from mutants.trials import steps_to
from service.matching.kernel_files import kernel_sources

ROOT = Path(__file__).parents[3]
SOURCE = b"def f(a, b):\n    return a < b and b > 1\n"


def test_a_room_and_its_tests_are_there() -> None:
    """A renamed room, or test, is renamed in the table."""
    for room, tests in scope().rooms.items():
        assert (ROOT / room).exists(), room
        assert tests, room
        for test in (each for step in tests for each in step):
            assert (ROOT / test).exists(), test


@pytest.mark.parametrize("known", equivalents(), ids=lambda known: f"{known.path} {known.now}")
def test_an_equivalent_is_still_one_of_the_mutants(known: Equivalent) -> None:
    """The reason belongs to code that is there."""
    source = (ROOT / known.path).read_bytes()
    assert any(equivalent(each, source, [known]) for each in mutants_of(known.path, ROOT))
    assert known.reason


def test_an_equivalent_is_known_after_its_line_has_moved() -> None:
    """By its function and text; in another function it is another mutant."""
    known = Equivalent("x.py", "f", "return a < b and b > 1", "return a <= b and b > 1", "…")
    moved = b"import x\n\n\n" + SOURCE
    other = SOURCE.replace(b"def f", b"def g")
    assert sum(equivalent(each, moved, [known]) == known for each in found(moved)) == 1
    assert not any(equivalent(each, other, [known]) for each in found(other))


def found(source: bytes) -> list:  # type: ignore[type-arg]
    """The mutants of a source."""
    return python_mutants("x.py", source)


def test_the_same_seed_chooses_the_same() -> None:
    """Each kind in turn, so a small sample has most kinds."""
    mutants = found(SOURCE)
    assert sample(mutants, 4, 7) == sample(mutants, 4, 7)
    assert len({mutant.kind for mutant in sample(mutants, 4, 7)}) == 4
    assert set(sample(mutants, None, 7)) == set(mutants)


def test_only_what_a_change_touches(tmp_path: Path) -> None:
    """Lines that are new or another, in files of the service."""
    path = tmp_path / "service" / "x.py"
    path.parent.mkdir()
    path.write_text("A = 1\nB = 2\n")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x.test"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    path.write_text("A = 1\nB = 3\nC = 4\n")
    lines = changed_lines("HEAD", tmp_path)
    assert lines == {"service/x.py": {2, 3}}
    source = path.read_bytes()
    kept = on_lines(python_mutants("service/x.py", source), lines["service/x.py"], source)
    assert {each.change(source)[0] for each in kept} == {"B = 3", "C = 4"}


def test_the_nearest_tests_come_first() -> None:
    """Those with the name of the module, then those of the room with the longest name."""
    rooms = Scope({"service/delivery": [["a"]], "service/delivery/message": [["b"], ["c"]]})
    path = "service/delivery/message/message.py"
    near = ["tests/unit/delivery/message/test_message.py"]
    assert steps_to(path, rooms, ROOT) == [near, ["b"], ["c"]]
    assert rooms.room_of("service/delivery/pace.py") == "service/delivery"
    assert rooms.room_of("service/deliverymen.py") is None
    assert files(["service/cli"], rooms, ROOT) == []


def test_a_kernel_is_part_of_those_that_call_it() -> None:
    """What numba compiles into another kernel is compiled again there, and nowhere else."""
    path = "service/matching/engine/kernel/proximity.py"
    modules = modules_with(path, kernel_sources(), ROOT)
    assert "service.matching.engine.kernel.match" in modules
    assert "service.matching.engine.kernel.scan" not in modules
    assert "service.alerts.stories.minhash" not in modules
