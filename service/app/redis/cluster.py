"""A cluster: for each input stream a client of the primary that has its keys.

All keys of a stream are in one slot (`store/keys`), so its scripts, pipelines, blocking reads and
`TIME` are for one server. A client is an ordinary one whose connections find that server: each new
connection asks the cluster who has the slot, as those of redis-py under Sentinel ask for the
primary. After a failover, or when the slot has moved, the old server says so, and the connection is
made anew.

It does not follow `ASK`, as redis-py's `RedisCluster` would. While a slot is moved key by key, a
script at the new server would take the keys that are not there yet for keys that do not exist, and
an alert for a new one. The stream waits until its slot has moved (ADR 62).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import sample
from typing import Any, NoReturn

from redis.asyncio import Redis
from redis.asyncio.connection import Connection, ConnectionPool, SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as LostConnection

Node = tuple[str, int]
"""A server's host and port."""
MAX_MOVES = 3
"""How often a command is sent again because the slot is at another server by now."""
NOT_LOCAL = "non local key"
"""In what a script says that meets a key which is not at its server while the slot is moved."""


class SlotMovedError(LostConnection):
    """The slot is at another server: the command was not carried out, and is sent there."""


class SlotLockedError(LostConnection):
    """The slot is being moved, or the cluster is down: the command was not carried out."""


class Cluster:
    """Who has which slot: the nodes say so, those that are named and those that they know."""

    def __init__(self, named: Sequence[Node], options: Mapping[str, Any]) -> None:
        """`options` are those of a connection to a node."""
        self._named = named
        self._known: tuple[Node, ...] = ()
        self._options = options

    async def primary_of(self, key: str) -> Node:
        """The server that has the slot of this key now. Raises redis-py's ConnectionError."""
        # In any order: one that is cut off from the others may not know it yet.
        asked = [*sample(self._known, len(self._known)), *self._named]
        failure: Exception | None = None
        for node in dict.fromkeys(asked):
            try:
                slots = await self._slots(node)
            except (RedisError, OSError) as error:
                failure = error
                continue
            self._known = tuple({each for run in slots for each in run.nodes})
            wanted = key_slot(key.encode())
            for run in slots:
                if run.first <= wanted <= run.last:
                    return run.nodes[0]
            raise LostConnection(f"no server of the cluster has slot {wanted}, that of {key!r}")
        raise LostConnection(f"no node of the cluster tells its slots: {failure}") from failure

    async def _slots(self, node: Node) -> list[_Slots]:
        host, port = node
        pool = ConnectionPool(host=host, port=port, **self._options)
        async with Redis.from_pool(pool) as redis:
            rows: Any = await redis.cluster("SLOTS")
        return [
            _Slots(
                first,
                last,
                # A node that does not know how others reach it leaves its host out.
                tuple(((name or b"").decode() or host, port) for name, port, *_ in nodes),
            )
            for first, last, *nodes in rows
        ]


@dataclass(frozen=True, slots=True)
class _Slots:
    """A run of slots, and who has it."""

    first: int
    last: int
    nodes: tuple[Node, ...]
    """The primary, then its replicas."""


class _SlotConnection(Connection):
    """A connection to the server that has a slot when it is made."""

    def __init__(self, *, cluster: Cluster, key: str, **options: Any) -> None:
        self._cluster = cluster
        self._key = key
        super().__init__(**options)

    async def connect_check_health(self, *args: Any, **options: Any) -> None:
        """Find the server, and connect to it."""
        if not self.is_connected:
            self.host, self.port = await self._cluster.primary_of(self._key)
        await super().connect_check_health(*args, **options)

    async def read_response(self, *args: Any, **options: Any) -> Any:
        """The answer; it raises for a server that does not have the slot, or not all of it."""
        try:
            return await super().read_response(*args, **options)
        except ResponseError as error:
            await self._refused(error)

    async def _refused(self, error: ResponseError) -> NoReturn:
        refusal: Exception = error
        if isinstance(error, MovedError | ReadOnlyError):
            refusal = SlotMovedError(f"the slot of {self._key!r} is at another server")
        elif isinstance(error, AskError | TryAgainError) or NOT_LOCAL in str(error):
            refusal = SlotLockedError(f"the slot of {self._key!r} is being moved")
        elif isinstance(error, ClusterDownError):
            refusal = SlotLockedError(f"the cluster is down: {error}")
        if refusal is error:
            raise error
        # Answers to the rest of a pipeline may follow: they are not those of the next command.
        await self.disconnect()
        raise refusal from error


class _SlotSSLConnection(_SlotConnection, SSLConnection):
    """The same with TLS."""


def client_of_slot(cluster: Cluster, key: str, options: dict[str, Any]) -> Redis:
    """A client of whichever server has the slot of `key`; `options` are those of a connection."""
    kind = options.pop("connection_class", Connection)
    retry = Retry(NoBackoff(), MAX_MOVES, supported_errors=(SlotMovedError,))
    pool = ConnectionPool(
        connection_class=_SlotSSLConnection if issubclass(kind, SSLConnection) else _SlotConnection,
        cluster=cluster,
        key=key,
        retry=retry,
        **options,
    )
    return Redis.from_pool(pool)


def options_of(url: str) -> dict[str, Any]:
    """The options of a connection, less the host and the database."""
    options: dict[str, Any] = {**parse_url(url)}
    for name in ("host", "port", "db"):
        options.pop(name, None)
    return options
