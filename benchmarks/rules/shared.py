"""Where the workers of a benchmark agree on rules: a server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from service.app.redis.embedded import embedded_server
from service.rules.in_force.state import RulesChange
from service.rules.rules import Rules
from service.store.outbox import Outbox
from service.store.rules.rules_record import RulesRecord


@asynccontextmanager
async def shared_rules(folder: Path) -> AsyncIterator[RulesRecord]:
    """The record of rules on a server whose data is in this folder."""
    with embedded_server(folder) as url:
        async with Redis.from_url(url) as redis:
            yield Outbox(redis, "articles").rules


async def not_told(before: Rules | None, after: Rules, change: RulesChange) -> None:
    """Nothing waits."""
    del before, after, change


async def no_report(rules: Rules, refused: str) -> None:
    """Nobody hears of faults."""
    del rules, refused
