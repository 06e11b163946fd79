"""What feeds, pages and fetchers really bring loses no alert, and takes none back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from builders.entries_on_stream import add
from harness.commands import Shell
from harness.receiver import Receiver
from harness.service_process import PATIENCE, Place, settled, start
from service.store.client import Store
from service.store.keys import PROGRESS

RULES = """
watchlists:
  - id: jets
    match: fighter jet
    repeat: article
    notify: [desk]
subscribers:
  - id: desk
    webhook: {url: "${DESK_URL}", secret: "${DESK_SECRET}"}
"""
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>{0}</title>
<link>https://{0}.example/</link>{1}</channel></rss>"""
ITEM = """<item><title>{0}</title>{1}<description>{2}</description></item>"""
PAGE = """<html><head><title>{0}</title><link rel="canonical" href="https://daily.example/live"/>
</head><body><article><h1>{0}</h1><p>{1}</p></article></body></html>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"
 xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>Atom</title>{0}</feed>"""
ENTRY = (
    "<entry><id>urn:9</id><title>A fighter jet</title><link href='https://atom.example/9'/></entry>"
)
TOMBSTONE = "<at:deleted-entry ref='urn:9' when='2026-01-02T00:00:00Z'/>"
NUMERIC = '<guid isPermaLink="false">12345</guid>'
TEXTS = [
    "A fighter jet landed in Oslo on Monday after its crew had reported smoke in the cockpit.",
    "The air force of Chile orders a fighter jet from Sweden, the first since the nineties.",
    "Museum visitors in Prague may climb into a fighter jet that once escaped over the border.",
    "Indian engineers present the wing of a fighter jet that is made of woven carbon fibres.",
    "Neighbours of an airfield near Lyon sue because each fighter jet wakes their children up.",
    "A court in Ottawa orders the ministry to publish what its next fighter jet will cost.",
    "Two brothers from Texas build a wooden fighter jet and race it against motorcycles.",
    "Pilots in Jakarta refuse to fly a fighter jet whose seats are older than themselves.",
    "For a film about Malta the producers rent a fighter jet and paint it the wrong colour.",
]
DEAL = (
    "Pakistan and Turkey signed a contract for a common fighter jet in Ankara on Monday. Ministers "
    "of both countries said that the first aircraft would fly within three years."
)
WALLS = [
    "Just a moment...\n\nEnable JavaScript and cookies to continue",
    "Access Denied\n\nPlease verify you are a human.",
    "Page not found\n\nThe page you are looking for does not exist.",
    "Wir und unsere Partner verwenden Cookies. Bitte akzeptieren Sie alle Cookies.",
    "Subscribe to continue reading\n\nAlready a subscriber? Log in",
]
HOSTILE = [
    {"title": "a" + 65_500 * "\u0315" + 65_500 * "\u0300"},
    {"body": "a\n" * 260_000},
    *({"html": '<script type="application/ld+json">{' + '"author" ' * 21_000 + "</script><p>Jets"},)
    * 2,
    {"title": "<" * 60_000, "body": "&#x" * 60_000},
]
"""Each took seconds or ended the service: none may hold up what comes with it."""


def write_files(folder: Path) -> list[str]:
    """Three feeds with one guid, one with a guid twice, one with a link twice, two pages."""
    titles = [f"Jet {number}" for number in range(len(TEXTS))]
    items = [(title, text) for title, text in zip(titles, TEXTS, strict=True)]
    files = {
        f"feed{n}.xml": FEED.format(f"site{n}", ITEM.format(items[n][0], NUMERIC, items[n][1]))
        for n in range(3)
    }
    twice = "".join(ITEM.format(title, NUMERIC, text) for title, text in items[3:5])
    link = "<link>https://live.example/</link>"
    linked = "".join(ITEM.format(title, link, text) for title, text in items[5:7])
    files["twice.xml"] = FEED.format("twice", twice)
    files["linked.xml"] = FEED.format("linked", linked)
    files |= {f"page{n}.html": PAGE.format(*items[n]) for n in range(7, 9)}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [str(folder / name) for name in files]


async def test_no_alert_is_lost_or_taken_back_for_what_is_no_correction(
    tmp_path: Path,
    redis: Redis,
    least_url: str,
    stream_name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ids that several articles have, sources that share ids, walls, other texts, lost entries."""
    async with Receiver() as receiver:
        place = Place(tmp_path, least_url, stream_name, receiver, RULES)
        service = await start(place)
        shell = Shell(monkeypatch, place.environment)
        said = await shell.run("publish", *write_files(tmp_path))
        assert (said.code, said.out) == (0, f"9 articles published to {stream_name}\n")
        article = {"id": "12345", "source": "Gazette", "title": "Deal", "body": DEAL}
        await add(redis, stream_name, article)
        for wall in WALLS:
            await add(redis, stream_name, {"id": "12345", "source": "Gazette", "body": wall})
        other = {"title": "Flood", "body": "Rivers in Bavaria burst their banks after heavy rain."}
        await add(redis, stream_name, {"id": "12345", "source": "Gazette", **other})
        tractor = DEAL.replace("fighter jet", "tractor")
        await add(redis, stream_name, {**article, "source": "Herald", "body": tractor})
        await add(redis, stream_name, {**article, "title": "Deal signed"})
        await eventually(lambda: len(receiver.requests) >= 11, PATIENCE)
        await settled(redis, stream_name)
        events = [json.loads(request.body) for request in receiver.requests]
        told = sorted((one["type"], one["data"]["article"]["title"]) for one in events)
        titles = ["Deal", *(f"Jet {number}" for number in range(9))]
        assert told == [
            *(("alert.created", title) for title in titles),
            ("alert.updated", "Deal signed"),
        ]
        letters = await shell.run("dead", "list", "--json")
        reasons = [letter["reason"] for letter in json.loads(letters.out)]
        assert len(reasons) == len(WALLS)
        assert [one for one in reasons if not one.startswith("a wall, no article")] == []
        for hostile in HOSTILE:
            await add(redis, stream_name, hostile)
        await add(redis, stream_name, {"title": "A fighter jet after all"})
        await eventually(lambda: len(receiver.requests) >= 12, PATIENCE)
        await settled(redis, stream_name)
        assert not service.said("article.failed")
        for entry in (ENTRY, TOMBSTONE):
            (tmp_path / "atom.xml").write_text(ATOM.format(entry), encoding="utf-8")
            assert (await shell.run("publish", str(tmp_path / "atom.xml"))).code == 0
            await settled(redis, stream_name)
        await eventually(lambda: len(receiver.requests) >= 14, PATIENCE)
        events = [json.loads(request.body) for request in receiver.requests[12:]]
        assert [one["type"] for one in events] == ["alert.created", "alert.retracted"]
        assert len({one["data"]["article"]["id"] for one in events}) == 1
        progress = Store(redis, stream_name).key(PROGRESS)

        async def counted() -> bool:
            return bool(await redis.hexists(progress, "finished"))

        await eventually(counted, PATIENCE)  # what vanishes before the first count is not noticed
        async with redis.pipeline(transaction=True) as pipe:
            for _ in range(3):
                pipe.xadd(stream_name, {"title": "A fighter jet that nobody reads of"})
            pipe.xtrim(stream_name, maxlen=0, approximate=False)
            await pipe.execute()
        await eventually(lambda: service.said("stream.trimmed"), PATIENCE)
        assert any('"entries":3' in line for line in service.log if "stream.trimmed" in line)
        assert service.alive
        assert await service.terminate() == 0
