"""Files that are given to a command."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import typer

from service.articles.files.entries import MAX_FILE_BYTES, Source, UnreadableError


def named(name: str) -> str:
    """A file's name as an argument gives it. Raises BadParameter where there is no such file."""
    path = Path(name)
    if name != "-" and path.is_dir():
        raise typer.BadParameter(f"{name} is a folder; name its files: {name.rstrip('/')}/*")
    if name != "-" and not path.exists():
        raise typer.BadParameter(f"{name}: {os.strerror(errno.ENOENT)}")
    return name


def source(name: str) -> Source:
    """A file by its name; `-` is stdin. Raises UnreadableError."""
    if name == "-":
        return Source("stdin", sys.stdin.buffer.read())
    path = Path(named(name))
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnreadableError(f"{name}: larger than {MAX_FILE_BYTES // 2**20} MiB; part it")
        return Source(name, path.read_bytes())
    except OSError as error:
        raise UnreadableError(f"{name}: {error.strerror}") from error
