"""A receiver in a process of its own, its subscribers, and the alerts that are sent to it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from redis.asyncio import Redis

from service.alerts.alert import Event
from service.alerts.decide import history_after
from service.alerts.decision import AlertDraft, Created, Outcome
from service.alerts.history import AlertHistory
from service.articles.identity import Identity
from service.delivery.channels.webhook.rules_block import Webhook
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.store.commit.commit import Decided
from service.store.keys import GROUP
from service.store.outbox import Outbox

SECRET = "whsec_" + "QUJD" * 8
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SENTENCE = "Pakistan and Turkey are in the last round of talks over a shared production line. "


@dataclass
class Desk:
    """The receiver's process."""

    process: subprocess.Popen[str]
    port: int

    def arrived(self) -> dict[str, float]:
        """What came since the last call: by id, when it came first."""
        pipe, out = self.process.stdin, self.process.stdout
        assert pipe is not None
        assert out is not None
        pipe.write("\n")
        pipe.flush()
        found: dict[str, float] = {}
        for _ in range(int(out.readline())):
            name, at = out.readline().split()
            found.setdefault(name, float(at))
        return found

    def turn(self) -> None:
        """From now on it answers `turn` no more."""
        assert self.process.stdin is not None
        self.process.stdin.write("turn\n")
        self.process.stdin.flush()

    def url(self, path: str = "hook") -> str:
        """An address that it answers at; it never answers `hang`."""
        return f"http://127.0.0.1:{self.port}/{path}"


@contextmanager
def desk() -> Iterator[Desk]:
    """A receiver for a while."""
    command = [sys.executable, "-m", "benchmarks.delivery.receiver"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Desk(process, int(process.stdout.readline()))
        finally:
            process.kill()


def an_alert(name: str, subscribers: Sequence[str]) -> Outcome:
    """A new alert of an ordinary size: 1.5 kB."""
    data = {
        "watchlist": {"id": "jets", "name": "Jets", "severity": "high", "tags": []},
        "score": {"value": 87.4},
        "article": {"id": name, "title": SENTENCE, "summary": SENTENCE * 8},
        "evidence": [{"term": "jet", "sentence": SENTENCE}] * 4,
    }
    alert = f"alr_{name}"
    draft = AlertDraft(alert, "jets", Identity("", name), "r", "1-1", 87.4, tuple(subscribers))
    decision = Created(draft.subscribers)
    after = history_after(draft, decision, AlertHistory(), now=NOW, event_id=alert)
    event = Event("alert.created", alert, data, draft.subscribers)
    return Outcome(draft, decision, event, AlertHistory(), after)


async def commit(outbox: Outbox, redis: Redis, alerts: Sequence[Outcome]) -> None:
    """Commit each alert as an article of its own."""
    await outbox.input_stream.publish([{"title": each.draft.article.id} for each in alerts])
    read = await redis.xreadgroup(GROUP, "bench", {outbox.stream: ">"}, count=len(alerts))
    entries = [entry for _, batch in _pairs(read) for entry, _ in batch]
    decided = [Decided(e, (alert,)) for e, alert in zip(entries, alerts, strict=True)]
    await outbox.commit(decided, at=NOW)


def _pairs(read: object) -> list[tuple[bytes, list[tuple[bytes, object]]]]:
    if isinstance(read, dict):
        return [(name, batches[0]) for name, batches in read.items()]
    assert isinstance(read, list)
    return read


def subscribers(desk: Desk, number: int, path: str = "hook") -> dict[str, Subscriber]:
    """So many, of which the first tenth has this path."""
    found = {}
    for n in range(number):
        url = Secret(desk.url(path if n < number // 10 else "hook"))
        found[f"s{n}"] = Subscriber(f"s{n}", Webhook(url, (Secret(SECRET),)))
    return found
