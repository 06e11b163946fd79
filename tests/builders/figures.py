"""What Redis may tell of a stream, and the series that a process shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from service.store.deliveries.waiting import LANE_STATES, WaitingDeliveries
from service.store.input_stream.backlog import StreamBacklog
from service.store.outbox import Outbox
from service.web.metrics_page import MetricsPage
from service.web.store_figures import Figures, StoreFigures, StreamFigures

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def some_figures(busiest: tuple[tuple[str, int], ...] = (("desk", 3),)) -> StreamFigures:
    """A stream in which something of everything waits."""
    backlog = StreamBacklog(
        AT,
        has_group=True,
        unread=4,
        pending=2,
        oldest=AT,
        added=9,
        last_added=AT,
        vanished=0,
        dead_letters=1,
    )
    states = dict.fromkeys(LANE_STATES, 1)
    pending = sum(size for _, size in busiest)
    return StreamFigures(backlog, WaitingDeliveries(AT, pending + 5, 1, 2, AT, states, busiest))


Series = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]
"""The value of each, by name and sorted labels."""


def series(text: bytes) -> Series:
    """What a scrape of this text stores."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


class Read(StoreFigures):
    """Figures that were read from no store."""

    def __init__(self, figures: Figures) -> None:
        outboxes: Mapping[str, Outbox] = {}
        super().__init__(outboxes)
        self.given = figures

    async def read(self) -> Figures:
        """As they were given."""
        return self.given


async def scrape(figures: Figures) -> bytes:
    """The page of a process that reads these streams."""
    page = MetricsPage(
        Read(figures),
        version="1.2.3",
        roles=["match", "deliver"],
        reading=lambda: dict.fromkeys(figures, True),
    )
    return await page.text()
