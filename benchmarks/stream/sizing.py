"""How many cores and how much memory an installation needs: the formula of docs/sizing.md.

Its figures are costs that were measured (docs/benchmarks.md), on two cores of a shared machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

DAY = 86_400
ROOM = 0.6
"""So busy a core may be on average: feeds come in bursts, and a queue doubles from there on."""


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in and goes out."""

    articles: float
    """A second."""
    watchlists: int
    matches: float
    """Of an article."""
    subscribers: float
    """Of a match: deliveries at once."""


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long what is kept, in days: the defaults of docs/settings.md."""

    articles: float = 7.0
    alerts: float = 30.0
    stories: float = 3.0


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of CPU, and bytes."""

    article: float = 357e-6
    """To read, match and acknowledge an article that matches nothing, with 10,000 watchlists …"""
    watchlists: float = 27e-6
    """… and for each tenfold number of them."""
    matched: float = 451e-6
    """More for an article that matches anything: its story and its history."""
    match: float = 161e-6
    """For each match: its score, its evidence and its alert."""
    delivery: float = 180e-6
    idle: float = 5e-3
    """Of a core, that a process takes where nothing comes."""
    batch: float = 3.7e-3
    """For each batch, however little is in it …"""
    batches: float = 77.0
    """… of which a process has no more a second, and the fewer the busier it is."""
    server_article: float = 36e-6
    server_matched: float = 365e-6
    server_match: float = 69e-6
    server_delivery: float = 60e-6
    worker_bytes: float = 230e6
    """Of a process …"""
    watchlist_bytes: float = 500.0
    """… and of each watchlist in it."""
    compiler_bytes: float = 190e6
    """Of the process beside that compiles watchlists …"""
    compile_bytes: float = 1_200.0
    """… and of each of them, while it does."""
    entry_bytes: float = 2_356.0
    story_bytes: float = 4_663.0
    alert_bytes: float = 2_850.0
    delivery_bytes: float = 541.0
    beside_keys: float = 1.15
    """What the server has for each byte of its keys."""


MEASURED = Costs()


@dataclass(frozen=True, slots=True)
class Sizes:
    """What an installation needs."""

    match_cores: float
    """Busy ones; a process has one at most."""
    deliver_cores: float
    server_cores: float
    """Of all primaries together; each has one at most."""
    worker_bytes: float
    """Of each process that matches …"""
    compile_bytes: float
    """… and of the one beside it, while all is compiled."""
    redis_bytes: float
    """Of all primaries together."""
    batch_cores: float
    """Busy ones beside those that match: small batches, which grow where there is more to do."""

    @property
    def workers(self) -> int:
        """Processes that match."""
        return max(1, math.ceil(self.match_cores / ROOM))

    @property
    def senders(self) -> int:
        """Processes that deliver."""
        return max(1, math.ceil(self.deliver_cores / ROOM))

    @property
    def primaries(self) -> int:
        """Servers; as many input streams are the least."""
        return max(1, math.ceil(self.server_cores / ROOM))


def matched_share(matches: float) -> float:
    """The share of articles that match anything, where matches are spread by chance."""
    return -math.expm1(-matches)


def sizes(load: Load, kept: Kept = Kept(), costs: Costs = MEASURED) -> Sizes:
    """What this load needs."""
    matched = matched_share(load.matches)
    deliveries = load.matches * load.subscribers
    tenfold = math.log10(max(1, load.watchlists) / 10_000)
    article = costs.article + costs.watchlists * tenfold
    work = article + costs.matched * matched + costs.match * load.matches
    served = (
        costs.server_article
        + costs.server_matched * matched
        + costs.server_match * load.matches
        + costs.server_delivery * deliveries
    )
    a_day = load.articles * DAY
    alert = costs.alert_bytes + costs.delivery_bytes * load.subscribers
    keys = a_day * (
        costs.entry_bytes * kept.articles
        + costs.story_bytes * kept.stories * matched
        + alert * kept.alerts * load.matches
    )
    return Sizes(
        load.articles * work,
        load.articles * deliveries * costs.delivery,
        load.articles * served,
        costs.worker_bytes + costs.watchlist_bytes * load.watchlists,
        costs.compiler_bytes + costs.compile_bytes * load.watchlists,
        keys * costs.beside_keys,
        _batch_cores(load.articles, work, costs),
    )


def _batch_cores(articles: float, work: float, costs: Costs) -> float:
    """What batches take that have few articles, in as many processes as match."""
    processes = max(1, math.ceil(articles * work / ROOM))
    each = articles / processes
    rest = max(0.0, 1 - each * work)
    return processes * (costs.idle + min(each, costs.batches) * costs.batch * rest)
