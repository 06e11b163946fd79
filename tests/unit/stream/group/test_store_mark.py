"""What a machine remembers of a store on its disk."""

from __future__ import annotations

from pathlib import Path

from service.stream.group.store_mark import StoreMark


def test_what_was_written_is_read_for_the_same_stream_of_the_same_store(tmp_path: Path) -> None:
    """Another store or another stream has a mark of its own."""
    StoreMark(tmp_path, "redis:6379", "articles").write("a1")
    assert StoreMark(tmp_path, "redis:6379", "articles").read() == "a1"
    assert StoreMark(tmp_path, "other:6379", "articles").read() == ""
    assert StoreMark(tmp_path, "redis:6379", "wires").read() == ""


def test_what_is_no_mark_is_not_known(tmp_path: Path) -> None:
    """A disk that was damaged must not keep the service from starting."""
    mark = StoreMark(tmp_path, "redis:6379", "articles")
    mark.write("a1")
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"\xff\xfe")
    assert mark.read() == ""


def test_a_disk_that_takes_nothing_is_said(tmp_path: Path) -> None:
    """Nothing is remembered then, and nothing is raised."""
    (tmp_path / "file").write_text("x")
    mark = StoreMark(tmp_path / "file" / "folder", "redis:6379", "articles")
    mark.write("a1")
    assert mark.read() == ""
