"""Which articles count for the rhythms of sources and watchlists, and from when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from builders.articles import an_article
from service.alerts.alert import rfc3339
from service.alerts.rhythm.slots import slot_of
from service.store.client import Store
from service.store.commit.commit import Committed, DeadLetter, Decided
from service.store.input_stream.rhythm.arrivals import Arrivals
from service.stream.batch_counts import OLD_AFTER, count_arrivals, count_batch
from service.telemetry import metrics

NOW = datetime(2026, 11, 23, 9, 4, 59, 999_400, tzinfo=UTC)
"""The last ms of a slot of five minutes."""
MS = round(NOW.timestamp() * 1000)
DAY = OLD_AFTER // timedelta(milliseconds=1)


def counted(place: int, published_at: str = "") -> list[int]:
    """In which slots an entry with this id counts."""
    entry_id, arrivals = f"{place}-0".encode(), Arrivals(Store(Redis(), "articles"))
    article = an_article("x", published_at=published_at)
    committed = Committed(done=(Decided(entry_id),))
    count_arrivals(arrivals, committed, {entry_id: article}, NOW)
    return [*arrivals._slots]


@pytest.mark.parametrize(
    ("place", "added"),
    [
        (MS, MS),
        (MS + 1, MS),
        (MS - 2 * DAY + 1, MS - 2 * DAY + 1),
        (MS - 2 * DAY, MS),
        (7, MS),
    ],
)
def test_an_id_of_the_publishers_own_says_nothing_of_when_it_came(place: int, added: int) -> None:
    """Such as one of the future, or one that counts from 1."""
    assert counted(place) == [slot_of(added)]


def test_an_article_of_a_back_fill_is_no_sign_of_a_rhythm() -> None:
    """One that was published a day before it came counts yet, an older one does not."""
    day = (NOW - timedelta(days=1)).replace(microsecond=0)
    place = round((day + timedelta(days=1)).timestamp() * 1000)
    assert counted(place, rfc3339(day)) == [slot_of(place)]
    assert counted(place, rfc3339(day - timedelta(seconds=1))) == []


def test_a_dead_letter_that_another_worker_wrote_is_not_counted() -> None:
    """That one has counted it."""
    letters = [DeadLetter(b"1-0", {}, "no text", 1, "no_text"), DeadLetter(b"2-0", {}, "x")]
    before = metrics.DEAD_LETTERS["no_text"]._value.get()
    count_batch(Committed(), letters)
    assert metrics.DEAD_LETTERS["no_text"]._value.get() == before
    count_batch(Committed(dead=frozenset({b"1-0"})), letters)
    assert metrics.DEAD_LETTERS["no_text"]._value.get() == before + 1
