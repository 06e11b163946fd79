"""TLS to Redis: an authority of one's own, and a certificate of the client's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from harness.commands import a_shell
from harness.own_server import Server
from harness.redis_cluster import cluster, streams_by_primary
from harness.tls_way import Keys, encrypted
from service.app.redis.clients import clients


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Made for the test."""
    (tmp_path / "keys").mkdir()
    return Keys(tmp_path / "keys")


@asynccontextmanager
async def reached(tmp_path: Path, keys: Keys) -> AsyncIterator[str]:
    """The beginning of the URL of a server that is reached by TLS."""
    async with Server(tmp_path / "server") as server, encrypted(keys, server.port) as port:
        yield f"rediss://127.0.0.1:{port}/0"


async def test_a_server_is_reached_with_the_files_that_the_url_names(
    tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the service and by commands alike."""
    async with reached(tmp_path, keys) as url:
        shell = a_shell(monkeypatch, tmp_path, f"{url}?{keys.options()}", "articles")
        said = await shell.run("publish", str(tmp_path / "rules" / "rules.yaml"))
        assert said.code == 0, said.err
        async with clients(f"{url}?{keys.options()}") as client_of:
            assert await client_of("articles").xlen("articles") == 1


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        (("ssl_certfile", "ssl_keyfile"), "CERTIFICATE_VERIFY_FAILED"),
        (("ssl_ca_certs",), "add ssl_certfile and ssl_keyfile to the URL"),
    ],
)
async def test_neither_side_is_trusted_unseen(
    tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch, named: tuple[str], reason: str
) -> None:
    """A server of an unknown authority, and a client without a certificate, are refused."""
    async with reached(tmp_path, keys) as url:
        shell = a_shell(monkeypatch, tmp_path, f"{url}?{keys.options(*named)}", "articles")
        said = await shell.run("status")
    assert said.code == 1
    assert reason in said.err


async def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not taken for a server that does not answer."""
    async with reached(tmp_path, keys) as url:
        missing = f"{keys.options('ssl_ca_certs')}&ssl_certfile=/no/such.pem&ssl_keyfile=/no/key"
        shell = a_shell(monkeypatch, tmp_path, f"{url}?{missing}", "articles")
        said = await shell.run("status")
    assert said.code == 1
    assert "/no/such.pem" in said.err


async def test_a_name_that_the_certificate_does_not_have_is_refused(
    tmp_path: Path, keys: Keys
) -> None:
    """Unless the URL says that names are not to be compared."""
    async with reached(tmp_path, keys) as url:
        other = f"{url.replace('127.0.0.1', '127.0.0.2')}?{keys.options()}"
        async with clients(other) as client_of:
            with pytest.raises(RedisError):
                await client_of("articles").ping()


async def test_the_nodes_of_a_cluster_are_reached_by_tls(tmp_path: Path, keys: Keys) -> None:
    """Those that are found, as those that the URL names."""
    async with cluster(tmp_path / "cluster", keys=keys) as servers:
        url = f"{servers.url.replace('redis+', 'rediss+')}?{keys.options()}"
        async with clients(url) as client_of:
            for stream in streams_by_primary():
                assert await client_of(stream).xadd(stream, {"title": "a"})
