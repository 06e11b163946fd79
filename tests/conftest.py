"""What the tests share: a real Valkey, run the way the service runs it."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count, islice

import pytest
import structlog
from hypothesis import settings
from redis.asyncio import Redis

from harness import fork_server
from harness.redis_cluster import ON_CLUSTER, emptied, shared_cluster
from harness.redis_server import shared_server
from harness.service_process import end_all
from service.app.redis.clients import clients
from service.matching.kernel_files import mark

_numbers = count(1)
_LONG = {"e2e", "chaos"}
"""Folders with tests of many seconds."""

# Speed is judged by benchmarks; the first example pays for dictionaries that are loaded once.
settings.register_profile("tocsin", deadline=None)
settings.load_profile("tocsin")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile what a change of the kernels asks for once, not in each process that tests start."""
    if not hasattr(session.config, "workerinput") and not mark().exists():
        subprocess.run([sys.executable, "-m", "service.app.kernels"], check=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported and collected is no garbage, and stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have each worker begin with its share of the longest, which wait for processes.

    `--dist=worksteal` deals the list out in equal runs. Within them the order remains random.
    """
    longest = [item for item in items if _LONG & {*item.path.parts}]
    rest = [item for item in items if not _LONG & {*item.path.parts}]
    others = iter(rest)
    workers, left = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")), len(items)
    items.clear()
    for number in range(workers):
        share = longest[number::workers]
        run = left // (workers - number)
        items += [*share, *islice(others, max(0, run - len(share)))]
        left -= run
    items += others


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """End the services that a test has left, as one does that fails or runs out of time."""
    yield
    end_all()


def pytest_sessionfinish() -> None:
    """End what the tests share and a fixture does not."""
    fork_server.close()


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
    """The URL of a server that lives as long as the test session: the Valkey that ships, unless
    TEST_SERVER names another. With TEST_CLUSTER=1 it is a cluster of three.
    """
    folder = tmp_path_factory.mktemp("redis")
    with shared_cluster(folder) if ON_CLUSTER else shared_server(folder) as url:
        yield url


@pytest.fixture
async def client_of(redis_url: str) -> AsyncIterator[Callable[[str], Redis]]:
    """A client of the server that has a stream; all are empty when the test begins."""
    if ON_CLUSTER:
        await emptied(redis_url)
        async with clients(redis_url) as found:
            yield found
    else:
        async with Redis.from_url(redis_url) as client:
            await client.flushall()
            yield lambda _: client


@pytest.fixture
async def redis(client_of: Callable[[str], Redis], stream_name: str) -> Redis:
    """A client of that server, on a cluster of the one that has the test's stream; answers are
    bytes.
    """
    return client_of(stream_name)


@pytest.fixture
def stream_name() -> str:
    """An input stream that no other test uses."""
    return f"articles-{next(_numbers)}"
