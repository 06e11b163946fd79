"""The URL of a Redis that Sentinels watch: `redis+sentinel://host:26379,host:26379/service/0`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

SCHEME = "redis+sentinel://"
PORT = 26379


@dataclass(frozen=True, slots=True)
class Sentinels:
    """The Sentinels that know the primary, and the login for it."""

    nodes: tuple[tuple[str, int], ...]
    service: str
    """The name under which the Sentinels watch it."""
    one: str
    """A URL with the login and the database; its host is a placeholder, the Sentinels know it."""


def sentinels(url: str) -> Sentinels | None:
    """The parts of the URL; None for a URL of another kind. Raises ValueError for a wrong one.

    The login is for the primary; the Sentinels are asked without a login.
    """
    if not url.startswith(SCHEME):
        return None
    where, _, path = url.removeprefix(SCHEME).partition("/")
    login, at, hosts = where.rpartition("@")
    service, _, db = path.partition("/")
    if not service or "/" in db or not (db or "0").isdecimal():
        raise ValueError("write the name that the Sentinels know after the hosts: /mymaster/0")
    return Sentinels(
        tuple(_node(host) for host in hosts.split(",")),
        unquote(service),
        f"redis://{login}{at}primary/{db}",
    )


def _node(text: str) -> tuple[str, int]:
    node = urlsplit(f"//{text}")
    if not node.hostname or node.path or node.query or node.port == 0:
        raise ValueError("write each Sentinel as host:port, with commas between them")
    return node.hostname, node.port or PORT
