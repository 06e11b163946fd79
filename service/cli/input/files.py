"""Files that are given to a command."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from service.articles.files import Source


def source(name: str) -> Source:
    """A file by its name as an argument gives it; `-` is stdin."""
    if name == "-":
        return Source("stdin", sys.stdin.buffer.read())
    path = Path(name)
    if path.is_dir():
        raise typer.BadParameter(f"{name} is a folder; name its files: {name.rstrip('/')}/*")
    try:
        return Source(name, path.read_bytes())
    except OSError as error:
        raise typer.BadParameter(f"{name}: {error.strerror}") from error
