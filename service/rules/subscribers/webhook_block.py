"""The `webhook:` block of a rules file → where to send, how to sign, what to send besides."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from service.rules.channel import Secret, Tls, Webhook
from service.rules.schema import WebhookSpec
from service.rules.subscribers.certificates import Unusable, check
from service.rules.subscribers.signing import signer
from service.rules.subscribers.substitution import Filling
from service.rules.yaml.document import Path

_GOOD = "", ""


def compile_webhook(spec: WebhookSpec, filling: Filling, path: Path) -> Webhook:
    """The webhook of a block; what is wrong with it becomes faults."""
    url = Secret(filling.text(spec.url, (*path, "url"), _url_fault))
    if isinstance(spec.secret, str):
        secrets = [filling.secret(spec.secret, (*path, "secret"), _secret_fault)]
    else:
        texts = enumerate(spec.secret)
        secrets = [filling.secret(t, (*path, "secret", n), _secret_fault) for n, t in texts]
    return Webhook(
        url,
        tuple(secrets),
        headers=_headers(spec, url.reveal(), filling, (*path, "headers")),
        format=spec.format,
        tls=_tls(spec, url.reveal(), filling, path),
    )


def is_web_address(text: str, *schemes: str) -> bool:
    """Whether a text is a whole URL with one of these schemes."""
    try:
        parts = urlsplit(text)
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return valid and parts.scheme in schemes and not re.search(r"\s", text)


def _url_fault(text: str) -> tuple[str, str]:
    if is_web_address(text, "http", "https"):
        return _GOOD
    return "this is not a web address", "Write the whole address: https://desk.example/hook"


def _secret_fault(text: str) -> tuple[str, str]:
    try:
        signer(text)
    except ValueError as error:
        return f"this is {error}", _SECRET_HINTS.get(text.partition("_")[0], _SECRET_HINTS[""])
    return _GOOD


_SECRET_HINTS = {
    "whsk": "docs/webhooks.md shows how to make a pair of keys.",
    "whpk": "Write the private one (whsk_) here, and give this one to whoever receives.",
    "": 'Make one with: python3 -c "import base64, secrets; '
    "print('whsec_' + base64.b64encode(secrets.token_bytes(32)).decode())\"",
}

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header's name (RFC 9110, 5.6.2)."""

# What Tocsin or HTTP sets for each request; the second line is about the connection alone (RFC
# 9110, 7.6.1), and never about one request on it.
_OURS = re.compile(
    r"webhook-.*|content-.*|host|user-agent|accept-encoding|expect"
    r"|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings",
    re.IGNORECASE,
)


def _headers(
    spec: WebhookSpec, url: str, filling: Filling, path: Path
) -> tuple[tuple[str, Secret], ...]:
    found: dict[str, tuple[str, Secret]] = {}
    for name, text in spec.headers.items():
        message, hint = _name_fault(name, url)
        if name.lower() in found:
            message = f"`{name}` stands here twice: upper and lower case are the same in headers"
            hint = "Keep one of them."
        if message:
            filling.key_fault((*path, name), message, hint)
        found[name.lower()] = name, filling.secret(text, (*path, name), _value_fault)
    return tuple(found.values())


def _name_fault(name: str, url: str) -> tuple[str, str]:
    if not _TOKEN.fullmatch(name):
        return f"`{name}` cannot be a header", "Write letters, digits and hyphens only: X-Team."
    if _OURS.fullmatch(name):
        return f"`{name}` is a header that Tocsin sets itself", "Remove it."
    if name.lower() == "authorization" and "@" in urlsplit(url).netloc:
        hint = "Keep one of them: the login in the URL, or this header."
        return f"`{name}` stands beside the login in the URL, which becomes that header", hint
    return _GOOD


def _value_fault(text: str) -> tuple[str, str]:
    if re.fullmatch(r"[\t\x20-\x7e]*", text):
        return _GOOD
    return (
        "this cannot be a header's value, which is one line of ASCII",
        "Remove line breaks and whatever is no letter, digit or sign of a US keyboard.",
    )


def _tls(spec: WebhookSpec, url: str, filling: Filling, path: Path) -> Tls | None:
    named = {"ca": spec.ca, "certificate": spec.certificate, "key": spec.key}
    given = {key: filling.file(text, (*path, key)) for key, text in named.items() if text}
    if not given:
        return None
    if url.startswith("http:"):
        hint = "Write https:// in the URL, or remove this."
        filling.key_fault((*path, next(iter(given))), "certificates are for https", hint)
    if "key" in given and "certificate" not in given:
        hint = "Add `certificate: client.pem`."
        filling.key_fault((*path, "key"), "`key` stands without its `certificate`", hint)
    tls = Tls(given.get("ca", ""), given.get("certificate", ""), given.get("key", ""))
    if filling.faultless:
        try:
            check(tls)
        except Unusable as error:
            filling.fault((*path, error.key), str(error), error.hint)
    return tls
