"""The check of a URL that several channels share."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def is_web_address(text: str, *schemes: str) -> bool:
    """Whether a text is a whole URL with one of these schemes."""
    try:
        parts = urlsplit(text)
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return valid and parts.scheme in schemes and not re.search(r"\s", text)
