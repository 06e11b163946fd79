"""Articles a second with more workers and more streams, on one Valkey and on a cluster of three.

Each run is entries that wait on the streams, and `tocsin run --role match` processes that judge
them. Where there are fewer cores than processes, the rate says little: so the CPU of an article is
told, too, and the rate of as many processes with a core each, which the busiest server limits.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis

from benchmarks.corpus.corpus import corpus
from benchmarks.stream.processes import WARM, Entries, acknowledged, add, cpu, running
from benchmarks.stream.scene import distinct, entry, scene
from benchmarks.stream.sizing import Load, sizes
from benchmarks.stream.stages import server_cpu
from benchmarks.table import Column, Table
from harness.redis_cluster import cluster, streams_by_primary
from service.app.redis.clients import clients
from service.app.redis.embedded import embedded_server

WORKERS = (1, 2, 4)
STREAMS = (1, 3, 6)
CORES = len(os.sched_getaffinity(0))
ClientOf = Callable[[str], Redis]


@dataclass(frozen=True, slots=True)
class Place:
    """A store: its URL, a client for each stream, and one for each of its servers."""

    name: str
    url: str
    client_of: ClientOf
    servers: Sequence[Redis]


@dataclass(frozen=True, slots=True)
class Run:
    """What the measured articles of one run took, in seconds."""

    articles: int
    wall: float
    cpu: float
    """Of all workers."""
    servers: Sequence[float]
    """Of each server."""

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.wall

    def rate_with_cores(self, workers: int) -> float:
        """The same where each worker and each server has a core."""
        by_workers = workers * self.articles / self.cpu
        return min(by_workers, self.articles / max(*self.servers, 1e-9))


@asynccontextmanager
async def single(folder: Path) -> AsyncIterator[Place]:
    """One Valkey."""
    with embedded_server(folder) as url:
        async with clients(url) as client_of:
            yield Place("single", url, client_of, [client_of("")])


@asynccontextmanager
async def three_primaries(folder: Path) -> AsyncIterator[Place]:
    """A cluster."""
    async with cluster(folder) as servers, clients(servers.url) as client_of:
        nodes = [Redis(host="127.0.0.1", port=node.port) for node in servers.nodes]
        yield Place("cluster", servers.url, client_of, nodes)
        for node in nodes:
            await node.aclose()


async def run(place: Place, rules: Path, entries: Entries, workers: int, streams: int) -> Run:
    """The time from waiting entries to all of them acknowledged."""
    names = streams_by_primary(2)[:streams]
    for server in place.servers:
        await server.flushall()
    async with running(place.url, rules, names, workers) as pids:
        await put(place, names, entries[:WARM])
        before = [await server_cpu(server) for server in place.servers]
        used, begun = cpu(pids), time.monotonic()
        await put(place, names, entries[WARM:])
        took = time.monotonic() - begun
        served = [
            await server_cpu(server) - at for server, at in zip(place.servers, before, strict=True)
        ]
        return Run(len(entries) - WARM, took, cpu(pids) - used, served)


async def put(place: Place, names: Sequence[str], entries: Entries) -> None:
    """Have the entries written, in turn, and acknowledged."""
    for number, name in enumerate(names):
        await add(place.client_of(name), [name], entries[number :: len(names)])
    for name in names:
        await acknowledged(place.client_of(name), [name])


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__)
    parser.add_argument("--articles", type=int, default=3_000, metavar="N")
    parser.add_argument("--watchlists", type=int, default=1_000, metavar="N")
    parser.add_argument("--matches", type=float, default=0.25, metavar="N", help="an article")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS, metavar="N")
    parser.add_argument("--streams", type=int, nargs="+", default=STREAMS, metavar="N")
    return asyncio.run(_measured(parser.parse_args(arguments)))


async def _measured(chosen: argparse.Namespace) -> int:
    news = corpus()
    texts = distinct(news, chosen.articles + WARM)
    entries = [entry(number, article) for number, article in enumerate(texts)]
    judged = scene(news, texts, chosen.watchlists, chosen.matches)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(
        f"{news.name}: {chosen.articles:,} articles, {chosen.watchlists:,} watchlists, "
        f"{judged.matches:.2f} matches; {CORES} cores, load before {load}\n"
    )
    expected = sizes(Load(1.0, chosen.watchlists, judged.matches, 0.0))
    table = Table((Column("store", 8, left=True), *(Column(each, 10) for each in COLUMNS)))
    table.head()
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder, "rules", "rules.yaml")
        rules.parent.mkdir()
        await asyncio.to_thread(rules.write_text, judged.rules(), encoding="utf-8")
        for opened in (single, three_primaries):
            async with opened(Path(folder, opened.__name__)) as place:
                for streams in chosen.streams:
                    for workers in chosen.workers:
                        found = await run(place, rules, entries, workers, streams)
                        _row(table, place.name, workers, streams, found)
    print(
        f"\nBy docs/sizing.md: {1e6 * expected.match_cores:,.0f} µs an article, and "
        f"{1e6 * expected.server_cores:,.0f} of the server."
    )
    return 0


COLUMNS = ("workers", "streams", "articles/s", "µs", "server µs", "busiest", "with cores")


def _row(table: Table, store: str, workers: int, streams: int, found: Run) -> None:
    served = [1e6 * each / found.articles for each in found.servers]
    table.row(
        store,
        f"{workers}",
        f"{streams}",
        f"{found.rate:,.0f}",
        f"{1e6 * found.cpu / found.articles:,.0f}",
        f"{sum(served):,.0f}",
        f"{max(served):,.0f}",
        f"{found.rate_with_cores(workers):,.0f}",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
