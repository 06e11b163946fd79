"""A folder of rules files: which files it has, and whether they have changed."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.errors import ConfigError
from service.rules.live.failures import FilesChanged
from service.rules.live.folder import (
    FolderContent,
    WatchedFolder,
    find_files,
    read_files,
    read_inside,
)

HOUR = timedelta(hours=1)
RULES = "rules.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one file."""
    (tmp_path / RULES).write_text("one", encoding="utf-8")
    return tmp_path


def accepted(watched: WatchedFolder) -> FolderContent:
    """The content of the folder, which is in force from now on."""
    content = watched.read_change()
    assert content is not None
    watched.accept(content)
    return content


def change_unseen(watched: WatchedFolder, content: FolderContent) -> None:
    """Change the file, and let the folder believe that its times were the same before."""
    (watched.path / RULES).write_text("two", encoding="utf-8")
    now = WatchedFolder(watched.path).read_change()
    assert now is not None
    watched.accept(replace(content, stats=now.stats))


def test_a_change_is_read_once(folder: Path) -> None:
    """Until it is accepted, it is a change; then there is none."""
    watched = WatchedFolder(folder)
    assert watched.read_change() == watched.read_change()
    accepted(watched)
    assert watched.read_change() is None
    (folder / RULES).write_text("other", encoding="utf-8")
    assert accepted(watched).texts[str(folder / RULES)] == "other"
    (folder / "more.yaml").touch()
    assert len(accepted(watched).files) == 2


def test_a_change_that_the_times_do_not_show_is_found(folder: Path) -> None:
    """Two writes within the resolution of the times: the first was read, then came the second."""
    watched = WatchedFolder(folder, HOUR)
    content = accepted(watched)
    assert watched.read_change() is None
    change_unseen(watched, content)
    changed = watched.read_change()
    assert changed is not None
    assert changed.files[str(folder / RULES)] == b"two"


def test_times_are_trusted_when_the_resolution_is_past(folder: Path) -> None:
    """From then on the files are not read at every look."""
    watched = WatchedFolder(folder, -HOUR)
    content = accepted(watched)
    assert watched.read_change() is None
    change_unseen(watched, content)
    (now,) = watched._stats or ()
    watched._settled = {now: content.digests[str(folder / RULES)]}
    assert watched.read_change() is None


def test_only_what_has_changed_is_read(folder: Path) -> None:
    """Another file is read when it is asked for, and must be as it was."""
    (folder / "more.yaml").write_text("more", encoding="utf-8")
    watched = WatchedFolder(folder, -HOUR)
    accepted(watched)
    (folder / RULES).write_text("two", encoding="utf-8")
    content = accepted(watched)
    assert content.digests == WatchedFolder(folder).read().digests
    assert content.size == len("more") + len("two")
    (folder / RULES).write_text("three", encoding="utf-8")
    assert content.files[str(folder / RULES)] == b"two"
    assert content.files[str(folder / "more.yaml")] == b"more"
    (folder / "more.yaml").write_text("other", encoding="utf-8")
    with pytest.raises(FilesChanged):
        content.files[str(folder / "more.yaml")]


def test_hidden_files_are_ignored(tmp_path: Path) -> None:
    """Hidden is what begins with a dot within the folder; the folder's own path does not count."""
    folder = tmp_path / ".config" / "rules"
    (folder / ".git").mkdir(parents=True)
    for name in ("a.yaml", ".b.yaml", ".git/c.yaml"):
        (folder / name).touch()
    assert find_files(folder) == [folder / "a.yaml"]


def test_the_ending_may_be_in_capitals(tmp_path: Path) -> None:
    """As some editors write it; a folder with such a name is looked into."""
    (tmp_path / "more.yaml").mkdir()
    for name in ("a.YAML", "b.Yml", "c.yaml", "d.txt", "e.yaml.bak", "more.yaml/f.yml"):
        (tmp_path / name).touch()
    names = [str(path.relative_to(tmp_path)) for path in find_files(tmp_path)]
    assert names == ["a.YAML", "b.Yml", "c.yaml", "more.yaml/f.yml"]


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    """As Kubernetes mounts a ConfigMap; the folder itself may be a link, too."""
    real = tmp_path / "real"
    (real / "..data").mkdir(parents=True)
    (real / "..data" / RULES).write_text("one")
    (real / RULES).symlink_to(Path("..data") / RULES)
    (tmp_path / "rules").symlink_to(real)
    assert list(read_files(tmp_path / "rules").values()) == [b"one"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/etc/passwd", "leads out of"),
        ("/proc/self/environ", "leads out of"),
        ("/dev/zero", "leads out of"),
        ("../outside.yaml", "leads out of"),
        ("nowhere.yaml", "No such file"),
        ("rules.yaml", "links lead nowhere|Too many levels"),
    ],
)
def test_a_link_that_leads_elsewhere_is_an_error(tmp_path: Path, target: str, said: str) -> None:
    """Whoever writes rules reads no file of the machine through them."""
    (tmp_path / "outside.yaml").write_text("secret: x")
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / RULES).symlink_to(target)
    with pytest.raises(ConfigError, match=said):
        WatchedFolder(folder).read_change()


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    """A pipe would be waited for, for ever."""
    os.mkfifo(tmp_path / RULES)
    with pytest.raises(ConfigError, match="this is not a file with text"):
        read_files(tmp_path)


def test_a_file_is_read_to_its_limit(folder: Path) -> None:
    """What is larger is refused; it is read no further."""
    assert read_inside(folder / RULES, [folder], 3) == b"one"
    (folder / RULES).write_bytes(b"x" * (2 * 2**20 + 1))
    with pytest.raises(ConfigError, match="larger than 2 MiB"):
        read_inside(folder / RULES, [folder], 2 * 2**20)


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """It says what to do."""
    with pytest.raises(ConfigError, match="create the folder, or set TOCSIN_RULES"):
        read_files(tmp_path / "nowhere")


def test_one_file_is_called_what_its_folder_is_called(folder: Path) -> None:
    """`TOCSIN_RULES` may name either: workers offer one another the same rules."""
    one, all_of_them = WatchedFolder(folder / RULES).read(), WatchedFolder(folder).read()
    assert one.offer == all_of_them.offer


def test_times_are_trusted_when_the_resolution_is_past_for_every_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was just written may be written again, however old the others are."""
    (folder / "more.yaml").touch()
    times = {path: path.stat().st_ctime_ns for path in folder.iterdir()}
    while min(times.values()) == max(times.values()):
        (folder / "more.yaml").touch()
        times = {path: path.stat().st_ctime_ns for path in folder.iterdir()}
    watched = WatchedFolder(folder, timedelta(0))
    monkeypatch.setattr("time.time_ns", lambda: max(times.values()))
    accepted(watched)
    assert watched.read_change() is None
    assert [stat.ctime_ns for stat in watched._settled] == [min(times.values())]
    monkeypatch.setattr("time.time_ns", lambda: max(times.values()) + 1)
    assert watched.read_change() is None
    assert len(watched._settled) == len(times)
