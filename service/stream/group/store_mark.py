"""What a process remembers, on its own disk, of the store that it read: is it still that one?

Redis itself cannot tell: one that was emptied while no service ran looks like a new one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


class StoreMark:
    """The id of the store of one stream, as this machine knew it last.

    Where the disk cannot be read or written, nothing is remembered.
    """

    def __init__(self, folder: Path, store: str, stream: str) -> None:
        """`folder`: where marks are kept; `store`: the address of Redis, as it is shown."""
        name = hashlib.blake2b(f"{store}\n{stream}".encode(), digest_size=8).hexdigest()
        self._path = folder / f"{name}.id"

    def read(self) -> str:
        """The id; empty where none is known."""
        try:
            return self._path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def write(self, store_id: str) -> None:
        """Remember it, in one step."""
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_text(f"{store_id}\n", encoding="ascii")
            new.replace(self._path)
        except OSError as error:
            log.warning("store.mark_not_written", path=str(self._path), reason=str(error))
