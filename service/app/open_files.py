"""How many files a process may have open: every connection to a receiver is one."""

from __future__ import annotations

import contextlib
import resource

MAX_OPEN_FILES = 65_536
"""The process asks for no more. Where the hard limit is a billion, a child process that closes all
files that it might have takes minutes."""
RESERVED_FILES = 100
"""Open files that are not connections to receivers."""


def raise_limit() -> int:
    """Raise the limit as far as the system allows; returns the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        # macOS refuses a limit above a limit of its own.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return _limit()


def max_connections() -> int:
    """How many receivers may be connected at a time, so that files remain for Redis."""
    return max(1, _limit() - RESERVED_FILES)


def _limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_OPEN_FILES if soft == resource.RLIM_INFINITY else soft
