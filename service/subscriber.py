"""Who receives alerts, and the secrets that it takes to reach them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from service.rulesfile import SubscriberSpec
from service.yamltext import Document, Path

Lookup = Callable[[str], str | None]
"""The value of a `${NAME}`, None where it is not set."""


class Secret:
    """A text that no log, error, `repr` or traceback shows; `reveal()` is the only way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a subscriber's program listens, and the secrets its signatures are made with."""

    url: Secret
    """Secret because many receivers carry a token in their path or query."""
    secrets: tuple[Secret, ...]
    """`whsec_…`, several while rotating; a delivery is signed with each."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One receiver of alerts."""

    id: str
    webhook: Webhook
    min_score: float = 0.0
    """Alerts that score less are recorded, not sent."""
    severities: frozenset[str] = frozenset()
    """Only alerts of these severities are sent; empty: of all."""
    file: str = ""
    """The rules file that it stands in."""


def compile_subscriber(
    spec: SubscriberSpec, document: Document, path: Path, lookup: Lookup | None
) -> Subscriber | None:
    """A subscriber with its secrets filled in; None when faulty, the faults in the document's.

    Without a `lookup` no `${NAME}` is filled in.
    """
    before = len(document.faults)
    place = (*path, "webhook")
    url = _filled(spec.webhook.url, document, (*place, "url"), lookup, _url_fault)
    given = spec.webhook.secret
    if isinstance(given, str):
        texts: list[tuple[str, Path]] = [(given, (*place, "secret"))]
    else:
        texts = [(text, (*place, "secret", number)) for number, text in enumerate(given)]
    secrets = [_filled(text, document, at, lookup, _secret_fault) for text, at in texts]
    if len(document.faults) > before:
        return None
    webhook = Webhook(url, tuple(secrets))
    severities = frozenset(spec.severities)
    return Subscriber(spec.id, webhook, spec.min_score, severities, document.file)


_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _filled(
    text: str,
    document: Document,
    path: Path,
    lookup: Lookup | None,
    check: Callable[[str], tuple[str, str]],
) -> Secret:
    """`text` with every `${NAME}` filled in, checked; faults never show what was filled in."""
    if lookup is None and _VARIABLE.search(text):
        return Secret(text)
    filled, end = "", 0
    for found in _VARIABLE.finditer(text):
        name = found.group(1)
        value = lookup(name) if lookup else None
        if value is None:
            hint = (
                f"Set the environment variable {name}, or put a file {name} into the "
                "secrets directory."
            )
            message = f"`${{{name}}}` is not set"
            document.faults.append(document.fault(path, message, hint, at=found.span()))
            return Secret("")
        filled += text[end : found.start()] + value
        end = found.end()
    filled += text[end:]
    message, hint = check(filled)
    if message:
        document.faults.append(document.fault(path, message, hint))
    return Secret(filled)


def _url_fault(text: str) -> tuple[str, str]:
    hint = "Write the whole address: https://desk.example/hook"
    try:
        parts = urlsplit(text)
        valid = bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.scheme not in ("http", "https") or re.search(r"\s", text):
        return "this is not a web address", hint
    return "", ""


_SECRET_BYTES = (24, 64)
"""Bounds of a secret's length in bytes, from the Standard Webhooks specification."""


def _secret_fault(text: str) -> tuple[str, str]:
    hint = (
        'Make one with: python3 -c "import base64, secrets; '
        "print('whsec_' + base64.b64encode(secrets.token_bytes(32)).decode())\""
    )
    prefix, _, encoded = text.partition("_")
    try:
        size = len(base64.b64decode(encoded, validate=True)) if prefix == "whsec" else 0
    except ValueError:  # binascii's for bad characters, str's for what is not ASCII
        size = 0
    if not _SECRET_BYTES[0] <= size <= _SECRET_BYTES[1]:
        return (
            "this is not a signing secret (whsec_ and 24 to 64 bytes in base64)",
            hint,
        )
    return "", ""
