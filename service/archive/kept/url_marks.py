"""The URLs of kept articles as numbers, so that one among a million is found at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from service.articles.identity import bare_url, normal_url


def url_marks(urls: Iterable[str]) -> npt.NDArray[np.uint64]:
    """A number for each URL as it was given: two of one page have the same, two pages hardly."""
    bare = [bare_url(normal_url(url)) if url else "" for url in urls]
    digests = (hashlib.blake2b(each.encode(), digest_size=8).digest() for each in bare)
    return np.frombuffer(b"".join(digests), np.uint64)
