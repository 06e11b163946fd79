"""A rules file that a command writes."""

from __future__ import annotations

import shutil
from pathlib import Path

from service.errors import ConfigError


def replace_file(path: Path, text: str) -> None:
    """Write a rules file at once, so that no worker reads half of it. Raises ConfigError."""
    target = path.resolve()
    new = target.with_name(f".{target.name}.new")
    mark = "utf-8-sig" if target.read_bytes().startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        new.write_bytes(text.encode(mark, "surrogateescape"))
        shutil.copymode(target, new)
        new.replace(target)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise ConfigError(f"{path}: {error.strerror}") from error
