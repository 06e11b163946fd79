"""What was unpacked is kept in a file where possible, and never wrong."""

from __future__ import annotations

import sys
from array import array
from pathlib import Path

import pytest

from service.articles.language.kept_file import Unpacked, folders, kept

PARTS = {
    "numbers": memoryview(array("I", range(1000))),
    "none": memoryview(b""),
    "b": memoryview(b"ab"),
}
MORE = 9_999


class Packed:
    """Something packed, and how often it was unpacked."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "packed"
        self.file.write_bytes(b"packed")
        self.unpacked = 0

    def unpack(self) -> Unpacked:
        """What is in it."""
        self.unpacked += 1
        return Unpacked({"of": "it"}, PARTS)

    def kept(self, *places: Path, given: object = 1) -> Unpacked | None:
        """From a file in one of these folders."""
        return kept("things", places, self.file, given, self.unpack)


@pytest.fixture
def packed(tmp_path: Path) -> Packed:
    """A file that is to be unpacked."""
    return Packed(tmp_path)


def test_it_is_unpacked_once(tmp_path: Path, packed: Packed) -> None:
    """What is found later is what was found first; everybody may read the file."""
    place = tmp_path / "new" / "folder"
    for _ in range(3):
        assert packed.kept(place) == ({"of": "it"}, PARTS)
    assert packed.unpacked == 1
    (file,) = place.iterdir()
    assert file.stat().st_mode & 0o777 == 0o644


def test_what_else_is_packed_or_wanted_is_another_file(
    tmp_path: Path, packed: Packed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release of a library may have another model under the same name, a home be of machines
    that order the bytes of a number otherwise.
    """
    place = tmp_path / "folder"
    packed.kept(place)
    packed.kept(place, given=2)
    packed.file.write_bytes(b"other")
    packed.kept(place)
    monkeypatch.setattr("sys.byteorder", {"big": "little", "little": "big"}[sys.byteorder])
    packed.kept(place)
    assert packed.unpacked == len([*place.iterdir()]) == 4


@pytest.mark.parametrize("left", [0, 10, 64, 100, 300, -64, -1, MORE])
def test_a_file_that_is_not_whole_is_written_anew(
    tmp_path: Path, packed: Packed, left: int
) -> None:
    """Whatever is missing of it, or was written behind it."""
    place = tmp_path / "folder"
    packed.kept(place)
    (file,) = place.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:left] if left != MORE else whole + bytes(64))
    assert packed.kept(place) == ({"of": "it"}, PARTS)
    assert packed.unpacked == 2
    assert file.read_bytes() == whole


def test_the_next_folder_is_taken_where_one_is_not_writable(tmp_path: Path, packed: Packed) -> None:
    """A file stands where the first would be; without another, nothing is unpacked."""
    taken, other = tmp_path / "packed", tmp_path / "folder"
    assert packed.kept(taken) is None
    assert packed.unpacked == 0
    assert packed.kept(taken, other) == packed.kept(other) == ({"of": "it"}, PARTS)
    assert packed.unpacked == len([*other.iterdir()]) == 1


def test_nothing_is_left_of_what_fails(tmp_path: Path, packed: Packed) -> None:
    """A file that is half written is no file."""

    def fail() -> Unpacked:
        raise RuntimeError

    place = tmp_path / "folder"
    with pytest.raises(RuntimeError):
        kept("things", [place], packed.file, 1, fail)
    assert [*place.iterdir()] == []


def test_files_are_beside_the_source_else_in_the_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As compiled kernels are; a user without a home has no cache."""
    monkeypatch.setenv("HOME", "/home/somebody")
    beside, cache = folders("/program/source.py")
    assert beside == Path("/program/__pycache__")
    assert cache == Path("/home/somebody/.cache/tocsin")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError))
    assert folders("/program/source.py") == [beside]
