"""URLs of one Redis, of one that Sentinels watch, and of a cluster."""

from __future__ import annotations

import pytest
from redis.asyncio.connection import parse_url

from service.settings.redis_url import Address, OptionError, address


@pytest.mark.parametrize(
    "url",
    [
        "redis://a:1/0",
        "rediss://me:p%40ss@[::1]/2?ssl_ca_certs=/etc/ca.pem&ssl_certfile=a&ssl_keyfile=b",
        "unix:///run/valkey.sock?db=2",
    ],
)
def test_one_server_is_reached_by_its_url(url: str) -> None:
    """redis-py reads it, options and all."""
    assert address(url) == Address(url)


def test_sentinels_have_ports_a_name_and_a_database() -> None:
    """Each host may have a port; the database and the login may be left out."""
    assert address("redis+sentinel://a:1,b,[::1]:3/my%20master/2") == Address(
        "redis://primary/2", (("a", 1), ("b", 26379), ("::1", 3)), "my master"
    )


def test_the_login_is_the_primarys_and_that_of_the_sentinels_an_option() -> None:
    """Each is kept as it was written, special characters and all; TLS is for both."""
    found = address(
        "rediss+sentinel://me:p%40ss@a:1/mymaster"
        "?sentinel_username=watch&sentinel_password=a%26b&ssl_ca_certs=/etc/ca%20.pem"
    )
    assert found == Address(
        "rediss://me:p%40ss@primary/?ssl_ca_certs=%2Fetc%2Fca+.pem",
        (("a", 1),),
        "mymaster",
        {"username": "watch", "password": "a&b"},
    )


@pytest.mark.parametrize("end", ["", "/", "/0"])
def test_a_cluster_is_named_by_some_of_its_nodes(end: str) -> None:
    """It has one database, which may be named."""
    found = address(f"rediss+cluster://me:pw@a:7000,b{end}?ssl_ca_certs=ca.pem")
    assert found == Address("rediss://me:pw@node/0?ssl_ca_certs=ca.pem", (("a", 7000), ("b", 6379)))


@pytest.mark.parametrize(
    "url",
    [
        "embedded",
        "http://a:1",
        "redis:///0",
        "redis://a:port",
        "redis://a:0",
        "redis+unix:///a",
        "unix:/a.sock",
        "unix+cluster:///a",
        *(f"redis+cluster://{rest}" for rest in ("", "/0", "a:1,,b", "a:1/1", "a:port", "a/x")),
        *(
            f"redis+sentinel://{rest}"
            for rest in ("a:1", "a:1/", "a:1/m/x", "a:1/m/0/1", "/m", "a:port/m", ",/m", "a?x/m")
        ),
    ],
)
def test_what_is_no_good_is_refused(url: str) -> None:
    """Without a host or the name, or with a port or database that is no number."""
    with pytest.raises(ValueError, match=r"."):
        address(url)


@pytest.mark.parametrize(
    "url",
    [
        "redis://a?ssl_ca_cert=s3cr3t",
        "unix:///a?sentinel_password=s3cr3t",
        "redis+cluster://a?sentinel_password=s3cr3t",
    ],
)
def test_an_option_that_there_is_not_is_named_without_its_value(url: str) -> None:
    """redis-py would fail with a TypeError at the first connection."""
    with pytest.raises(OptionError) as caught:
        address(url)
    assert "s3cr3t" not in str(caught.value)
    assert "ssl_ca_certs" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *(f"redis://a?{name}=s3cr3t" for name in ("db", "protocol", "socket_timeout")),
        *(f"redis+cluster://a?{name}=s3cr3t" for name in ("health_check_interval", "db")),
        "redis://a?max_connections=-1",
        "redis://a?socket_connect_timeout=nan",
        "rediss://a?ssl_cert_reqs=s3cr3t",
        "redis://a?ssl_ca_certs=s3cr3t",
        "redis+sentinel://a/m?ssl_ca_certs=s3cr3t",
        "unix:///a?ssl_ca_certs=s3cr3t",
        "unix:///a?socket_keepalive=1",
        "redis+sentinel://a/m?db=5",
        "redis+cluster://a?db=5",
    ],
)
def test_an_option_that_does_not_fit_is_named_without_its_value(url: str) -> None:
    """redis-py would fail at the first connection, or take another database without a word."""
    with pytest.raises(OptionError) as caught:
        address(url)
    assert url.partition("?")[2].partition("=")[0] in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_values_that_redis_py_reads_are_taken() -> None:
    """Those of each option."""
    url = (
        "rediss://a?db=2&protocol=3&socket_timeout=1.5&socket_connect_timeout=2&socket_keepalive=yes"
        "&health_check_interval=5&max_connections=9&ssl_cert_reqs=none&ssl_check_hostname=no"
        "&ssl_min_version=771&client_name=a%20b&password=p@ss"
    )
    assert address(url) == Address(url)
    assert parse_url(url)["db"] == 2


def test_no_part_of_a_password_is_taken_for_an_option() -> None:
    """A question mark that is not encoded cuts the password in two."""
    with pytest.raises(ValueError, match="percent-encode") as caught:
        address("redis://me:12?s3cr3t=@a/0")
    assert not isinstance(caught.value, OptionError)
