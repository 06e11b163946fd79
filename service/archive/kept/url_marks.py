"""The URLs of kept articles as numbers, so that one among a million is found at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from service.articles.identity import normal_url

_SCHEME = re.compile(r"^https?://")


def bare_url(url: str) -> str:
    """A normal URL, the same for http and https, with a slash at its end and without."""
    return _SCHEME.sub("", url).rstrip("/")


def url_marks(urls: Iterable[str]) -> npt.NDArray[np.uint64]:
    """A number for each URL as it was given: two of one page have the same, two pages hardly."""
    bare = [bare_url(normal_url(url)) if url else "" for url in urls]
    digests = (hashlib.blake2b(each.encode(), digest_size=8).digest() for each in bare)
    return np.frombuffer(b"".join(digests), np.uint64)
