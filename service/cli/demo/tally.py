"""What should arrive in the demo's inbox, what did, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from service.alerts.alert import alert_id, delivery_id
from service.alerts.recipients import passes_filters
from service.articles.files.entries import article_of
from service.articles.files.feeds import Fields
from service.cli.demo.inbox import Received
from service.cli.output.terminal import alert_panel, one_line
from service.errors import BadEntry
from service.rules.rules import Rules
from service.settings import Settings
from service.views.alerts.alert import alert_view

MAX_LINE_CHARS = 80
"""Of the line for an event that is shown without a panel."""

Deliveries = dict[str, str]
"""The ids of deliveries, and what each is about: `watchlist → subscriber for article`."""


@dataclass
class Tally:
    """What should arrive, and what did."""

    expected: Deliveries
    arrived: Deliveries = field(default_factory=dict)
    refused: int = 0
    """Webhooks whose signature was wrong."""

    @property
    def expected_counts(self) -> str:
        """How many should arrive: an alert is delivered to each of its subscribers."""
        alerts = len(_alerts(self.expected.values()))
        return f"{alerts} alerts in {len(self.expected)} deliveries"

    @property
    def missing(self) -> set[str]:
        """What has not arrived yet."""
        return self.expected.keys() - self.arrived.keys()

    @property
    def good(self) -> bool:
        """Whether exactly what was expected arrived, and all of it verified."""
        return self.arrived.keys() == self.expected.keys() and not self.refused

    def take(self, received: Received, out: Console) -> None:
        """Count a webhook and show it."""
        if received.problem:
            self.refused += 1
            out.print(f"✗ {received.webhook_id}: {received.problem}", style="bold red")
            return
        data, number = received.event["data"], received.webhook_id
        watchlist, article = data.get("watchlist", {}), data.get("article", {})
        again = " (again, under the same webhook-id)" if number in self.arrived else ""
        self.arrived[number] = f"{watchlist.get('id')} for {article.get('id')}"
        view = alert_view(received.event, received.body)
        footer = f"✓ signature verified: {number} at /{received.path}{again}"
        if view.type != "alert.created":
            footer = f"{view.type}\n{footer}"
        if view.score is not None:
            out.print(alert_panel(view, footer))
        else:  # an event about an alert that was shown before
            about = one_line(f"{watchlist.get('name')}: {article.get('title')}", MAX_LINE_CHARS)
            out.print(f"{about}\n{footer}", style="green")

    def sum_up(self, out: Console) -> None:
        """Show how many of the expected alerts arrived, and what is wrong."""
        arrived = [about for id_, about in self.expected.items() if id_ in self.arrived]
        style = "bold green" if self.good else "bold red"
        expected = self.expected.values()
        out.print(
            f"\n{len(_alerts(arrived))} of {len(_alerts(expected))} expected alerts arrived, in "
            f"{len(arrived)} of {len(expected)} deliveries",
            style=style,
        )
        if self.refused:
            out.print(f"{self.refused} webhooks had a wrong signature", style="red")
        for number in sorted(self.missing):
            out.print(f"missing: {self.expected[number]}", style="red")
        for number in sorted(self.arrived.keys() - self.expected.keys()):
            out.print(f"not expected: {self.arrived[number]}", style="red")


def _alerts(about: Iterable[str]) -> set[tuple[str, str]]:
    """The watchlist and the article of each alert that deliveries are about."""
    return {(each.partition(" → ")[0], each.rpartition(" for ")[2]) for each in about}


def expected_deliveries(
    samples: Sequence[Fields], rules: Rules, settings: Settings
) -> Iterator[tuple[str, str]]:
    """The id of each delivery that the samples must bring, and what it is about.

    Worked out without stream, Redis or network.
    """
    for fields in samples:
        try:
            article = article_of(fields, max_bytes=settings.stream.max_article_bytes)
        except BadEntry:
            continue
        matches = rules.engine.match(article, max_evidence=settings.match.max_evidence)
        for match in matches:
            watchlist = rules.watchlists[match.query_id]
            alert = alert_id(watchlist.id, *article.identity.parts)
            for name in watchlist.notify:
                if passes_filters(rules.terms.get(name), watchlist, match.score):
                    about = f"{watchlist.id} → {name} for {article.id}"
                    yield delivery_id(alert, name), about
