"""What the tests share: a real Valkey, run the way the service runs it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
import structlog
from hypothesis import settings
from redis.asyncio import Redis

from service.embedded import embedded_server

_numbers = count(1)

# Speed is judged by benchmarks; the first example pays for dictionaries that are loaded once.
settings.register_profile("tocsin", deadline=None)
settings.load_profile("tocsin")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest, which wait for processes: none is left to one worker at the end."""
    items.sort(key=lambda item: "e2e" not in item.path.parts)  # stable: the order remains random


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Put the process's logging back as it was: commands set it up for themselves."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(False)
    for name in ("aiohttp", "httpx"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    root.handlers[:], root.level = handlers, level


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Valkey that lives as long as the test session."""
    with embedded_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of that server, which is empty when the test begins; answers are bytes."""
    async with Redis.from_url(redis_url) as client:
        await client.flushall()
        yield client


@pytest.fixture
def stream_name() -> str:
    """An input stream that no other test uses."""
    return f"articles-{next(_numbers)}"
