"""The `webhook:` block of a rules file: receiver, signing secrets, headers, certificates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field

from service.delivery.channels.webhook.signing import signer
from service.rules.schema import Example, Meaning, Spec, Text
from service.rules.secret import Secret
from service.rules.subscribers.channel_block import ChannelBlock, TextFault
from service.rules.subscribers.web_address import is_web_address

EXAMPLE = "webhook: {url: https://desk.example/hook, secret: ${DESK_SECRET}}"

Format = Literal["standard", "cloudevents"]


class WebhookSpec(Spec):
    """The block as it is written.

    `secret` is one `whsec_…` or `whsk_…` or, while rotating, a list; `ca`, `certificate` and `key`
    are paths of PEM files.
    """

    url: Annotated[
        Text,
        Example("url: https://desk.example/hook"),
        Meaning("Where the receiver listens; `${NAME}` is a secret."),
    ]
    secret: Annotated[
        Text | list[Text],
        Example("secret: ${DESK_SECRET}"),
        Meaning("It signs deliveries: whsec_… or whsk_…; two in a list while it is changed."),
    ]
    headers: Annotated[
        dict[str, Text],
        Field(default_factory=dict),
        Example("headers: {X-Team: desk}"),
        Meaning("More headers, by name."),
    ]
    format: Annotated[
        Format, Meaning("standard: the event as it is. cloudevents: within a CloudEvent.")
    ] = "standard"
    ca: Annotated[
        Text | None, Meaning("A file in PEM: the authority to trust instead of the public ones.")
    ] = None
    certificate: Annotated[
        Text | None, Meaning("A file in PEM: the certificate that Tocsin shows the receiver.")
    ] = None
    key: Annotated[Text | None, Meaning("A file in PEM: the private key of that certificate.")] = (
        None
    )


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM for the connection to a receiver; "" for a file that the rules do not name."""

    authority: str = ""
    """The certificate authority to trust instead of the public ones."""
    certificate: str = ""
    """The certificate that Tocsin identifies itself with."""
    key: str = ""
    """The private key of that; "": it is in the same file."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a subscriber's program listens, and the secrets its signatures are made with."""

    kind: ClassVar[str] = "webhook"

    url: Secret
    """Secret because many receivers carry a token in their path or query."""
    secrets: tuple[Secret, ...]
    """`whsec_…` or `whsk_…`, several while rotating; a delivery is signed with each."""
    headers: tuple[tuple[str, Secret], ...] = ()
    """More headers; secret because many receivers want a token there."""
    format: Format = "standard"
    tls: Tls | None = None
    """None: the public authorities, and no certificate of its own."""

    @property
    def all_secrets(self) -> tuple[Secret, ...]:
        """The URL, the signing secrets and the values of headers."""
        return (self.url, *self.secrets, *(value for _, value in self.headers))


def read_webhook(spec: WebhookSpec, block: ChannelBlock) -> Webhook:
    """The webhook of a block; faults are recorded in the block."""
    url = Secret(block.text(spec.url, _url_fault, "url"))
    if isinstance(spec.secret, str):
        secrets = [block.secret(spec.secret, _secret_fault, "secret")]
    else:
        texts = enumerate(spec.secret)
        secrets = [block.secret(text, _secret_fault, "secret", number) for number, text in texts]
    return Webhook(
        url,
        tuple(secrets),
        headers=_read_headers(spec, url.reveal(), block),
        format=spec.format,
        tls=_read_tls(spec, url.reveal(), block),
    )


def _url_fault(text: str) -> TextFault | None:
    if is_web_address(text, "http", "https"):
        return None
    hint = "Write the whole address: https://desk.example/hook"
    return TextFault("this is not a web address", hint, code="T406")


def _secret_fault(text: str) -> TextFault | None:
    try:
        signer(text)
    except ValueError as error:
        hint = _SECRET_HINTS.get(text.partition("_")[0], _SECRET_HINTS[""])
        return TextFault(f"this is {error}", hint, code="T407")
    return None


_SECRET_HINTS = {
    "whsk": "docs/webhooks.md shows how to make a pair of keys.",
    "whpk": "Write the private key (whsk_) here, and give this one to the receiver.",
    "": 'Make one with: python3 -c "import base64, secrets; '
    "print('whsec_' + base64.b64encode(secrets.token_bytes(32)).decode())\"",
}

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header's name (RFC 9110, 5.6.2)."""

# Tocsin or HTTP sets these for each request; those of the second line concern the connection (RFC
# 9110, 7.6.1), never one request on it.
_RESERVED = re.compile(
    r"webhook-.*|content-.*|host|user-agent|traceparent|accept-encoding|expect"
    r"|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings",
    re.IGNORECASE,
)


def _read_headers(
    spec: WebhookSpec, url: str, block: ChannelBlock
) -> tuple[tuple[str, Secret], ...]:
    found: dict[str, tuple[str, Secret]] = {}
    for name, text in spec.headers.items():
        fault = _header_name_fault(name, url)
        if name.lower() in found:
            message = f"the header `{name}` is given twice: upper and lower case are the same"
            fault = TextFault(message, "Keep one of them.", code="T408")
        if fault is not None:
            block.key_fault(fault, "headers", name)
        found[name.lower()] = name, block.secret(text, _header_value_fault, "headers", name)
    return tuple(found.values())


def _header_name_fault(name: str, url: str) -> TextFault | None:
    if not _TOKEN.fullmatch(name):
        message = f"`{name}` cannot be a header"
        return TextFault(message, "Write letters, digits and hyphens only: X-Team.", code="T408")
    if _RESERVED.fullmatch(name):
        return TextFault(f"`{name}` is a header that Tocsin sets itself", "Remove it.", code="T408")
    if name.lower() == "authorization" and "@" in urlsplit(url).netloc:
        hint = "Keep one of them: the login in the URL, or this header."
        return TextFault(
            f"the login in the URL already becomes the header `{name}`", hint, code="T408"
        )
    return None


def _header_value_fault(text: str) -> TextFault | None:
    if re.fullmatch(r"[\t\x20-\x7e]*", text):
        return None
    return TextFault(
        "this cannot be a header's value, which is one line of ASCII",
        "Remove line breaks and all characters that a US keyboard does not have.",
        code="T408",
    )


def _read_tls(spec: WebhookSpec, url: str, block: ChannelBlock) -> Tls | None:
    named = {"ca": spec.ca, "certificate": spec.certificate, "key": spec.key}
    given = {key: block.file(text, key) for key, text in named.items() if text}
    if not given:
        return None
    if url.startswith("http:"):
        hint = "Write https:// in the URL, or remove this."
        block.key_fault(
            TextFault("certificates are for https", hint, code="T409"), next(iter(given))
        )
    if "key" in given and "certificate" not in given:
        hint = "Add `certificate: client.pem`."
        block.key_fault(
            TextFault("`key` is given without a `certificate`", hint, code="T409"), "key"
        )
    return Tls(given.get("ca", ""), given.get("certificate", ""), given.get("key", ""))
