"""What the outbox holds is what docs/events/ describes."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from builders.alerts import eventually
from builders.event_schemas import faults
from builders.rules import load
from builders.stories import BUSY, TEXT, events, only, report, take
from service.store.outbox import Outbox

DIGESTED = load(
    {
        "r.yaml": """
watchlists:
  - {id: jets, match: fighter jet, notify: [desk]}
subscribers:
  - id: desk
    digest: {every: 1s}
    webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}
"""
    },
    lambda _: "whsec_" + "QUJD" * 8,
)


async def written(outbox: Outbox) -> dict[str, list[str]]:
    """The types of the events in the outbox, each with what is wrong with any of them."""
    found: dict[str, list[str]] = {}
    for event in await events(outbox):
        del event["to"]
        found.setdefault(event["type"], []).extend(faults(event))
    return found


async def released(outbox: Outbox) -> None:
    """Wait until a digest or a summary is due, and have it written."""

    async def is_released() -> bool:
        return await outbox.held_events.release() is not None

    await eventually(is_released)


async def test_alerts_corrections_and_retractions_are_valid(redis: Redis, outbox: Outbox) -> None:
    """An article that is corrected twice, the second time so that it no longer matches."""
    await take(redis, outbox, report("a"))
    await take(redis, outbox, report("a", title="Turkey and Pakistan sign fighter jet deal"))
    await take(redis, outbox, report("a", TEXT.replace("fighter jet", "trainer")))
    kinds = ("alert.created", "alert.updated", "alert.retracted")
    assert await written(outbox) == {kind: [] for kind in kinds}


async def test_the_growth_of_a_story_is_valid(redis: Redis, outbox: Outbox) -> None:
    """Three sources of one text."""
    await take(redis, outbox, *(report(name) for name in "abc"))
    assert await written(outbox) == {"alert.created": [], "story.updated": []}


async def test_an_alert_of_every_article_is_valid(redis: Redis, outbox: Outbox) -> None:
    """With `repeat: article`."""
    await take(redis, outbox, report("a"), report("b"), rules=only("every"))
    assert await written(outbox) == {"alert.created": []}


async def test_a_digest_is_valid(redis: Redis, outbox: Outbox) -> None:
    """Of an alert, and then of its retraction."""
    await take(redis, outbox, report("a"), rules=DIGESTED)
    await released(outbox)
    await take(redis, outbox, report("a", TEXT.replace("fighter jet", "trainer")), rules=DIGESTED)
    await released(outbox)
    assert await written(outbox) == {"digest.created": []}
    shown = [event["data"]["alerts"][0]["type"] for event in await events(outbox)]
    assert shown == ["alert.created", "alert.retracted"]


async def test_the_summary_of_a_throttle_is_valid(redis: Redis, outbox: Outbox) -> None:
    """Of what was held beyond two alerts a second."""
    sirens: list[Any] = [
        report(f"s{number}", f"Siren number {number} was heard.", title="A siren")
        for number in range(8)
    ]
    await take(redis, outbox, *sirens, rules=BUSY)
    await released(outbox)
    assert await written(outbox) == {"alert.created": [], "digest.created": []}
