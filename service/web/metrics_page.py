"""`/metrics`: what this process has counted, and what waits in the store, for Prometheus.

What waits is read from the store when it is asked for, at most every `FRESH_FOR`; each process of
an installation tells the same of it.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.telemetry.metrics import REGISTRY
from service.web.store_families import gauge, quiet_family, store_families
from service.web.store_figures import StoreFigures


class MetricsPage:
    """The text of `/metrics`."""

    def __init__(
        self,
        figures: StoreFigures,
        *,
        version: str,
        roles: Iterable[str],
        reading: Callable[[], Mapping[str, bool]],
    ) -> None:
        """`reading`: for each stream that this process is to read, whether it does."""
        self._figures = figures
        self._build = {
            "version": version,
            "python": platform.python_version(),
            "roles": ",".join(sorted(roles)),
        }
        self._reading = reading
        self._process = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._process)

    async def text(self) -> bytes:
        """All series, in the text format of Prometheus."""
        scrape = CollectorRegistry(auto_describe=False)
        figures = await self._figures.read()
        families = store_families(figures, self._figures.foreign)
        quiet = quiet_family(self._figures.quiet)
        scrape.register(_Families([*self._own(), *families, quiet]))
        return generate_latest(REGISTRY) + generate_latest(scrape) + generate_latest(self._process)

    def _own(self) -> Iterator[Metric]:
        build = GaugeMetricFamily(
            "tocsin_build_info",
            "1, with versions and roles.",
            labels=list(self._build),
        )
        build.add_metric([*self._build.values()], 1)
        yield build
        yield gauge(
            "tocsin_stream_reading",
            "1 where this process reads the stream, 0 where it should and cannot.",
            {stream: int(reads) for stream, reads in self._reading().items()},
        )


class _Families(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """The families as they were given."""
        return self._families
