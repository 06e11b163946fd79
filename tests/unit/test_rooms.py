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
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from service.matching.kernel_files import kernel_sources
from service.rules.live.cache_key import program_files

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
LAYERS, PURITY, CIRCLES, TRANSPORT, TRACES = CONTRACTS
NOT_PURE = {
    "service.articles.language.kept_file",
    "service.matching.compiler",
    "service.matching.kernel_files",
    "service.matching.words.dictionary.word_table",
    "service.rules.live",
}
"""Parts of pure rooms that read files: kernels and a model that are kept, tables that ship, and the
rules."""
MOST_NAMES = 13
MOST_NAMES_AT_THE_TOP = 17
MAX_LINES = 250
"""Of a module."""
MAX_FUNCTION_LINES = 60
LARGE_KERNELS = {
    "service.matching.engine.kernel.match.match",
    "service.matching.engine.kernel.programs.run",
    "service.matching.engine.kernel.scan.scan",
    "service.matching.engine.kernel.scores.score.score",
}
"""Functions that numba compiles: calls between kernels cost it more than a long loop costs us."""

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


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file, which is parsed once for all tests."""
    return ast.parse(path.read_text(encoding="utf-8"))


def impurities(tree: ast.Module) -> list[str]:
    """What stands in a module that a pure one must not have, each with its line."""
    found = []
    for node in ast.walk(tree):
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
    return any(fnmatchcase(name, each) or name.startswith(f"{each}.") for each in listed)


def test_every_import_points_along_the_way() -> None:
    """The contracts of pyproject.toml hold."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


WRONG_IMPORTS = [
    ("errors", "import service.telemetry.log", "service.errors -> service.telemetry"),
    (
        "alerts/alert",
        "from service.store.commit.commit import Outbox",
        "service.alerts.alert -> service.store.commit.commit",
    ),
    ("alerts/alert", "import time", "service.alerts.alert -> time"),
    ("articles/article", "import redis.asyncio", "service.articles.article -> redis"),
    ("matching/words/text", "import service.matching.syntax.tree", ".words -> .syntax"),
    ("delivery/http/exchange", "import aiohttp", "service.delivery.http.exchange -> aiohttp"),
    ("delivery/outcome", "import opentelemetry.sdk", "service.delivery.outcome -> opentelemetry"),
    ("attic", '"""A room that has no place in the layers could import anything."""', "attic"),
]
"""The module of each, the wrong line, and what names it in the output of the check."""


def test_imports_against_the_way_are_noticed(tmp_path: Path) -> None:
    """The check fails, and names each wrong line of a copy of the package."""
    unread = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "service", tmp_path / "service", ignore=unread)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, line, _ in WRONG_IMPORTS:
        with (tmp_path / "service" / f"{module}.py").open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert f"Contracts: 0 kept, {len(CONTRACTS)} broken." in done.stdout
    assert [told for _, _, told in WRONG_IMPORTS if told not in done.stdout] == []


def names(room: Path) -> set[str]:
    """What somebody sees who lists a room, but for the page that says what it is."""
    unseen = {"__init__", "__pycache__"}
    return {path.name.removesuffix(".lua").removesuffix(".py") for path in room.iterdir()} - unseen


def rooms(top: str) -> list[Path]:
    """A folder and every folder in it that holds code: one of data has a file a language."""
    folders = [path for path in (ROOT / top).rglob("*") if path.is_dir() and any(path.glob("*.py"))]
    return [ROOT / top, *(path for path in folders if "__pycache__" not in path.parts)]


def test_a_room_can_be_taken_in_at_a_glance() -> None:
    """At most 13 names in a room, 17 at the top: one that outgrows it gets rooms of its own."""
    most = {ROOT / "service": MOST_NAMES_AT_THE_TOP}
    large = {
        str(room.relative_to(ROOT)): sorted(names(room))
        for room in rooms("service")
        if len(names(room)) > most.get(room, MOST_NAMES)
    }
    assert large == {}


def test_compiled_rules_are_bound_to_the_engine() -> None:
    """What is compiled by another engine is not current: its digest takes in all of the package."""
    hashed = {path.relative_to(ROOT / "service").as_posix() for path in program_files()}
    tables = {"matching/words/frequencies.txt", "matching/words/tables/en.forms"}
    assert {"matching/engine/compile.py", "errors.py", *tables} <= hashed
    assert len(hashed) > len([name for name, _ in modules()])


class Names(NamedTuple):
    """What a file imports and defines."""

    imported: dict[str, set[str]]
    """The modules that it imports names from, each with these names."""
    defined: set[str]
    """The names that it assigns or defines, at any level."""


@cache
def names_in(path: Path) -> Names:
    """The names of a file, which are looked for once for all tests."""
    found = Names({}, set())
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.ImportFrom(module=str(module)):
                for alias in node.names:
                    found.imported.setdefault(module, set()).add(alias.name)
                    found.imported.setdefault(f"{module}.{alias.name}", set())
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.defined.add(name)
            case ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                found.defined.add(name)
    return found


def our_modules() -> dict[str, Path]:
    """Every module of the package, the tests and the benchmarks, by the name it is imported by."""
    found = dict(modules())
    for top, base in (("tests", ROOT / "tests"), ("benchmarks", ROOT)):
        for path in (ROOT / top).rglob("*.py"):
            found[".".join(path.relative_to(base).with_suffix("").parts)] = path
    return found


_FROM = re.compile(r"^\s*from ([\w.]+) import (\([^)]*\)|[^(\n]+)", re.MULTILINE)


