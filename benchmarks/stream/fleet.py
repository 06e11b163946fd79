"""A model of 10,000 articles a second and a million watchlists on a cluster, with measured costs.

Articles come by chance to the streams, one for each primary. Each waits for one of the stream's
processes that match, then for its primary, then for one of those that deliver. What each takes is
drawn: some articles match nothing, some much. The parts are told in the order in which one of them
is full when the load grows: those are the bottlenecks.
"""

from __future__ import annotations

import argparse
import heapq
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.stream.sizing import DAY, MEASURED, ROOM, Kept, Load, matched_share, sizes
from benchmarks.table import Column, Table

SEED = 20261201
SERVER_GIB = 64
"""Memory of one primary."""
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the fleet: how many there are, how busy, and how long articles wait for it."""

    name: str
    count: int
    full_at: float
    """Articles a second at which one of them has no time, or no room, left."""
    busy: float
    waits: Numbers
    """Seconds."""


def waits(arrived: Numbers, takes: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """How long each waits for one of so many, first come, first served; and when it is done."""
    free = [0.0] * count
    waited, done = np.empty_like(arrived), np.empty_like(arrived)
    for number, (at, span) in enumerate(zip(arrived.tolist(), takes.tolist(), strict=True)):
        begins = max(at, heapq.heappop(free))
        waited[number], done[number] = begins - at, begins + span
        heapq.heappush(free, begins + span)
    return waited, done


def matches_of(mean: float, articles: int, chance: np.random.Generator) -> Numbers:
    """Matches of each article: few have most, as a topic that many watch."""
    return chance.negative_binomial(0.5, 0.5 / (0.5 + mean), articles).astype(np.float64)


def simulated(load: Load, seconds: float) -> list[Part]:
    """The parts of a fleet that the formula finds large enough, on one of its streams."""
    need, chance, cost = sizes(load), np.random.default_rng(SEED), MEASURED
    shards = need.primaries
    articles = int(load.articles / shards * seconds)
    arrived = np.sort(chance.uniform(0, seconds, articles))
    matches = matches_of(load.matches, articles, chance)
    matched = (matches > 0).astype(np.float64)
    # The formula takes matches to be spread by chance; here fewer articles have them.
    tenfold = math.log10(load.watchlists / 10_000)
    article = cost.article + cost.watchlists * tenfold
    work: Numbers = article + cost.matched * matched + cost.match * matches
    deliveries = matches * load.subscribers
    of_match = cost.server_match + cost.server_delivery * load.subscribers
    served: Numbers = cost.server_article + cost.server_matched * matched + of_match * matches
    sent: Numbers = cost.delivery * deliveries
    parts, at = [], arrived
    for name, takes, count in (
        ("processes that match", work, need.workers),
        ("primaries", served, shards),
        ("processes that deliver", sent, need.senders),
    ):
        of_shard = max(1, math.ceil(count / shards))
        waited, at = waits(at, takes, of_shard)
        order = np.argsort(at, kind="stable")
        # Those that are done early come first to the next; each keeps what it takes there.
        served, sent, at = served[order], sent[order], at[order]
        busy = float(takes.sum()) / seconds / of_shard
        full = ROOM / float(takes.mean())
        parts.append(Part(name, of_shard * shards, full, busy, waited))
    return parts


def memory_part(load: Load, kept: Kept) -> Part:
    """The primaries by what they keep."""
    need = sizes(load, kept).redis_bytes
    one = SERVER_GIB * 2**30
    count = math.ceil(need / one)
    return Part(f"{SERVER_GIB} GiB of Redis", count, load.articles * one / need, 1.0, np.zeros(1))


def main(arguments: Sequence[str] = ()) -> int:
    """Print the fleet, and its bottlenecks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fleet", description=__doc__)
    parser.add_argument("--articles", type=float, default=10_000, metavar="N", help="a second")
    parser.add_argument("--watchlists", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--matches", type=float, default=0.25, metavar="N", help="of an article")
    parser.add_argument("--subscribers", type=float, default=2.0, metavar="N", help="of a match")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="N")
    chosen = parser.parse_args(arguments)
    load = Load(chosen.articles, chosen.watchlists, chosen.matches, chosen.subscribers)
    print(f"{load.articles:,.0f} articles a second, {load.watchlists:,} watchlists,")
    print(f"{load.matches:g} matches an article, {load.subscribers:g} subscribers each\n")
    parts = [*simulated(load, chosen.seconds), memory_part(load, Kept())]
    columns = ("one is full at", "needed", "busy", "wait ms", "p99")
    table = Table((Column("part", 24, left=True), *(Column(each, 14) for each in columns)))
    table.head()
    for part in sorted(parts, key=lambda one: one.full_at):
        timed = part.waits.size > 1
        spread = (f"{1000 * np.percentile(part.waits, each):,.1f}" for each in (50, 99))
        spans = spread if timed else ("", "")
        busy = f"{part.busy:.0%}" if timed else ""
        table.row(part.name, f"{part.full_at:,.0f}", f"{part.count:,}", busy, *spans)
    need, hour = sizes(load), Kept(1 / 24, 1 / 24, 1 / 24)
    matched = load.articles * matched_share(load.matches)
    print(f"\nOne is full at so many articles a second: a core at {ROOM:.0%}, memory with all that")
    print(f"is kept for {Kept().articles:g} days (alerts {Kept().alerts:g}); kept for an hour, all")
    print(f"primaries need {sizes(load, hour).redis_bytes / 2**30:,.0f} GiB.")
    print(f"Each process that matches has {need.worker_bytes / 2**30:.2f} GiB. A day brings")
    print(f"{matched * DAY / 1e6:,.0f} million articles that match.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
