"""Files that a running process looks at while a test writes them."""

from __future__ import annotations

from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader finds the old text or the new one, never an empty file."""
    new = path.with_name(f".{path.name}")  # a name that no reader of rules looks at
    new.write_text(text, encoding="utf-8")
    new.replace(path)
