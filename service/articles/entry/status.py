"""Does an entry say of its article that its publisher takes it back?"""

from __future__ import annotations

STATUS = "status"
"""The name of the field."""
WITHDRAWN = frozenset(
    "canceled cancelled deleted killed removed retracted withdrawn withheld".split()  # noqa: SIM905
)
"""What it says of such an article: those of IPTC's list "Publishing Status", and what others write.
"""


def withdrawn_status(given: object) -> str:
    """A status that takes an article back, such as "stat:canceled"; "" for any other value."""
    text = given.decode(errors="replace") if isinstance(given, bytes) else given
    found = text.strip().casefold().rpartition(":")[2] if isinstance(text, str) else ""
    return found if found in WITHDRAWN else ""
