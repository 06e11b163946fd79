"""Signing secrets, and the signatures made with them."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.delivery.channels.webhook.signing import signer

SEED = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
CONTENT = b"dlv_1.1674087231.{}"


def secret(prefix: str, key: bytes) -> str:
    """A secret as Standard Webhooks writes it."""
    return f"{prefix}_{base64.b64encode(key).decode()}"


def test_a_symmetric_secret_signs_as_the_specification_says() -> None:
    """The example of the specification's reference implementation."""
    body = b'{"test": 2432232314}'
    sign = signer("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    content = b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + body
    assert sign(content) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("size", [24, 64])
def test_the_shortest_and_the_longest_secret_sign(size: int) -> None:
    """As the specification has them."""
    assert signer(secret("whsec", bytes(size)))(CONTENT).startswith("v1,")


@pytest.mark.parametrize("key", [SEED, SEED + PUBLIC.public_bytes_raw()])
def test_a_private_key_signs_with_ed25519(key: bytes) -> None:
    """Alone or with its public half behind it; the public key verifies, and only that content."""
    version, _, signature = signer(secret("whsk", key))(CONTENT).partition(",")
    assert version == "v1a"
    PUBLIC.verify(base64.b64decode(signature), CONTENT)
    with pytest.raises(InvalidSignature):
        PUBLIC.verify(base64.b64decode(signature), CONTENT + b" ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (secret("whsec", bytes(23)), "not a signing secret (whsec_ and 24 to 64 bytes in base64)"),
        (secret("whsec", bytes(65)), "not a signing secret (whsec_ and 24 to 64 bytes in base64)"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "not a signing secret (whsec_ and 24 to 64 bytes in"),
        ("whsec_ü", "not a signing secret (whsec_ and 24 to 64 bytes in base64)"),
        ("whsk_***", "not a signing key (whsk_ and 32 or 64 bytes in base64)"),
        ("whsk_a_b", "not a signing key (whsk_ and 32 or 64 bytes in base64)"),
        (
            secret("whsec", SEED) + " !",
            "not a signing secret (whsec_ and 24 to 64 bytes in base64)",
        ),
        (secret("whsk", bytes(33)), "not a signing key (whsk_ and 32 or 64 bytes in base64)"),
        (secret("whsk", bytes(64)), "not a signing key: its second half is not the public key of"),
        (secret("whpk", SEED), "a public key (whpk_), which verifies and cannot sign"),
    ],
)
def test_an_unusable_secret_says_what_it_should_be(text: str, message: str) -> None:
    """And shows nothing of itself."""
    with pytest.raises(ValueError, match="sign") as raised:
        signer(text)
    assert str(raised.value).startswith(message)