@cache
def imports_by_line(path: Path) -> dict[str, set[str]]:
    """What a file imports, and what texts in it import: most files need not be parsed for that."""
    found: dict[str, set[str]] = {}
    for module, names in _FROM.findall(path.read_text(encoding="utf-8")):
        said = re.sub(r"#[^\n]*", "", names).strip("() \n").split(",")
        words = (each.split() for each in said)
        found.setdefault(module, set()).update(each[0] for each in words if each)
    return found


def borrowed(imported: dict[str, set[str]], definitions: dict[str, set[str]]) -> list[str]:
    """The names that are imported from a module of ours that does not define them."""
    return [
        f"{module}.{name}"
        for module, names in imported.items()
        if module in definitions
        for name in names
        if name not in definitions[module] and f"{module}.{name}" not in definitions
    ]


def borrowed_names(path: Path, definitions: dict[str, set[str]]) -> list[str]:
    """The names that a file imports from a module of ours that does not define them."""
    return borrowed(imports_by_line(path), definitions) and borrowed(
        names_in(path).imported, definitions
    )


def test_a_name_is_imported_from_where_it_is_defined() -> None:
    """A name has one home; only the `__init__` of a room may hand on names of its modules."""
    files = our_modules()
    used = {module for path in files.values() for module in imports_by_line(path)}
    definitions = {
        name: names_in(path).defined
        for name, path in files.items()
        if name in used and path.name != "__init__.py"
    }
    assert len(definitions) > 300
    found = {str(path): borrowed_names(path, definitions) for path in files.values()}
    assert {path: names for path, names in found.items() if names} == {}


def test_imports_are_seen_without_parsing() -> None:
    """All that a parser sees in a module of ours: a name that is borrowed is among them."""
    files = dict(modules())
    for path in files.values():
        seen = imports_by_line(path)
        for module, names in names_in(path).imported.items():
            assert module not in files or names <= seen.get(module, set()), path


def test_a_borrowed_name_is_noticed(tmp_path: Path) -> None:
    """The check would fail for a name that the other module imports itself."""
    path = tmp_path / "page.py"
    path.write_text("from service.articles.article import Article, Cut\n", encoding="utf-8")
    definitions = {"service.articles.article": {"Article", "compose"}}
    assert borrowed_names(path, definitions) == ["service.articles.article.Cut"]


def test_compiled_kernels_are_bound_to_their_sources() -> None:
    """A file with kernels, and one whose constants these use, changes the stamp when it changes."""
    hashed = set(kernel_sources())
    files = dict(modules())
    with_kernels = 0
    for path in files.values():
        imported = names_in(path).imported
        if imported.get("service.matching.kernels", set()) & {"compiled", "inner"}:
            with_kernels += 1
            used = {files[name] for name in imported if name in files}
            used = {each for each in used if each.name != "__init__.py"}
            assert {path, *used} <= hashed, path
    assert with_kernels > 1


def test_a_module_fits_on_a_few_screens() -> None:
    """At most 250 lines a module and 60 a function, but for the kernels that are named above."""
    large = [
        name for name, path in modules() if path.read_text(encoding="utf-8").count("\n") > MAX_LINES
    ]
    assert large == []
    long = {
        f"{name}.{node.name}"
        for name, path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert long == LARGE_KERNELS


def test_there_are_at_most_thirteen_layers() -> None:
    """The order of the rooms can be learned by heart, and names each of them."""
    assert len(LAYERS["layers"]) <= MOST_NAMES
    assert LAYERS["exhaustive"]
    assert CIRCLES["type"] == "acyclic_siblings"


def test_one_transport_knows_aiohttp() -> None:
    """Three modules of one room carry requests; all others speak httpx."""
    assert set(TRANSPORT["protected_modules"]) == {"aiohttp", "yarl"}
    rooms = {name.rpartition(".")[0] for name in TRANSPORT["allowed_importers"]}
    assert rooms == {"service.delivery.http"}


def test_one_module_knows_opentelemetry() -> None:
    """Without the extra, all others can be imported."""
    assert TRACES["protected_modules"] == ["opentelemetry"]
    assert TRACES["allowed_importers"] == ["service.telemetry.otel"]


def test_a_test_stands_where_its_room_does() -> None:
    """The path of a test that fails names the room."""
    outside = {"unit/docs", "unit/benchmarks", "unit/mutants", "integration/mutants"}
    for kind in ("unit", "integration"):
        for folder in rooms(f"tests/{kind}")[1:]:
            room = folder.relative_to(ROOT / "tests" / kind)
            assert f"{kind}/{room}" in outside or (ROOT / "service" / room).is_dir(), folder


def test_each_script_stands_beside_the_module_that_runs_it() -> None:
    """A script in Lua is run by a module of its own folder, or included by another script."""
    store = ROOT / "service" / "store"
    scripts = "".join(path.read_text(encoding="utf-8") for path in store.rglob("*.lua"))
    included = set(re.findall(r"^-- include (\S+)$", scripts, re.MULTILINE))
    for path in store.rglob("*.lua"):
        name = path.relative_to(store).with_suffix("").as_posix()
        callers = "".join(each.read_text(encoding="utf-8") for each in path.parent.glob("*.py"))
        assert name in included or f'"{name}"' in callers, name


def test_what_decides_reads_no_clock_file_or_chance() -> None:
    """A pure module gets such things as arguments, so the same input always decides the same."""
    found = {
        name: impurities(tree_of(path))
        for name, path in modules()
        if is_in(name, set(PURITY["source_modules"])) and not is_in(name, NOT_PURE)
    }
    assert len(found) > 150
    assert {name: faults for name, faults in found.items() if faults} == {}


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
    assert len(impurities(ast.parse(source))) == 1


def test_what_is_pure_is_let_through() -> None:
    """Given times, digests and the project's own modules are no offence."""
    source = "import hashlib\nfrom service.errors import BadEntry\nat = at.astimezone(UTC)\n"
    assert impurities(ast.parse(source)) == []
