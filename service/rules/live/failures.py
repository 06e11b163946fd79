"""Why rules are not compiled."""

from __future__ import annotations

from service.errors import TocsinError


class CompileFailed(TocsinError):
    """The child has not compiled the rules; the text says why."""


class FilesChanged(CompileFailed):
    """The rules files differ from those that were to be compiled."""


class MustCompileHere(CompileFailed):
    """No other process can compile the rules; the text says why."""
