"""The version of the data in Redis: a worker takes over older data, and none reads newer.

It is raised when a worker of before could not work with what is written now. While a service is
upgraded, workers of before run beside those of now: what is written now must be such that they lose
nothing, and what they write is read. So nothing has to be rewritten, and no lock is needed.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, ResponseError

from service.errors import ConfigError, StoreError
from service.store.keys.data import DATA

DATA_VERSION: Final = 2
"""1: what was written before there was a number. 2: stories have records of version 3 or 4,
deliveries may be moved to another subscriber, one stream sends what several have, and sets of rules
are kept in pieces that they share."""


async def refuse_newer(redis: Redis, *, reads: int = DATA_VERSION) -> int | None:
    """The version of the data there; None: no worker has written it, or it may not be read.

    Where none has written it, the version is 1, or there is no data.

    Raises ConfigError where it is newer than what this program `reads`, StoreError where the key
    is another program's, and redis-py's other errors.
    """
    try:
        asked: Any = redis  # its replies are typed for both of redis-py's clients
        newest = await asked.zrevrange(DATA, 0, 0, withscores=True)
    except NoPermissionError:
        return None  # a user with few rights: what the command does next says what it may not
    except ResponseError as error:
        if "WRONGTYPE" not in str(error):
            raise
        raise StoreError(
            f"Redis key {DATA!r} is no sorted set; Tocsin keeps the version of its data there. "
            "The key was left as it is: rename or delete it"
        ) from error
    if not newest:
        return None
    [(release, found)] = newest
    if found > reads:
        raise ConfigError(
            f"the data in Redis has version {found:.0f}, which Tocsin {release.decode()} wrote, "
            f"and this Tocsin {version('tocsin')} reads none above version {reads}: run that "
            "release or a newer one, or give this one another Redis database"
        )
    return int(found)


async def take_over(redis: Redis, *, writes: int = DATA_VERSION) -> int | None:
    """Say that the data has the version that this program `writes`.

    Returns the version that it had if this call has raised it; of several workers that start at
    once only one has. Raises what `refuse_newer` raises.
    """
    before = await refuse_newer(redis, reads=writes)
    raised = await redis.zadd(DATA, {version("tocsin"): writes}, gt=True, ch=True)
    await refuse_newer(redis, reads=writes)  # a newer one may have started at the same moment
    return (before or 1) if raised and (before or 1) < writes else None
