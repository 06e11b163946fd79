"""Articles of one story, and what judging and committing them comes to."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from redis.asyncio import Redis

from builders.alerts import NOON, read_entries
from builders.articles import an_article
from builders.commits import Made, made_by
from builders.rules import load
from service.alerts.people.silence import Silence
from service.articles.article import Article
from service.articles.identity import revision
from service.rules.rules import Rules
from service.store.outbox import Outbox
from service.stream.decisions import MatchedArticle, decide_entries, story_query

TEXT = """\
Turkey and Pakistan are on the verge of signing a defence agreement that would let Islamabad build \
missiles and the KAAN fighter jet together with Ankara, three officials told reporters on Monday.

The talks began in January, when Defence Minister Yasar Guler met his counterpart in Rawalpindi, \
and have since covered engines, radars and the training of some 200 engineers in Eskisehir.

“We are close,” said one of the officials, who asked not to be named because the talks are \
private. A second official said that the price, put at 4.5 billion dollars, was still open.

Analysts in London said the deal would be the largest that Pakistan has made with any partner \
but China, and that Washington would look at it closely."""
OTHER = """\
Heavy rain closed the road between Gilgit and Skardu on Tuesday, the police said, and a fighter \
jet of the air force was used to look for two missing lorries.

The river rose by two metres within an hour. Shops in the lower town were flooded, and the school \
was opened for those who could not go home. The district's governor asked drivers to wait for two \
days, since the bridge at Alam has to be examined first.

Nobody was hurt. Engineers from Islamabad are expected in Gilgit on Wednesday morning."""
YAML = """
watchlists:
  - {id: jets, match: fighter jet, notify: [desk]}
  - {id: every, match: fighter jet, notify: [desk], repeat: article}
  - {id: strict, match: fighter jet, notify: [picky]}
  - {id: busy, match: siren, notify: [desk], throttle: {max: 2, per: 1s}}
subscribers:
  - {id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}
  - {id: picky, min_score: 85, webhook: {url: "https://p.example/hook", secret: "${SECRET}"}}
"""
RULES = load({"r.yaml": YAML}, lambda _: "whsec_" + "QUJD" * 8)


def only(*watchlists: str) -> Rules:
    """The rules with these watchlists alone."""
    lines = [
        line
        for line in YAML.splitlines()
        if "match:" not in line or any(f"id: {one}," in line for one in watchlists)
    ]
    return load({"r.yaml": "\n".join(lines)}, lambda _: "whsec_" + "QUJD" * 8)


JETS = only("jets")
BUSY = only("busy")


def report(id_: str, text: str = TEXT, **fields: Any) -> Article:
    """An article of this text."""
    given = {"id": id_, "title": "Turkey and Pakistan near a deal", "source": f"Paper {id_}"}
    fields = given | fields
    digest = revision(f"{fields['title']}\0{text}")
    return an_article(text, revision=digest, **fields)


async def take(
    redis: Redis,
    outbox: Outbox,
    *articles: Article,
    rules: Rules = JETS,
    silences: Collection[Silence] = (),
) -> Made:
    """Have one batch of articles judged and committed."""
    entries = await read_entries(redis, outbox.stream, len(articles))
    return await settle_entries(outbox, entries, articles, rules=rules, silences=silences)


async def settle_entries(
    outbox: Outbox,
    entries: Sequence[bytes],
    articles: Sequence[Article],
    *,
    rules: Rules = JETS,
    silences: Collection[Silence] = (),
) -> Made:
    """Judge and commit entries that were read, until their histories hold still."""
    made = Made()
    matched = [matched_article(*each, rules) for each in zip(entries, articles, strict=True)]
    while matched:
        queries = [story_query(one, rules) for one in matched]
        histories = await outbox.histories.read(queries)
        decided = [*decide_entries(matched, histories, rules, at=NOON, silences=silences)]
        committed = await outbox.commit(decided, at=NOON)
        made += made_by(committed)
        matched = [one for one in matched if one.entry_id in committed.stale]
    return made


def matched_article(entry: bytes, article: Article, rules: Rules = JETS) -> MatchedArticle:
    """The article with what it matches."""
    return MatchedArticle(entry, article, tuple(rules.engine.match(article, max_evidence=5)))


async def events(outbox: Outbox) -> list[dict[str, Any]]:
    """What subscribers get, the earliest first."""
    found = []
    for delivery in await outbox.deliveries.newest():
        shown = await outbox.deliveries.get(delivery.id)
        assert shown is not None
        found.append({"to": delivery.subscriber, **json.loads(shown.body)})
    return found[::-1]


async def kinds(outbox: Outbox) -> list[str]:
    """What was told, the earliest first, without the `alert.`."""
    return [event["type"].removeprefix("alert.") for event in await events(outbox)]
