"""The shape of the house: which module may import which, and what those that decide must not do."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
LAYERS, PURITY = CONTRACTS

IMPURE_CALLS = {
    "getenv",
    "getrandom",
    "input",
    "now",
    "open",
    "read_bytes",
    "read_text",
    "today",
    "urandom",
    "utcnow",
    "uuid1",
    "uuid4",
    "write_bytes",
    "write_text",
}
"""What reads the clock, chance or a file, by the last part of its name."""


def lint_imports(directory: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts on the package in this directory."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(directory)},
        capture_output=True,
        text=True,
        check=False,
    )


def impurities(source: str) -> list[str]:
    """What stands in this source that a pure module must not have, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                imported = [name.name for name in names]
            case ast.ImportFrom(module=str(module)):
                imported = [module]
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                imported = []
                if name in IMPURE_CALLS:
                    found.append(f"line {node.lineno}: calls {name}")
            case _:
                continue
        found += [
            f"line {node.lineno}: imports {name}"
            for name in imported
            if name.split(".")[0] in PURITY["forbidden_modules"]
        ]
    return found


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the package: its name and its file."""
    for path in sorted((ROOT / "service").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


def is_in(name: str, listed: set[str]) -> bool:
    """Whether a module, or a package it belongs to, is listed."""
    return any(name == each or name.startswith(f"{each}.") for each in listed)


def test_every_import_points_along_the_way() -> None:
    """The contracts of pyproject.toml hold."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "told"),
    [
        ("errors", "import service.log", "service.errors -> service.log"),
        ("alert", "from service.outbox import Outbox", "service.alert -> service.outbox"),
        ("alert", "import time", "service.alert -> time"),
        ("article", "import redis.asyncio", "service.article -> redis"),
    ],
)
def test_an_import_against_the_way_is_noticed(
    tmp_path: Path, module: str, line: str, told: str
) -> None:
    """The check would fail: one wrong line in a copy of the package breaks a contract."""
    shutil.copytree(ROOT / "service", tmp_path / "service")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "service" / f"{module}.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert told in done.stdout


def test_every_module_has_its_place() -> None:
    """A new module is written into the layers; one that is missing there could import anything."""
    placed = set(re.findall(r"service[\w.]*", " ".join(LAYERS["layers"])))
    packages = {"service", "service.delivery", "service.matching"}
    homeless = [name for name, _ in modules() if name not in packages and not is_in(name, placed)]
    assert homeless == []


@pytest.mark.parametrize(
    ("name", "path"),
    [(name, path) for name, path in modules() if is_in(name, set(PURITY["source_modules"]))],
)
def test_what_decides_reads_no_clock_file_or_chance(name: str, path: Path) -> None:
    """A pure module gets such things as arguments, so the same input always decides the same."""
    assert impurities(path.read_text(encoding="utf-8")) == [], name


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "from random import random",
        "from redis.asyncio import Redis",
        "def f():\n    import httpx",
        "from datetime import datetime\ndatetime.now()",
        "datetime.datetime.utcnow()",
        "date.today()",
        "open('rules.yaml')",
        "Path('rules.yaml').read_text()",
        "uuid.uuid4()",
    ],
)
def test_what_is_impure_is_noticed(source: str) -> None:
    """The check of the pure modules would fail on each of these."""
    assert len(impurities(source)) == 1


def test_what_is_pure_is_let_through() -> None:
    """Given times, digests and the project's own modules are no offence."""
    source = "import hashlib\nfrom service.errors import BadEntry\nat = at.astimezone(UTC)\n"
    assert impurities(source) == []
