"""The URL of a Redis: which servers it names, and how they are reached.

    redis://host:6379/0                              one server
    unix:///path/to/socket                           one server on this machine
    redis+sentinel://host:26379,host:26379/name/0    the primary that Sentinels watch by this name
    redis+cluster://host:6379,host:6379              a cluster, by some of its nodes

`rediss` for `redis` is TLS, to each of the servers. After a `?` stand options: those of redis-py
that `OPTIONS` names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

REDIS_PORT: Final = 6379
SENTINEL_PORT: Final = 26379
_WHOLE, _NUMBER, _TEXT = r"\d{1,9}", r"\d{1,9}(\.\d+)?", r"(?s:.*)"
OPTIONS: Final = {
    "client_name": _TEXT,
    "db": _WHOLE,
    "health_check_interval": _WHOLE,
    "max_connections": _WHOLE,
    "password": _TEXT,
    "protocol": r"[23]",
    "socket_connect_timeout": _NUMBER,
    "socket_keepalive": _TEXT,
    "socket_timeout": _NUMBER,
    "ssl_ca_certs": _TEXT,
    "ssl_cert_reqs": "none|optional|required",
    "ssl_certfile": _TEXT,
    "ssl_check_hostname": _TEXT,
    "ssl_ciphers": _TEXT,
    "ssl_keyfile": _TEXT,
    "ssl_min_version": _WHOLE,
    "username": _TEXT,
}
"""Of the connection to a server, with the form of a value; redis-py has them under the same names,
and would fail with a traceback for another value."""
SENTINEL_LOGIN: Final = ("sentinel_username", "sentinel_password")
"""Those of the connection to a Sentinel, which has users of its own."""


class OptionError(ValueError):
    """The URL has an option that it cannot have; the message names it, without its value."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says of the servers to use."""

    one: str
    """A URL that redis-py reads: the login, the database, TLS and the options. The host is a
    placeholder where `nodes` say whom to ask for it."""
    nodes: tuple[tuple[str, int], ...] = ()
    """The Sentinels, or some nodes of the cluster. Empty: there is one server, that of `one`."""
    service: str = ""
    """The name under which Sentinels watch the primary; empty for a cluster."""
    sentinel_login: Mapping[str, str] = field(default_factory=dict)
    """`username` and `password` for the Sentinels, where they want any."""


def address(url: str) -> Address:
    """The parts of the URL.

    Raises ValueError for a wrong one; where only an option is wrong, it is an OptionError.
    """
    scheme, _, rest = url.partition("://")
    base, _, kind = scheme.partition("+")
    where, _, query = rest.partition("?")
    options = _options(query, SENTINEL_LOGIN if kind == "sentinel" else ())
    _check_fit(base, kind, options)
    if base == "unix" and not kind:
        if not where.startswith("/"):
            raise ValueError("write the whole path of the socket: unix:///path/to/socket")
        return Address(url)
    if base not in ("redis", "rediss") or kind not in ("", "sentinel", "cluster"):
        raise ValueError("no scheme of Redis")
    if not kind:
        return _one_server(url)
    hosts, _, path = where.partition("/")
    login, at, hosts = hosts.rpartition("@")
    sentinel_login = {
        name.removeprefix("sentinel_"): options.pop(name)
        for name in SENTINEL_LOGIN
        if name in options
    }
    tail = f"?{urlencode(options)}" if options else ""
    if kind == "cluster":
        if path.strip("/0"):
            raise ValueError("a cluster has one database, 0")
        nodes = _nodes(hosts, REDIS_PORT)
        return Address(f"{base}://{login}{at}node/0{tail}", nodes)
    service, _, db = path.partition("/")
    if not service or "/" in db or not (db or "0").isdecimal():
        raise ValueError("write the name that the Sentinels know after the hosts: /mymaster/0")
    return Address(
        f"{base}://{login}{at}primary/{db}{tail}",
        _nodes(hosts, SENTINEL_PORT),
        unquote(service),
        sentinel_login,
    )


def _one_server(url: str) -> Address:
    if not _node(urlsplit(url).netloc.rpartition("@")[2], REDIS_PORT):
        raise ValueError("no host")
    return Address(url)


def _options(query: str, more: tuple[str, ...]) -> dict[str, str]:
    """The options of a URL; of one that is given twice the first, as redis-py takes it."""
    found = {name: values[0] for name, values in parse_qs(query).items()}
    for name, value in found.items():
        if name not in OPTIONS and name not in more:
            if "@" in query:  # a password with a question mark, cut in two
                raise ValueError("percent-encode special characters")
            raise OptionError(
                f"{name!r} is no option of a connection to Redis: there are {', '.join(OPTIONS)}"
            )
        if not re.fullmatch(OPTIONS.get(name, _TEXT), value):
            raise OptionError(f"{name} has a value that it cannot have")
    return found


def _check_fit(base: str, kind: str, options: Mapping[str, str]) -> None:
    """Refuse what such a connection has no use for; redis-py would fail, or pass over it."""
    for name in options:
        if name.startswith("ssl_") and base != "rediss":
            raise OptionError(f"{name} is for TLS: write rediss in place of {base}")
        if name == "socket_keepalive" and base == "unix":
            raise OptionError(f"{name} is not for a socket on this machine")
        if name == "db" and kind:
            raise OptionError("db is for one server: write the number of the database in the path")


def _nodes(hosts: str, port: int) -> tuple[tuple[str, int], ...]:
    return tuple(_node(host, port) for host in hosts.split(","))


def _node(text: str, port: int) -> tuple[str, int]:
    node = urlsplit(f"//{text}")
    if not node.hostname or node.path or node.query or node.port == 0:
        raise ValueError("write each server as host:port, with commas between them")
    return node.hostname, node.port or port
