"""What a Redis server says of itself, and what Tocsin says about that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.app.redis.server_risks import clock_difference, loss_risks, version_fault

SAFE = {"maxmemory": 10**9, "maxmemory_policy": "noeviction", "aof_enabled": 1}


@pytest.mark.parametrize("version", ["7.0.0", "7.2.4", "8.0.1", "10.0", "7.0", "255.255.255", ""])
def test_redis_7_and_newer_can_be_used(version: str) -> None:
    """Valkey says 7.2.4; a server that does not tell is tried."""
    assert not version_fault({"redis_version": version})


@pytest.mark.parametrize("version", ["6.2.14", "6.9.9", "5.0", "2.8.1", "unstable"])
def test_an_older_one_is_refused_in_a_sentence(version: str) -> None:
    """With its version, and what is needed."""
    found = version_fault({"redis_version": version})
    assert found == f"it is Redis {version}, and Tocsin needs Redis 7.0 or newer, or Valkey"


def test_a_server_that_does_not_tell_has_no_risk() -> None:
    """A user without the right to ask, or a service that hides its settings."""
    assert not version_fault({})
    assert loss_risks({}, embedded=False) == ()
    assert loss_risks(SAFE, embedded=False) == ()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"maxmemory_policy": "allkeys-lru"}, "set maxmemory-policy noeviction"),
        ({"maxmemory_policy": "volatile-ttl"}, "(maxmemory-policy volatile-ttl)"),
        ({"aof_enabled": 0}, "Set appendonly yes"),
        ({"maxmemory": 0}, "Set maxmemory"),
        # It evicts nothing, until somebody does no more than set a limit.
        ({"maxmemory": 0, "maxmemory_policy": "allkeys-lru"}, "and maxmemory-policy noeviction"),
    ],
)
def test_a_setting_that_loses_data_is_named(setting: dict[str, object], said: str) -> None:
    """One sentence each, with what to set."""
    (found,) = loss_risks(SAFE | setting, embedded=False)
    assert said in found


def test_the_embedded_server_may_use_all_memory() -> None:
    """Nobody else set it up, and a limit would be a guess; its other settings are still judged."""
    assert loss_risks(SAFE | {"maxmemory": 0}, embedded=True) == ()
    assert len(loss_risks(SAFE | {"aof_enabled": 0}, embedded=True)) == 1


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(0, ""), (30, ""), (-30, ""), (31, "31 s ahead of"), (-10_800, "10800 s behind")],
)
def test_clocks_may_differ_by_thirty_seconds(ahead: int, said: str) -> None:
    """Beyond that, the sentence says by how much, and what goes by which."""
    server = datetime(2026, 11, 23, 12, tzinfo=UTC)
    found = clock_difference(server, server + timedelta(seconds=ahead))
    assert bool(found) is bool(said)
    assert said in found
