"""Whose certificates receivers may have."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


def public_trust() -> ssl.SSLContext:
    """Trusts the public authorities, and none that the environment names.

    It is a new one: the caller may add a certificate of its own.
    """
    return httpx.create_ssl_context(trust_env=False)


@cache
def shared_trust() -> ssl.SSLContext:
    """The same for all who show no certificate: to read the authorities takes 20 ms of CPU."""
    return public_trust()
