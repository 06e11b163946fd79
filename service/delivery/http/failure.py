"""Why a request got no answer, in httpx's exceptions and in words that hold no secret."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping

import aiohttp
import httpx

from service.delivery.http.address import AddressRefused
from service.delivery.http.request import UNUSABLE_URL


def transport_error(error: Exception, timeout: Mapping[str, float | None]) -> httpx.TransportError:
    """aiohttp's failure as httpx's; `timeout` has the seconds that the request was given.

    The text holds nothing of the URL but its host.
    """
    match error:
        case AddressRefused():
            return httpx.ConnectError(str(error))
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout(f"no connection within {timeout.get('connect'):g} s")
        case aiohttp.ClientConnectorError(os_error=cause):
            if cause.errno is None or isinstance(cause, ssl.SSLError):
                return httpx.ConnectError(f"no connection: {cause}")
            return httpx.ConnectError(f"no connection: {os.strerror(cause.errno)}")
        case aiohttp.InvalidURL():
            return httpx.UnsupportedProtocol(UNUSABLE_URL)
        case TimeoutError():
            return httpx.ReadTimeout(f"no answer within {timeout.get('read'):g} s")
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientResponseError():
            text = "the receiver closed the connection, or did not speak HTTP"
            return httpx.RemoteProtocolError(text)
        case ValueError():
            return httpx.LocalProtocolError("the request cannot be written as HTTP")
        case _:
            return httpx.ReadError("the connection broke")
