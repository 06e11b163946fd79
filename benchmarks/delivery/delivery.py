"""Deliveries: how many a second beside bare clients, how many commands and how much of the server
each takes, one event to thousands, thousands listed, how soon after XADD, and how much those that
hang delay the others.

The receiver is a process of its own, and so is the server; the sender has one core at most, being
one thread of Python.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from redis.asyncio import Redis

from benchmarks.delivery.crowd import beside, turning
from benchmarks.delivery.desk import SECRET, SENTENCE, Desk, desk
from benchmarks.delivery.speed import speeds
from benchmarks.delivery.volume import one_event, one_lane
from benchmarks.table import Column, Table
from service.app.redis.clients import clients
from service.app.redis.embedded import embedded_server
from service.telemetry import log

GOALS = {
    "deliveries a second": 1_500,
    "deliveries a second of CPU": 3_000,
    "server's µs, of a delivery": 80,
    "s of CPU, 10,000 in a lane listed": 1,
    "s of CPU, an event to 2,000": 2,
    "ms, median from XADD": 25,
    "ms, p99 from XADD": 150,
}
FAST = frozenset({"deliveries a second", "deliveries a second of CPU"})
"""The goals that are to be reached; the others are not to be exceeded."""

RULES = """\
watchlists:
  - {id: jets, match: fighter jet, repeat: article, notify: [desk]}
subscribers:
  - {id: desk, concurrency: 100, webhook: {url: "${URL}", secret: "${SECRET}"}}
"""


async def latency(desk: Desk, redis: Redis, url: str, seconds: int) -> list[float]:
    """Milliseconds from XADD to the receiver, at 100 alerts a second through the whole service."""
    with tempfile.TemporaryDirectory() as place:
        rules = Path(place, "rules.yaml")
        await asyncio.to_thread(rules.write_text, RULES, encoding="utf-8")
        environment = {
            "TOCSIN_REDIS_URL": url,
            "TOCSIN_RULES": str(rules),
            "TOCSIN_DATA_DIR": place,
            "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
            "TOCSIN_STREAMS": "latency",
            "TOCSIN_PORT": "0",
            "TOCSIN_LOG_LEVEL": "info",
            "TOCSIN_RULES_VARIABLES": "URL,SECRET",
            "URL": desk.url(),
            "SECRET": SECRET,
        }
        service = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service", "run", env=os.environ | environment, cwd=place
        )
        try:
            return await _latencies(desk, redis, seconds)
        finally:
            service.send_signal(signal.SIGTERM)
            await service.wait()


async def _latencies(desk: Desk, redis: Redis, seconds: int) -> list[float]:
    sent: dict[str, float] = {}
    arrived: dict[str, float] = {}
    warm, total = 300, 300 + 100 * seconds
    begun = time.monotonic()
    for number in range(total):
        if number == warm:  # from here on it counts
            while len(arrived) < warm:
                await asyncio.sleep(0.1)
                arrived |= await asyncio.to_thread(desk.arrived)
            begun = time.monotonic() - number / 100
        await asyncio.sleep(max(0.0, begun + number / 100 - time.monotonic()))
        text = f"A fighter jet landed at field {number}. {SENTENCE * 20}"
        sent[str(number)] = time.monotonic()
        await redis.xadd("latency", {"id": str(number), "title": f"Jet {number}", "body": text})
    while len(arrived) < total:
        await asyncio.sleep(0.2)
        arrived |= await asyncio.to_thread(desk.arrived)
    return [1000 * (arrived[str(n)] - sent[str(n)]) for n in range(warm, total)]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the tables; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks delivery", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=4_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--seconds", type=int, default=20, metavar="N")
    parser.add_argument("--subscribers", type=int, default=5_000, metavar="N")
    parser.add_argument("--no-delays", action="store_true", help="leave out what takes minutes")
    chosen = parser.parse_args(arguments)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        log.configure("json", "info", log.Mask(), nowhere)
        measured = asyncio.run(_measured(chosen))
    print()
    table = Table((Column("goal", 34, left=True), Column("", 8), Column("measured", 9)))
    table.head()
    missed = False
    for name, found in measured.items():
        good = found >= GOALS[name] if name in FAST else found <= GOALS[name]
        missed = missed or not good
        shown = f"{found:,.0f}" if found >= 10 else f"{found:.2f}"
        table.row(name, f"{GOALS[name]:,}", shown, "met" if good else "MISSED")
    return int(missed)


async def _measured(chosen: argparse.Namespace) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place, embedded_server(Path(place)) as url, desk() as one:
        async with clients(url) as client_of:
            redis = client_of("")  # one server has all keys
            found = await speeds(one, redis, chosen.deliveries, chosen.rounds)
            print()
            found |= await one_event(one, redis)
            found |= await one_lane(redis, url)
            return found if chosen.no_delays else found | await _delays(one, redis, url, chosen)


async def _delays(
    desk: Desk, redis: Redis, url: str, chosen: argparse.Namespace
) -> dict[str, float]:
    table = Table((Column("from XADD to the receiver, ms", 44, left=True), *_PARTS))
    table.head()
    found = await latency(desk, redis, url, chosen.seconds)
    table.row("100 alerts a second, the whole service", *_spread(found))
    number = chosen.subscribers
    for path, hanging in (("hook", 0), ("hang", number // 10)):
        times = await beside(desk, redis, path, number, chosen.seconds)
        table.row(f"{number:,} subscribers, {hanging:,} of them hang", *_spread(times))
    for hang, what in ((False, "get four at once"), (True, "hang at once with four")):
        times = await turning(desk, redis, number, chosen.seconds, hang=hang)
        table.row(f"{number:,} subscribers, {number // 10:,} {what}", *_spread(times))
    return {
        "ms, median from XADD": float(np.percentile(found, 50)),
        "ms, p99 from XADD": float(np.percentile(found, 99)),
    }


_PARTS = (Column("median", 8), Column("p99", 8), Column("most", 8))


def _spread(times: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{float(np.percentile(times, part)):,.1f}" for part in (50, 99, 100))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
