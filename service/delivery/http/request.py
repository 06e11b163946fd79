"""Requests to receivers: a POST as an `httpx.Request`, with the bytes of the URL as written."""

from __future__ import annotations

import base64
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

import httpx

UNUSABLE_URL = "the subscriber's URL is not a valid http or https address"

_HEADERS = {
    b"accept": b"*/*",
    b"accept-encoding": b"identity",
    b"content-type": b"application/json",
}
_AS_WRITTEN = string.printable[: -len(string.whitespace)]
"""Characters of a URL that are sent as they are; others, such as `é` and a space, are quoted."""


class DeliveryRequest(httpx.Request):
    """A request whose `repr` shows the host only: many URLs hold a token."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.method!r}, '{self.url.scheme}://{self.url.host}/…')>"


@dataclass(frozen=True, slots=True)
class _Place:
    """What a URL says: where to connect, what to ask for there, and with which login."""

    url: httpx.URL
    """Without the login."""
    target: bytes
    """Path and query, as they were written."""
    headers: dict[bytes, bytes]
    """Those of every request to this place."""


def post(url: str, content: bytes, headers: Mapping[str, str]) -> DeliveryRequest:
    """A POST of this content, JSON unless a header says otherwise.

    `headers` have lower-case names. Raises ValueError for an unusable URL.
    """
    place = _place(url)
    merged = place.headers | {name.encode(): text.encode() for name, text in headers.items()}
    merged[b"content-length"] = b"%d" % len(content)
    # httpx would work out host and length again for `content=`, at the price of half a request.
    return DeliveryRequest(
        "POST",
        place.url,
        headers=list(merged.items()),
        stream=httpx.ByteStream(content),
        extensions={"target": place.target},
    )


@lru_cache(maxsize=10_000)
def _place(text: str) -> _Place:
    """What the URL says. Raises ValueError for an unusable one."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(UNUSABLE_URL)
    headers = {b"host": url.netloc, **_HEADERS}
    if url.userinfo:
        login = f"{url.username}:{url.password}".encode()
        headers[b"authorization"] = b"Basic " + base64.b64encode(login)
    return _Place(url.copy_with(userinfo=b""), _target(text), headers)


def _target(text: str) -> bytes:
    """Path and query of a URL as they were written: receivers may sign or compare them."""
    rest = text.partition("#")[0].partition("://")[2]
    start = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    target = quote(rest[start:], safe=_AS_WRITTEN)
    return (target if target.startswith("/") else f"/{target}").encode()
