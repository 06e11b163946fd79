"""Faults that are injected into an installation that runs, and the alerts that are to name each."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from starlette.responses import Response

from harness.own_server import Server
from harness.receiver import Receiver, answer
from harness.service_process import Running

Fields = dict[Any, Any]


@dataclass
class Installation:
    """Two processes with both roles, or one for each; a feed; two receivers."""

    redis: Redis
    server: Server
    rules: Path
    stream: str
    processes: list[Running]
    receivers: tuple[Receiver, Receiver]
    sends: Callable[[int], list[Fields]]
    """What the feed adds at a time."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


@dataclass(frozen=True)
class Fault:
    """One of them."""

    name: str
    inject: Callable[[Installation], Awaitable[object]]
    alerts: str
    """Those that are to fire, with spaces between them."""
    split: bool = False
    """One process matches, the other delivers."""
    seconds: float = 12.0
    """Until it shows in the metrics."""
    apart: float = 4.0
    """Seconds between the two scrapes; more where little happens."""


async def none(_place: Installation) -> None:
    """Nothing is wrong."""


async def feed_stops(place: Installation) -> None:
    """Nothing is added any more."""
    place.sends = lambda _number: []


async def bad_source(place: Installation) -> None:
    """Half of the entries have no text."""
    usual = place.sends
    place.sends = lambda number: [*usual(number), {"title": "", "body": " ", "source": "b.example"}]


async def trimmed(place: Installation) -> None:
    """Somebody trims what was not read."""
    for one in place.processes:
        os.kill(one.pid, signal.SIGSTOP)
    await asyncio.sleep(1)
    await place.redis.xtrim(place.stream, maxlen=0, approximate=False)
    for one in place.processes:
        os.kill(one.pid, signal.SIGCONT)


def killed(*numbers: int) -> Callable[[Installation], Awaitable[None]]:
    """These processes end without a word."""

    async def inject(place: Installation) -> None:
        for number in numbers:
            await place.processes[number].kill()

    return inject


async def stuck(place: Installation) -> None:
    """A process does not move."""
    os.kill(place.processes[0].pid, signal.SIGSTOP)


async def foreign_key(place: Installation) -> None:
    """Another program's text is in the stream's place."""
    place.sends = lambda _number: []
    await asyncio.sleep(1)
    await place.redis.set(place.stream, "not a stream")


async def rules_gone(place: Installation) -> None:
    """The folder of the rules is emptied."""
    for path in place.rules.iterdir():
        path.unlink()


async def mistyped(place: Installation) -> None:
    """A watchlist is mistyped."""
    (place.rules / "more.yaml").write_text(
        "watchlists: [{id: x, match: 'a AND (', notify: [desk]}]\n"
    )


async def redis_killed(place: Installation) -> None:
    """Redis ends."""
    await place.server.kill()


async def redis_full(place: Installation) -> None:
    """Redis has no memory left."""
    await place.redis.config_set("maxmemory", "1")


async def redis_demoted(place: Installation) -> None:
    """A fail-over made a replica of it, and clients still write to it."""
    await place.redis.replicaof("127.0.0.1", "1")


async def redis_slow(place: Installation) -> None:
    """Each answer takes some 0.4 s."""

    async def slow() -> None:
        while True:
            place.server.pause()
            await asyncio.sleep(0.8)
            place.server.resume()
            await asyncio.sleep(0.02)

    place.tasks.append(asyncio.create_task(slow()))


def answers(behave: Any, *numbers: int) -> Callable[[Installation], Awaitable[None]]:
    """These receivers answer so from now on."""

    async def inject(place: Installation) -> None:
        for number in numbers:
            place.receivers[number].usual = behave

    return inject


async def late(_receiver: Receiver, _transport: asyncio.Transport) -> Response:
    """An answer after three seconds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(_receiver.closing.wait(), 3)
    return Response(status_code=204)


async def no_names(place: Installation) -> None:
    """No name of a receiver has an address."""
    path = place.rules / "rules.yaml"
    path.write_text(path.read_text().replace("127.0.0.1", "desk.invalid"))


FAULTS = (
    Fault("nothing is wrong", none, ""),
    Fault("the feed stops", feed_stops, "FeedStopped"),
    Fault("half of what comes has no text", bad_source, "ManyDeadLetters"),
    Fault("somebody trims the stream", trimmed, "ArticlesVanished"),
    Fault("the last process is killed", killed(0, 1), "NoMatcher NoSender ProcessDown"),
    Fault("one of two processes is killed", killed(0), "ProcessDown"),
    Fault("a process is stuck", stuck, "ProcessDown"),
    Fault("none matches", killed(0), "NoMatcher ProcessDown Late", split=True),
    Fault("the only one that matches is stuck", stuck, "NoMatcher ProcessDown Late", split=True),
    Fault("none delivers", killed(1), "NoSender ProcessDown DeliveriesLate", split=True),
    Fault("another key in the stream's place", foreign_key, "StreamNotRead"),
    Fault("the rules are gone", rules_gone, "RulesNotCurrent"),
    Fault("a watchlist is mistyped", mistyped, "RulesFaulty"),
    Fault("Redis is down", redis_killed, "StoreDown StoreRefuses"),
    Fault("Redis is full", redis_full, "StoreRefuses"),
    Fault("Redis is a replica", redis_demoted, "StoreRefuses"),
    Fault("Redis is slow", redis_slow, "StoreSlow", seconds=25),
    Fault("one receiver is down", answers(answer(503), 1), "ReceiverDown"),
    Fault("all receivers are slow", answers(late, 0, 1), "ReceiversSlow", seconds=25),
    Fault("names have no address", no_names, "NobodyReached ReceiverDown", seconds=20, apart=70),
    Fault("a receiver answers 410", answers(answer(410), 1), "SubscriberDisabled DeliveriesFailed"),
    Fault("a receiver refuses what it gets", answers(answer(400), 1), "ReceiverDown"),
)
"""What is missing: a source that stops, which takes weeks to be known, and a clock that is off;
tests have them with made-up series."""
