"""The rules files of a folder, and whether they have changed."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from service.errors import ConfigError
from service.rules.live.cache_key import cache_key, file_digest, file_digests, offer_digest
from service.rules.live.failures import FilesChanged


class FileStat(NamedTuple):
    """What the file system says about a file; it changes when the file changes."""

    name: str
    inode: int
    size: int
    mtime_ns: int
    """Time of the last change of its content, in nanoseconds since 1970."""
    ctime_ns: int
    """Time of any change to it, in nanoseconds since 1970."""


FILE_TIME_RESOLUTION = timedelta(seconds=2)
"""Time within which a file system may give two changes the same time: 10 ms on most systems, 2 s on
the coarsest."""
ENDINGS = frozenset({".yaml", ".yml"})
"""Of the names of rules files, in small letters or capitals."""
MAX_FILE_BYTES = 256 * 2**20
"""Of one rules file."""


def find_files(path: Path) -> list[Path]:
    """The rules files under a folder, in order, or the one file that `path` is.

    Raises ConfigError if there is neither.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ConfigError(f"{path}: there are no rules; create the folder, or set TOCSIN_RULES")
    return sorted(Path(entry.path) for entry in _entries(path))


def _entries(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    """The rules files under a folder, in no special order; links to folders are not followed."""
    try:
        with os.scandir(folder) as found:
            named = [entry for entry in found if not entry.name.startswith(".")]
    except OSError:  # no folder of ours, or gone meanwhile
        return
    for entry in named:
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(entry.path)
        elif os.path.splitext(entry.name)[1].lower() in ENDINGS:  # noqa: PTH122 - of many files
            yield entry


def read_files(path: Path) -> dict[str, bytes]:
    """The content of each rules file. Raises ConfigError."""
    root = folder_of(path)
    return {str(each): read_inside(each, (root,), MAX_FILE_BYTES) for each in find_files(path)}


def folder_of(path: Path) -> Path:
    """The folder that rules files must be in: `path` itself, or that of the file that it is."""
    return path if path.is_dir() else path.parent


def read_inside(path: Path, roots: Sequence[Path], max_bytes: int) -> bytes:
    """The content of a regular file in one of these folders, wherever links lead.

    Raises ConfigError for another file, for one that is larger, and for one that cannot be read.
    """
    try:
        real = path.resolve(strict=True)
        if not any(real.is_relative_to(root.resolve()) for root in roots):
            raise ConfigError(f"{path}: this leads out of {roots[0]}; put the file itself there")
        # Without O_NONBLOCK a pipe would be waited for.
        opened = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(opened, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError(f"{path}: this is not a file with text; remove it")
            content = file.read(max_bytes + 1)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that go round in a circle
        reason = getattr(error, "strerror", None) or "its links lead nowhere"
        message = f"{path}: {reason}; give this user a file that it can read, or remove it"
        raise ConfigError(message) from error
    if len(content) > max_bytes:
        raise ConfigError(f"{path}: larger than {max_bytes // 2**20} MiB; part it")
    return content


class DecodedTexts(Mapping[str, str]):
    """Contents as texts, each decoded when asked for; a byte that is not UTF-8 becomes a fault."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents

    def __getitem__(self, name: str) -> str:
        return self._contents[name].decode("utf-8-sig", "surrogateescape")

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)


class FolderFiles(Mapping[str, bytes]):
    """The contents of files whose digests are known, each read when it is asked for."""

    def __init__(self, root: Path, digests: Mapping[str, str], read: Mapping[str, bytes]) -> None:
        """`read`: contents that were read already."""
        self._root = root
        self._digests = digests
        self._read = read

    def __getitem__(self, name: str) -> bytes:
        """Raises FilesChanged, ConfigError."""
        digest = self._digests[name]
        content = self._read.get(name)
        if content is None:
            content = read_inside(Path(name), (self._root,), MAX_FILE_BYTES)
            if file_digest(content) != digest:
                raise FilesChanged("the rules files have changed again")
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self._digests)

    def __len__(self) -> int:
        return len(self._digests)


@dataclass(frozen=True, slots=True)
class FolderContent:
    """The rules files at one moment."""

    stats: tuple[FileStat, ...]
    files: Mapping[str, bytes]
    digests: Mapping[str, str]
    """The digest of each file's content."""
    key: str
    """The cache key of the files."""
    offer: str
    """What they are called among workers."""

    @property
    def texts(self) -> DecodedTexts:
        """The files as texts."""
        return DecodedTexts(self.files)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(stat.size for stat in self.stats)


class WatchedFolder:
    """A folder of rules files, compared with its content that is in force.

    A file is read when it is new or has other times than before. One that is written twice within
    the resolution of its times may keep them: it is read again until that time is past.
    """

    def __init__(self, path: Path, resolution: timedelta = FILE_TIME_RESOLUTION) -> None:
        """`resolution`: within it, the file system may give two changes the same time."""
        self.path = path
        self._resolution = resolution
        self._stats: tuple[FileStat, ...] | None = None
        self._key = ""
        self._settled: Mapping[FileStat, str] = {}
        """The digests of files whose times are past the resolution."""

    def accept(self, content: FolderContent) -> None:
        """From now on, compare with this content."""
        self._stats, self._key = content.stats, content.key

    def read_change(self) -> FolderContent | None:
        """The content of the folder if it has changed, else None. Raises ConfigError, OSError."""
        stats = _file_stats(self.path)
        if stats != self._stats:
            return self.read(stats)
        if len(self._settled) == len(stats):
            return None
        content = self.read(stats)
        return None if content.key == self._key else content

    def read(self, stats: tuple[FileStat, ...] | None = None) -> FolderContent:
        """The content of the folder. Raises ConfigError, OSError."""
        stats = stats or _file_stats(self.path)
        root, known = folder_of(self.path), self._settled
        late = time.time_ns() - int(self._resolution / timedelta(microseconds=1)) * 1000
        read = {
            stat.name: read_inside(Path(stat.name), (root,), MAX_FILE_BYTES)
            for stat in stats
            if stat not in known
        }
        new = file_digests(read)
        digests = {stat.name: new.get(stat.name) or known[stat] for stat in stats}
        self._settled = {stat: digests[stat.name] for stat in stats if stat.ctime_ns < late}
        files = FolderFiles(root, digests, read)
        return FolderContent(stats, files, digests, cache_key(digests), offer_digest(root, digests))


def _file_stats(path: Path) -> tuple[FileStat, ...]:
    """The state of each file, without reading its content. Raises ConfigError, OSError."""
    if not path.is_dir():
        found = [(str(each), _stat(each)) for each in find_files(path)]
    else:
        found = sorted((entry.path.removeprefix("./"), _stat(entry)) for entry in _entries(path))
    return tuple(
        FileStat(name, one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns)
        for name, one in found
    )


def _stat(file: Path | os.DirEntry[str]) -> os.stat_result:
    try:
        return file.stat()
    except OSError:  # a link that leads nowhere; to read it says so
        return os.lstat(file)
