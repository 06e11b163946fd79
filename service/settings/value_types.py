"""The kinds of settings: how a variable's text is read, and what to write when it cannot be."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator
from pydantic_core import PydanticCustomError

from service.rules.secret import Secret
from service.settings.redis_url import OptionError, address


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value of this kind looks like, for errors and for the documentation."""

    words: str
    """Completes the sentence "write …"."""
    unit: str = ""
    secret: bool = False
    """Such a value is never shown."""


LEAST_SECRET_CHARS = 32
"""Of a secret that signs links: nobody guesses one that chance has made."""


def written(value: Any) -> str:
    """The value as one writes it in the environment."""
    match value:
        case Secret():
            return value.reveal()
        case tuple():
            return ",".join(written(item) for item in value)
        case timedelta():
            return f"{value.total_seconds():g}"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _listed(value: Any) -> Any:
    """The items of a comma-separated text or of a JSON array."""
    if not isinstance(value, str):
        return value
    if not value.startswith("["):
        return [item.strip() for item in value.split(",") if item.strip()]
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"not a JSON array ({error}); commas between the items do too") from error


def _stream_names(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("name at least one stream, such as articles")
    for name in names:
        # The other keys are `tocsin:{name}:…`: a brace would put them into another cluster slot.
        if not name.strip() or "{" in name or "}" in name:
            raise ValueError(f"{name!r} cannot be a stream here: take a name without {{ and }}")
    if len(set(names)) < len(names):
        raise ValueError("a stream is named twice: name each once")
    return names


def _variable_names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*\*?", name):
            raise ValueError(f"{name!r} is not a variable: write one such as DESK_URL or DESK_*")
        if name.upper().startswith("TOCSIN_"):
            raise ValueError(
                f"{name} is a setting of Tocsin, which rules must not read: name others"
            )
    return names


def _network(value: Any) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value)
    except ValueError as error:
        if "host bits" in str(error):
            whole = ip_network(value, strict=False)
            raise ValueError(f"{value} is an address within a network: write {whole}") from error
        raise ValueError(f"{value!r} is not a network: write one such as 10.1.0.0/16") from error


def _span(value: Any) -> timedelta:
    """A number of seconds, 0 or more."""
    if isinstance(value, timedelta):
        return value
    try:
        seconds = float(value)
        if seconds >= 0:
            return timedelta(seconds=seconds)
    except (TypeError, ValueError, OverflowError):  # infinite numbers overflow
        pass
    # Of a type of its own, so that the message says what the setting's kind says.
    raise PydanticCustomError("seconds", "not a number of seconds")


def _redis_url(value: Any) -> Secret:
    text = value.reveal() if isinstance(value, Secret) else str(value)
    if text != "embedded":
        try:
            address(text)
        except OptionError:
            raise
        except ValueError:  # also a port that is no number, or a bracket that does not close
            raise ValueError(f"write {_REDIS_URL.words}") from None
    return Secret(text)


def _secret(value: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(str(value))


def _public_url(text: str) -> str:
    """An http or https URL that other paths can be written behind."""
    try:
        url = urlsplit(text)
        good = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        good = False
    if not good or not re.fullmatch(r"[A-Za-z0-9:/._~%\[\]-]+", text):  # no query, no login
        raise ValueError(f"{text!r} is no such URL: write one such as https://alerts.example.org")
    return text.rstrip("/")


def _link_secret(value: Any) -> Secret:
    secret = _secret(value)
    if secret.reveal() and len(secret.reveal()) < LEAST_SECRET_CHARS:
        raise PydanticCustomError("secret", "too short")
    return secret


_REDIS_URL = Kind(
    "embedded, or a URL: redis://host:6379/0, rediss://… for TLS, unix:///path/to/socket, "
    "redis+sentinel://host:26379,host:26379/mymaster/0 or redis+cluster://host:6379,host:6379 "
    "(percent-encode special characters in the password)",
    secret=True,
)

RedisUrl = Annotated[Secret, PlainValidator(_redis_url), _REDIS_URL]
Folder = Annotated[Path, AfterValidator(Path.expanduser), Kind("the path of a folder")]
Text = Annotated[str, Field(min_length=1), Kind("a name or an address")]
Password = Annotated[Secret, PlainValidator(_secret), Kind("the password", secret=True)]
PublicUrl = Annotated[
    str, AfterValidator(_public_url), Kind("the URL by which readers reach this server")
]
LinkSecret = Annotated[
    Secret,
    PlainValidator(_link_secret),
    Kind("at least 32 characters by chance, as `openssl rand -base64 32` makes them", secret=True),
]
Streams = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    AfterValidator(_stream_names),
    Kind("the streams' names with commas between them"),
]
VariableNames = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    AfterValidator(_variable_names),
    Kind("names of environment variables with commas between them; DESK_* for all that begin so"),
]
Networks = Annotated[
    tuple[Annotated[IPv4Network | IPv6Network, PlainValidator(_network)], ...],
    BeforeValidator(_listed),
    Kind("networks in CIDR notation with commas between them"),
]
Count = Annotated[int, Field(ge=1), Kind("a whole number of at least 1")]
Bytes = Annotated[int, Field(ge=1), Kind("a whole number of bytes", "bytes")]
Days = Annotated[int, Field(ge=1, le=36500), Kind("a whole number of days, at least 1", "days")]
Hours = Annotated[int, Field(ge=1, le=8760), Kind("a whole number of hours, at least 1", "hours")]
Port = Annotated[int, Field(ge=0, le=65535), Kind("a whole number from 0 to 65535")]
Number = Annotated[float, Field(ge=0, le=365), Kind("a number from 0 to 365")]
Share = Annotated[float, Field(ge=0, lt=1), Kind("a number from 0 to below 1")]
Seconds = Annotated[
    timedelta,
    PlainValidator(_span),
    Field(gt=timedelta()),
    Kind("a number of seconds above 0", "seconds"),
]
Schedule = Annotated[
    tuple[Annotated[timedelta, PlainValidator(_span)], ...],
    BeforeValidator(_listed),
    Kind("numbers of seconds with commas between them; [] for none", "seconds"),
]
Security = Annotated[
    Literal["starttls", "tls", "none"],
    BeforeValidator(str.lower),
    Kind("starttls, tls or none"),
]
LogFormat = Annotated[
    Literal["auto", "json", "console"],
    BeforeValidator(str.lower),
    Kind("auto, json or console"),
]
Traces = Annotated[
    Literal["off", "otlp"],
    BeforeValidator(str.lower),
    Kind("off or otlp"),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(str.lower),
    Kind("debug, info, warning or error"),
]
