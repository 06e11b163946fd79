"""URLs of a Redis that Sentinels watch."""

from __future__ import annotations

import pytest

from service.settings.redis_url import Sentinels, sentinels


def test_hosts_name_and_database_are_read() -> None:
    """Each host may have a port; the database and the login may be left out."""
    assert sentinels("redis+sentinel://a:1,b,[::1]:3/mymaster/2") == Sentinels(
        (("a", 1), ("b", 26379), ("::1", 3)), "mymaster", "redis://primary/2"
    )


def test_the_login_is_the_primarys() -> None:
    """It goes to the primary as it was written, special characters and all."""
    found = sentinels("redis+sentinel://me:p%40ss@a:1/mymaster")
    assert found is not None
    assert found.nodes == (("a", 1),)
    assert found.one == "redis://me:p%40ss@primary/"


@pytest.mark.parametrize("url", ["embedded", "redis://a:1/0", "rediss://a/0", "unix:///a.sock"])
def test_other_urls_are_no_business_of_sentinels(url: str) -> None:
    """They name their server themselves."""
    assert sentinels(url) is None


@pytest.mark.parametrize("rest", ["a:1", "a:1/", "a:1/m/x", "a:1/m/0/1", "/m", "a:port/m", ",/m"])
def test_what_is_no_good_is_refused(rest: str) -> None:
    """Without the service's name, a host, or with a port or database that is no number."""
    with pytest.raises(ValueError, match=r"."):
        sentinels(f"redis+sentinel://{rest}")
