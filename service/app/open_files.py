"""How many files a process may have open: every connection to a receiver is one."""

from __future__ import annotations

import contextlib
import resource

MOST = 65_536
"""More is not asked for: where the hard limit is a billion, a child that closes all files that it
might have takes minutes."""
OWN = 100
"""Files that a process has open besides its connections to receivers."""


def raise_limit() -> int:
    """Raise the limit as far as the system allows; what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST if hard == resource.RLIM_INFINITY else min(MOST, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        # macOS refuses what is above a limit of its own.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return _limit()


def connections() -> int:
    """To how many receivers there may be one at a time; one more could take Redis's place."""
    return max(1, _limit() - OWN)


def _limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else soft
