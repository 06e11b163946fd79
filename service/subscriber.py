"""Who receives alerts, and the secrets that it takes to reach them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from service.errors import Fault
from service.rulesfile import SubscriberSpec, name_of, taken, validate
from service.yamlpart import Part, Place
from service.yamlplace import Document, Path

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
    spec: SubscriberSpec, part: Part, lookup: Lookup | None
) -> Subscriber | None:
    """A subscriber with its secrets filled in; None when faulty, the faults in the part's.

    Without a `lookup` no `${NAME}` is filled in.
    """
    before = len(part.faults)
    place = (*part.path, "webhook")
    url = _filled(spec.webhook.url, part, (*place, "url"), lookup, _url_fault)
    given = spec.webhook.secret
    if isinstance(given, str):
        texts: list[tuple[str, Path]] = [(given, (*place, "secret"))]
    else:
        texts = [(text, (*place, "secret", number)) for number, text in enumerate(given)]
    secrets = [_filled(text, part, at, lookup, _secret_fault) for text, at in texts]
    if len(part.faults) > before:
        return None
    webhook = Webhook(url, tuple(secrets))
    severities = frozenset(spec.severities)
    return Subscriber(spec.id, webhook, spec.min_score, severities, part.file)


@dataclass
class Subscribers:
    """What stands under `subscribers:` in a set of files."""

    found: dict[str, Subscriber] = field(default_factory=dict)
    """Those without fault, but for disabled ones."""
    faulty: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def read_subscribers(
    places: Iterable[Place], files: Mapping[str, str], lookup: Lookup | None
) -> Subscribers:
    """The subscribers at these places, in order; `files` are the texts that hold them."""
    documents: dict[str, Document] = {}
    first: dict[str, Part] = {}
    read = Subscribers()
    for place in places:
        if place.file not in documents:
            documents[place.file] = Document(place.file, files[place.file])
        part = Part(documents[place.file], ("subscribers", place.number), place.span)
        value = part.reread()
        spec = validate(SubscriberSpec, part, value)
        name = name_of(value)
        if name is None:
            continue
        if name in first:
            taken(part, "id", name, first[name])
            continue
        subscriber = None
        if spec is not None:
            first[name] = part
            subscriber = compile_subscriber(spec, part, lookup)
        if subscriber is None:
            read.faulty.add(name)
        elif spec is not None and spec.enabled:
            read.found[name] = subscriber
    read.faults += [fault for document in documents.values() for fault in document.faults]
    return read


_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _filled(
    text: str,
    part: Part,
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
            part.faults.append(part.fault(path, message, hint, at=found.span()))
            return Secret("")
        filled += text[end : found.start()] + value
        end = found.end()
    filled += text[end:]
    message, hint = check(filled)
    if message:
        part.faults.append(part.fault(path, message, hint))
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
