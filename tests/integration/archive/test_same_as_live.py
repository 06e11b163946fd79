"""A back-test over a stream gives the alerts that the live service gave on it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.news_days import day, day_rules
from service.alerts.alert import rfc3339
from service.alerts.decision import Outcome, Withdrawn
from service.alerts.people.silence import Silence
from service.archive.backtest import Backtest
from service.archive.kept.archive import Archive
from service.archive.kept.reader import ArchiveReader
from service.archive.kept.stream_entries import stream_entries
from service.archive.replay import Replayed
from service.rules.rules import Rules
from service.settings import StreamSettings
from service.store.commit.commit import Committed, DeadLetter, Decided
from service.store.keys import GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool

SEEDS = int(os.environ.get("BACKTEST_SEEDS", "1"))
ENTRIES = 120
Facts = tuple[Any, ...]


def facts_of(outcome: Outcome) -> Facts:
    """What a subscriber, an operator and the next decision see of an outcome."""
    draft, event, sent = outcome.draft, outcome.event, outcome.after.sent
    return (
        draft.watchlist_id,
        draft.alert_id,
        type(outcome.decision).__name__,
        draft.story_id,
        getattr(draft, "score", None),
        (event.kind, event.id, event.subscribers) if event else None,
        sorted(name for name, route in event.routes.items() if route.not_before) if event else (),
        sorted(outcome.muted),
        sorted(each.event_id for each in outcome.unsent),
        sent and (sent.subscribers, sent.held, sent.retracted, sent.later_ids),
    )


def told(decided: Decided) -> list[Facts]:
    """What an entry came to that anybody hears of, or no longer will.

    In which batch the live service reads an entry decides how often it only counts a copy.
    """
    return [
        facts_of(each)
        for each in decided.outcomes
        if each.event is not None or isinstance(each.decision, Withdrawn)
    ]


class Watched(Outbox):
    """An outbox that remembers what was committed."""

    decided: dict[str, list[Facts]]
    dead: Counter[str]

    async def commit(
        self, decided: Sequence[Decided], dead: Sequence[DeadLetter] = (), *, at: datetime
    ) -> Committed:
        """As ever."""
        done = await super().commit(decided, dead, at=at)
        assert not done.stale
        for one in done.done:
            if found := told(one):
                self.decided[one.entry_id.decode()] = found
        self.dead.update(one.kind for one in dead)
        return done


async def live(redis: Redis, outbox: Watched, rules: Rules, seed: int) -> None:
    """Have the service decide a day in batches of any size, heirs too."""
    outbox.decided, outbox.dead = {}, Counter()
    chance = Random(seed)
    entries = list(day(seed, ENTRIES))
    await outbox.input_stream.ensure_group()
    async with PagePool(1) as pages:
        decider = BatchDecider(
            outbox, StreamSettings(), rules=lambda: rules, max_evidence=5, pages=pages
        )
        while entries:
            size = chance.randrange(1, 40)
            # A page is decided when it is read, whatever is behind it: here it is alone.
            pages_at = [at for at, entry in enumerate(entries[:size]) if "html" in entry]
            size = max(1, pages_at[0]) if pages_at else size
            some, entries = entries[:size], entries[size:]
            await outbox.input_stream.publish(some)
            found: Any = True
            while found:
                found = await redis.xreadgroup(GROUP, "reader", {outbox.stream: ">"})
                for _, rows in found:
                    await decider.process([Entry(id_, fields) for id_, fields in rows])
                    await decider.finish()


async def backtest(
    outbox: Outbox, rules: Rules, folder: Path, silence: Silence, processes: int
) -> tuple[dict[str, list[Facts]], Counter[str]]:
    """The same from the stream as it is kept."""
    archive = Archive(folder, segment=50)
    async with ArchiveReader(1, max_bytes=StreamSettings().max_article_bytes) as reader:
        await archive.add(stream_entries(outbox, archive.last), reader, lambda _: None)
    decided: dict[str, list[Facts]] = {}
    dead: Counter[str] = Counter()

    def note(_: int, replayed: Replayed) -> None:
        if found := told(replayed.decided):
            decided[replayed.entry_id] = found

    test = Backtest(
        [rules],
        archive.segments(),
        since=0,
        window=72 * 3_600_000,
        similarity=0.38,
        silences=[silence],
        noted=note,
    )
    assert sum(test.run(processes)) == await outbox.redis.xlen(outbox.stream)
    dead.update(test.coverage.letters)
    dead.update(test.runs[0].tally.refused)
    return decided, dead


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_a_backtest_repeats_the_live_run(
    redis: Redis, stream_name: str, tmp_path: Path, seed: int
) -> None:
    """Copies, corrections, retractions, heirs, throttles, silences, quiet hours, and walls.

    Every other seed has its articles matched in another process.
    """
    rules = day_rules()
    rules.engine.prepare()
    for language in ("de", ""):
        rules.engine.prepare_language(language)
    outbox = Watched(redis, stream_name)
    now = await outbox.silences.now()
    silence = Silence(
        "s1", "subscriber", "silenced", rfc3339(now + timedelta(hours=1)), "quiet", rfc3339(now)
    )
    await outbox.silences.add(silence)
    with capture_logs():
        await live(redis, outbox, rules, seed)
    decided, dead = await backtest(outbox, rules, tmp_path, silence, processes=seed % 2)
    assert dead == outbox.dead
    assert [*decided] == sorted(outbox.decided, key=lambda id_: [*map(int, id_.split("-"))])
    for entry_id, found in outbox.decided.items():
        assert decided[entry_id] == found
    kinds = Counter(facts[2] for found in decided.values() for facts in found)
    assert kinds.keys() >= {"Created", "Updated", "Retracted", "Held"}
