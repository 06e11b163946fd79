"""Real `tocsin run` processes that read streams, and what they take."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.stream.stages import server_cpu

WARM = 300
"""Articles before the measured ones: a process remembers the words that it has seen."""
TICKS = os.sysconf("SC_CLK_TCK")

Entries = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took, seconds."""

    wall: float
    cpu: float
    server: float


async def whole(
    redis: Redis, url: str, rules: Path, entries: Entries, *, processes: int, streams: int
) -> Run:
    """The time from entries on the stream to all of them acknowledged."""
    names = [f"bench-{number}" for number in range(streams)]
    async with running(url, rules, names, processes) as pids:
        await add(redis, names, entries[:WARM])
        await acknowledged(redis, names)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        await add(redis, names, entries[WARM:])
        served, used, begun = await server_cpu(redis), cpu(pids), time.monotonic()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        await acknowledged(redis, names)
        took = time.monotonic() - begun
        return Run(took, cpu(pids) - used, await server_cpu(redis) - served)


@asynccontextmanager
async def running(
    url: str, rules: Path, streams: Sequence[str], processes: int, *roles: str
) -> AsyncIterator[list[int]]:
    """Processes that match, or have these roles; their ids. Receivers may be on this machine."""
    environment = os.environ | {
        "TOCSIN_REDIS_URL": url,
        "TOCSIN_RULES": str(rules),
        "TOCSIN_DATA_DIR": str(rules.parent / "data"),
        "TOCSIN_STREAMS": ",".join(streams),
        "TOCSIN_LOG_FORMAT": "json",
        "TOCSIN_LOG_LEVEL": "info",
        "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
        "TOCSIN_PORT": "0",
    }
    command = [sys.executable, "-m", "service", "run"]
    command += [word for role in roles or ("match",) for word in ("--role", role)]
    with (rules.parent / "log").open("wb") as lines:
        started = [
            await asyncio.create_subprocess_exec(*command, env=environment, stderr=lines)
            for _ in range(processes)
        ]
        try:
            yield [one.pid for one in started]
        finally:
            for one in started:
                one.send_signal(signal.SIGTERM)
                await one.wait()


async def add(redis: Redis, streams: Sequence[str], entries: Entries) -> None:
    """Write entries to the streams, in turn."""
    async with redis.pipeline(transaction=False) as pipe:
        for number, one in enumerate(entries):
            fields: Any = one
            pipe.xadd(streams[number % len(streams)], fields)
        await pipe.execute()


async def acknowledged(redis: Redis, streams: Sequence[str]) -> None:
    """Return when every entry is acknowledged."""
    while True:
        waiting = 0
        for stream in streams:
            groups = await redis.xinfo_groups(stream) if await redis.exists(stream) else []
            waiting += sum(one["pending"] + (one["lag"] or 0) for one in groups) + (not groups)
        if not waiting:
            return
        await asyncio.sleep(0.01)


def cpu(pids: Sequence[int]) -> float:
    """Seconds of CPU that the processes have taken, without their children."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in stats) / TICKS


def family(process: int) -> list[int]:
    """A process and all below it."""
    found, parents = [process], {process}
    for stat in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parts[2])):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        if parent in parents:
            parents.add(int(stat.parts[2]))
            found.append(int(stat.parts[2]))
    return found


def memory(processes: Sequence[int]) -> float:
    """MiB of these, each page that several share counted in parts."""
    total = 0
    for process in processes:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 2**10
