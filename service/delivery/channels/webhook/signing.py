"""Signing secrets as Standard Webhooks writes them, and signatures made with them.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md:
`whsec_` and `v1` are HMAC-SHA256, `whsk_` and `v1a` are ed25519, both over
`{id}.{timestamp}.{body}`. The part after the prefix is base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache

Sign = Callable[[bytes], str]
"""The signature of a content, with its version: `v1,…` or `v1a,…`."""

HMAC_BYTES = range(24, 65)
"""How long a symmetric secret may be, by the specification."""
_SEED = 32
"""Bytes of an ed25519 private key; many libraries write the public key, as long, after it."""


@lru_cache(maxsize=10_000)
def signer(secret: str) -> Sign:
    """Signs with this secret. Raises ValueError, which says what is wrong and shows nothing."""
    prefix, _, encoded = secret.partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:  # binascii's for bad characters, str's for what is not ASCII
        key = b""
    if prefix == "whsk":
        return _ed25519(key)
    if prefix == "whpk":
        raise ValueError("a public key (whpk_), which verifies and cannot sign")
    if prefix != "whsec" or len(key) not in HMAC_BYTES:
        raise ValueError("not a signing secret (whsec_ and 24 to 64 bytes in base64)")
    return lambda content: _signature("v1", hmac.digest(key, content, hashlib.sha256))


def _ed25519(key: bytes) -> Sign:
    # Imported here: it loads longer than most commands work, and few secrets need it.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    if len(key) not in (_SEED, 2 * _SEED):
        raise ValueError("not a signing key (whsk_ and 32 or 64 bytes in base64)")
    private = Ed25519PrivateKey.from_private_bytes(key[:_SEED])
    if key[_SEED:] not in (b"", private.public_key().public_bytes_raw()):
        raise ValueError("not a signing key: its second half is not the public key of its first")
    return lambda content: _signature("v1a", private.sign(content))


def _signature(version: str, signed: bytes) -> str:
    return f"{version},{base64.b64encode(signed).decode()}"
