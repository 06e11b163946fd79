"""The names that rules files have for all workers, wherever each has its folder."""

from __future__ import annotations

from pathlib import PurePath


def relative_name(file: str, root: str) -> str:
    """A file's path below a folder; its name where it is elsewhere. Many files: no path is made."""
    below = root if root.endswith("/") else f"{root}/"
    if root == "." and not file.startswith("/"):
        return file
    return file.removeprefix(below) if file.startswith(below) else PurePath(file).name
