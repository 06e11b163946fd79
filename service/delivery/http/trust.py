"""Whose certificates receivers may have."""

from __future__ import annotations

import ssl

import httpx


def public_trust() -> ssl.SSLContext:
    """Trusts the public authorities, and none that the environment names."""
    return httpx.create_ssl_context(trust_env=False)
