"""The folder of compiled rules: a file for each cache key, of which the newest stay."""

from __future__ import annotations

import contextlib
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from service.rules.compilation.rule_set import RuleSet
from service.rules.live.compiled_file import write_rules

KEPT_FILES = 3
"""Files that stay in the folder: the rules in force, and earlier ones that may come back."""
UNFINISHED_AFTER = timedelta(hours=1)
"""Age from which an unfinished file is known to be from a process that was killed."""


def cached_path(folder: Path, key: str) -> Path:
    """The path of the compiled rules with this key."""
    return folder / f"{key}.rules"


def store_rules(folder: Path, key: str, rule_set: RuleSet, *, keep: bool) -> Path:
    """Writes a set of rules into the folder, or into a temporary one if that is not possible.

    Unless `keep`, it goes into a temporary folder, where the next start does not find it. Returns
    the path of the file. Raises OSError if no folder can be written.
    """
    try:
        if not keep:
            raise OSError("rules with faults are not stored: the next start reports them again")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_rules(cached_path(folder, key), key, rule_set)
    except OSError:
        # A container with a read-only file system still has /dev/shm.
        for temporary in (None, "/dev/shm"):  # noqa: S108 - mkdtemp makes a folder of our own
            with contextlib.suppress(OSError):
                folder = Path(tempfile.mkdtemp(prefix="tocsin-", dir=temporary))
                write_rules(cached_path(folder, key), key, rule_set)
                break
        else:
            raise
    return cached_path(folder, key)


def delete_old_files(folder: Path) -> None:
    """Deletes all but the newest files, and unfinished files of processes that were killed.

    A process that has mapped a file can use it to the end. Raises OSError.
    """
    newest = sorted(folder.glob("*.rules"), key=_modified)
    oldest = time.time() - UNFINISHED_AFTER.total_seconds()
    unfinished = (each for each in folder.glob("*.tmp") if _modified(each) < oldest)
    for path in (*newest[:-KEPT_FILES], *unfinished):
        path.unlink(missing_ok=True)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process deletes old files too
        return 0.0
