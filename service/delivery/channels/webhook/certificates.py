"""Certificates that a rules file names: read when the rules are, and again when they change."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

from service.delivery.channels.webhook.rules_block import Tls, Webhook
from service.errors import TocsinError
from service.rules.subscribers.channel import BlockFault
from service.rules.subscribers.channel_block import TextFault


class Unusable(TocsinError):
    """A file is missing or holds something else; `key` is the rules' name for it."""

    def __init__(self, key: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.key = key
        self.hint = hint


Stamp = tuple[tuple[int, int], ...]
"""Time of change (ns) and size of each file."""


def stamp(tls: Tls) -> Stamp:
    """Changes when a file is replaced; reads no file. Raises Unusable."""
    return tuple(_stamp(key, file) for key, file in _named(tls))


def context(tls: Tls, public: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """The TLS context for a connection; it always verifies the receiver. Raises Unusable.

    `public` makes one that trusts the public authorities; it is used unless `tls` names another.
    """
    stamp(tls)  # its error names a missing file; OpenSSL's does not
    made = _trusting(tls.authority) if tls.authority else public()
    if tls.certificate:
        _identify(made, tls)
    return made


def certificate_faults(webhook: Webhook) -> Iterator[BlockFault]:
    """What is wrong with the files that the rules name for a webhook; reads them."""
    if webhook.tls is None:
        return
    try:
        context(webhook.tls, lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    except Unusable as error:
        yield BlockFault(error.key, TextFault(str(error), error.hint, code="T409"))


def _named(tls: Tls) -> list[tuple[str, str]]:
    named = (("ca", tls.authority), ("certificate", tls.certificate), ("key", tls.key))
    return [(key, file) for key, file in named if file]


def _stamp(key: str, file: str) -> tuple[int, int]:
    try:
        with Path(file).open("rb"):
            found = Path(file).stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        words = getattr(error, "strerror", None) or str(error)
        hint = "Paths are relative to the rules file; this user must be able to read it."
        raise Unusable(key, f"{file}: {words}", hint) from error
    return found.st_mtime_ns, found.st_size


def _trusting(file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:  # ssl.SSLError among them
        hint = "Name a PEM file: it begins with -----BEGIN CERTIFICATE-----."
        raise Unusable("ca", f"{file} holds no certificate", hint) from error


def _identify(made: ssl.SSLContext, tls: Tls) -> None:
    try:
        # An empty password: without one, OpenSSL would ask for it on the terminal, and wait.
        made.load_cert_chain(tls.certificate, tls.key or None, password="")
    except OSError as error:
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            hint = "Name the private key that the certificate was made for."
            raise Unusable("key", f"{tls.key} is not the certificate's key", hint) from error
        files = " and ".join(dict.fromkeys((tls.certificate, tls.key or tls.certificate)))
        message = f"{files} hold no certificate with its private key"
        hint = "Name PEM files, or one file with both; the key must not have a password."
        raise Unusable("certificate", message, hint) from error
