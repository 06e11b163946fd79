"""A mutant is tried in a copy of the tree, with the tests that can see it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mutants.python_source import python_mutants
from mutants.tables import Scope
from mutants.trials import BrokenTests, Verdict, Workshop, try_all, workshops

ROOT = Path(__file__).parents[3]
SCOPE = Scope({"service": [["tests/unit/test_far.py"]]})
SOURCE = """
def price(pieces):
    reduced = pieces > 10
    return pieces * (3 if reduced else 4)
"""
NEAR = """
from service.price import price
def test_few() -> None:
    assert price(2) == 8
"""
FAR = NEAR.replace("few", "many").replace("2) == 8", "20) == 60")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small product with its tests."""
    root = tmp_path / "tree"
    for path, text in {
        "service/__init__.py": "",
        "service/price.py": SOURCE,
        "tests/unit/test_price.py": NEAR,
        "tests/unit/test_far.py": FAR,
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n',
        "README.md": "",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    shutil.copytree(ROOT / "tests" / "mutants", root / "tests" / "mutants")
    for name in ("rules", "docs", "deploy"):
        (root / name).mkdir()
    return root


@pytest.fixture
def workshop(tree: Path, tmp_path: Path) -> Iterator[Workshop]:
    """A copy of it."""
    with workshops(tree, tmp_path / "copies", 1, SCOPE) as (made,):
        yield made


BECOMES = {
    "return pieces * ((4))": ("killed", "tests/unit/test_far.py::test_many"),
    "return pieces * (3 if reduced else 5)": ("killed", "tests/unit/test_price.py::test_few"),
    "reduced = pieces >= 10": ("survived", ""),
}
"""By the line with its fault. Each costs half a second, so no others are tried."""


def test_what_becomes_of_mutants(tree: Path, workshop: Workshop) -> None:
    """Seen by the nearest test, by another, or by none; the tree stays as it is."""
    source = SOURCE.encode()
    mutants = {one.change(source)[1]: one for one in python_mutants("service/price.py", source)}
    verdicts: list[Verdict] = []
    try_all([mutants[line] for line in BECOMES], [workshop], verdicts.append)
    found = {each.mutant.change(source)[1]: (each.outcome, each.by) for each in verdicts}
    assert found == BECOMES
    assert (tree / "service/price.py").read_text() == SOURCE


def test_tests_that_fail_without_a_mutant_say_nothing(tree: Path, tmp_path: Path) -> None:
    """They would see every one; so nothing is tried."""
    (tree / "tests/unit/test_price.py").write_text(NEAR.replace("8", "9"))
    mutant = python_mutants("service/price.py", SOURCE.encode())[0]
    with (
        workshops(tree, tmp_path / "copies", 1, SCOPE) as made,
        pytest.raises(BrokenTests, match="test_few"),
    ):
        try_all([mutant], made, lambda _: None)
