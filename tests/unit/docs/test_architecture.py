"""docs/architecture.md is about the code as it is, and the pages name files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import service

ROOT = Path(__file__).parents[3]
PACKAGE = Path(service.__file__).parent
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "README.md"]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CODE_MARKS = re.compile(r"`([\w./<>-]+)`")
"""A path or a name in code marks."""


def rooms() -> list[str]:
    """Every room and inner room of the package, but those of single channels."""
    found = [path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]
    channels = PACKAGE / "delivery" / "channels"
    return [f"{path.relative_to(ROOT)}/" for path in found if path.parent != channels]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_paths_on_a_page_exist(page: Path) -> None:
    """Each path below `service/`, `tests/`, `docs/` or `benchmarks/` in code marks."""
    named = CODE_MARKS.findall(page.read_text(encoding="utf-8"))
    paths = [name for name in named if re.match(r"(service|tests|docs|benchmarks)/", name)]
    assert [path for path in paths if "<" not in path and not (ROOT / path).exists()] == []


def test_every_room_has_its_question() -> None:
    """One row for each, and no row for a room that is gone."""
    rows = re.findall(r"^\| `(service/[\w/]+/)` \| .+\? ?.*\|$", ARCHITECTURE, re.MULTILINE)
    assert sorted(rows) == sorted(rooms())


def test_every_module_of_the_ground_is_named() -> None:
    """Those that are in no room."""
    modules = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert {name for name in modules if f"`service/{name}`" not in ARCHITECTURE} == set()


def test_the_picture_shows_every_room_in_order() -> None:
    """Those of pyproject.toml, from the top down, in at most 80 columns."""
    picture = ARCHITECTURE.split("```text\n")[1].split("```")[0]
    assert max(map(len, picture.splitlines())) <= 80
    shown = re.findall(r"│ (\w+)  ", picture)
    names = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert names == {name for name in shown if (PACKAGE / name).is_dir()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link names a file or folder, and a heading where it says so."""
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings]
            assert heading in slugs, link


def test_every_page_is_in_the_guide() -> None:
    """docs/README.md says of each page for whom it is."""
    guide = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page})" not in guide} == set()
