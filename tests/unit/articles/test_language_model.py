"""The unpacked model of languages: kept in a file where possible, and never wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from service.articles.language_model import folders, kept_or_unpacked

WANTED = {"devanagari": ["hi", "ne"], "arabic": ["ar", "fa"]}


def contents(places: list[Path]) -> Mapping[str, object]:
    """What is found of the wanted languages with the file in one of these folders."""
    unpacked = kept_or_unpacked(WANTED, places)
    return {**unpacked.classes, **{name: bytes(part) for name, part in unpacked.parts.items()}}


@pytest.fixture(scope="module")
def unpacked() -> Mapping[str, object]:
    """What is found without a file."""
    return contents([])


def test_a_kept_model_is_the_unpacked_one(tmp_path: Path, unpacked: Mapping[str, object]) -> None:
    """The file is written once, and says all of it; everybody may read it."""
    place = tmp_path / "new"
    assert contents([place]) == unpacked
    (file,) = place.iterdir()
    written = file.stat()
    assert written.st_mode & 0o444 == 0o444
    assert contents([place]) == unpacked
    assert file.stat() == written


@pytest.mark.parametrize("left", [0, 10, 64, 300, -64, -1])
def test_a_file_that_is_not_whole_is_written_anew(
    tmp_path: Path, unpacked: Mapping[str, object], left: int
) -> None:
    """Whatever is missing of it."""
    contents([tmp_path])
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:left])
    assert contents([tmp_path]) == unpacked
    assert file.read_bytes() == whole


def test_the_next_folder_is_taken_where_one_is_not_writable(
    tmp_path: Path, unpacked: Mapping[str, object]
) -> None:
    """A file stands where the first folder would be; then nothing can be kept."""
    taken, other = tmp_path / "file", tmp_path / "folder"
    taken.write_text("")
    assert contents([taken, other]) == contents([taken]) == unpacked
    assert len([*other.iterdir()]) == 1


def test_the_model_is_kept_beside_the_source_else_in_the_users_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As compiled kernels are; a user without a home has no cache."""
    monkeypatch.setenv("HOME", "/home/somebody")
    beside, cache = folders()
    assert (beside.name, beside.parent.name) == ("__pycache__", "articles")
    assert cache == Path("/home/somebody/.cache/tocsin")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError))
    assert [*folders()] == [beside]
