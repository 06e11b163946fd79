"""Several texts under one id: a correction, another article, or neither."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from builders.rules import load
from service.alerts.alert import alert_id
from service.articles.identity import EARLIER, Identity
from service.settings import StreamSettings
from service.store.client import Store
from service.store.keys import ALERT, ALERTED, ARTICLE_TEXTS, GROUP
from service.store.outbox import Outbox
from service.stream.decider import BatchDecider
from service.stream.entry import Entry
from service.stream.page_pool import PagePool

RULES = load(
    {
        "r.yaml": """
watchlists: [{id: jets, match: fighter jet, repeat: article, notify: [desk]}]
subscribers: [{id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}]
"""
    },
    lambda _: "whsec_" + "QUJD" * 8,
)
DEAL = (
    "Pakistan and Turkey signed a contract for a common fighter jet in Ankara on Monday. "
    "Ministers of both countries said that the first aircraft would fly within three years. "
    "Engineers from Islamabad will work beside those of the Turkish company, which leads the "
    "project. The contract covers forty aircraft, with options for twenty more. Neither side "
    "named a price."
)
CRASH = (
    "A fighter jet crashed into the North Sea during an exercise off Norway. Rescuers found "
    "the pilot, whose parachute had opened, within an hour. Investigators suspect that birds "
    "struck its engine."
)
FLOOD = (
    "Rivers burst their banks in Bavaria after days of heavy rain, and thousands left their homes."
)

Process = Callable[..., Awaitable[list[str]]]


@pytest.fixture
async def process(redis: Redis, stream_name: str) -> AsyncIterator[Process]:
    """Reads entries one by one, and returns what the desk is told: types and titles."""
    outbox = Outbox(redis, stream_name)
    await outbox.input_stream.ensure_group()
    async with PagePool(1) as pages:
        decider = BatchDecider(
            outbox,
            StreamSettings(),
            rules=lambda: RULES,
            max_evidence=5,
            pages=pages,
        )

        async def run(*articles: dict[str, str], together: bool = False) -> list[str]:
            ids = await outbox.input_stream.publish(articles)
            await redis.xreadgroup(GROUP, "reader", {outbox.stream: ">"})
            found = [
                Entry(id_.encode(), {name.encode(): text.encode() for name, text in one.items()})
                for id_, one in zip(ids, articles, strict=True)
            ]
            for batch in [found] if together else [[one] for one in found]:
                await decider.process(batch)
                await decider.finish()  # the first text of a language is decided later
            return [
                f"{one['type']} {one['data']['article']['title']}" for one in await sent(outbox)
            ]

        yield run


async def sent(outbox: Outbox) -> list[dict[str, Any]]:
    """What the desk gets, the earliest first."""
    found = [await outbox.deliveries.get(one.id) for one in await outbox.deliveries.newest()]
    return [json.loads(one.body) for one in reversed(found) if one]


def entry(title: str, body: str, **fields: str) -> dict[str, str]:
    """One of those that come under the same id."""
    return {"id": "12345", "source": "Gazette", "title": title, "body": body, **fields}


@pytest.mark.parametrize("together", [False, True])
async def test_a_text_with_nothing_in_common_is_another_article(
    process: Process, *, together: bool
) -> None:
    """It alerts, retracts nothing, and each of the two has its own corrections from then on."""
    with capture_logs() as logs:
        assert await process(
            entry("Deal", DEAL),
            entry("Flood", FLOOD),
            entry("Crash", CRASH),
            entry("Deal signed", DEAL),
            entry("Crash off Norway", CRASH),
            entry("Deal signed", DEAL),
            entry("Crash, no jet", CRASH.replace("fighter jet", "glider")),
            together=together,
        ) == [
            "alert.created Deal",
            "alert.created Crash",
            "alert.updated Deal signed",
            "alert.updated Crash off Norway",
            "alert.retracted Crash, no jet",
        ]
    others = [line for line in logs if line["event"] == "article.other_text"]
    assert [line["article_id"] for line in others] == ["12345"] * 2


async def test_one_source_does_not_correct_another(process: Process) -> None:
    """Nor does a host, where no source is named; `www.` makes no other host."""
    assert await process(
        entry("Deal", DEAL),
        entry("Deal?", DEAL.replace("fighter jet", "tractor"), source="Herald"),
        entry("Deal again", DEAL, source="Herald"),
        {"id": "12345", "url": "https://a.example/1", "title": "Deal A", "body": DEAL},
        {"id": "12345", "url": "https://b.example/1", "title": "Deal B", "body": DEAL},
        {"id": "12345", "url": "https://www.a.example/2", "title": "Deal A2", "body": DEAL},
    ) == [
        "alert.created Deal",
        "alert.created Deal again",
        "alert.created Deal A",
        "alert.created Deal B",
        "alert.updated Deal A2",
    ]


@pytest.mark.parametrize("newer", [FLOOD, CRASH])
async def test_a_headline_alone_makes_no_correction(process: Process, newer: str) -> None:
    """A fetcher gives the feed's headline to what it met, be that a wall that nobody knows."""
    title = "Pakistan and Turkey signed contract about common project"
    told = await process(entry(title, DEAL), entry(title, newer))
    assert told == [f"alert.created {title}"] * (2 if newer == CRASH else 1)


UNKNOWN_WALLS = [
    "Orria ez da aurkitu. Itzuli hasierara edo saiatu berriro geroago.",  # Basque
    "Sahifa topilmadi. Keyinroq qayta urinib ko‘ring.",  # Uzbek
    "Ma nstabitx il-paġna. Erġa' pprova aktar tard.",  # Maltese
    "Nuk keni të drejtë ta shihni këtë faqe. Hyni me llogarinë tuaj.",  # Albanian
    "The gremlins ate this one! Our hamsters have been told and are on their way.",
    "Already signed up or a subscriber? Log in",  # the article was signed, too
]


async def test_a_wall_that_nobody_knows_takes_nothing_back(process: Process) -> None:
    """In whatever language: it has next to nothing in common with the article of its id."""
    walls = [{"id": "12345", "source": "Gazette", "body": text} for text in UNKNOWN_WALLS]
    assert await process(
        entry("Deal", DEAL), *walls, entry("Deal signed", DEAL), together=False
    ) == ["alert.created Deal", "alert.updated Deal signed"]


CONSENT = (
    "We and our 812 partners store and access information on a device. By clicking accept all you "
    "agree to our use of cookies for personalised advertising and content. You may withdraw your "
    "consent at any time. Manage your cookie preferences or change your privacy settings below."
)


async def test_a_wall_that_says_more_than_a_short_article_takes_nothing_back(
    process: Process, redis: Redis, stream_name: str
) -> None:
    """The headline, which both have, is most of what the article said."""
    title = "Turkey and Pakistan signed contract"
    assert await process(entry(title, "It is about a fighter jet."), entry(title, CONSENT)) == [
        f"alert.created {title}"
    ]
    (letter,) = await Outbox(redis, stream_name).dead_letters.newest()
    assert letter.reason.startswith("a wall, no article")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Just a moment...\n\nEnable JavaScript and cookies to continue", "a wall, no article"),
        (f"{DEAL[:60]} …\n\nSubscribe to continue reading", "a wall, no article"),
        (DEAL.split(". ")[1] + ".", "only a part of the text"),
    ],
)
async def test_a_wall_or_a_cut_text_corrects_nothing(
    process: Process, redis: Redis, stream_name: str, text: str, reason: str
) -> None:
    """It becomes a dead letter with that reason; under an id that has not alerted it is judged."""
    first = entry("Fighter jet deal", DEAL)
    assert await process(first, entry("Pakistan and Turkey sign contract", text)) == [
        "alert.created Fighter jet deal"
    ]
    (letter,) = await Outbox(redis, stream_name).dead_letters.newest()
    assert letter.reason.startswith(reason)
    told = await process(entry("Another fighter jet", text, id="7"))
    assert told[1:] == ["alert.created Another fighter jet"]


async def test_a_correction_may_take_a_paragraph_out(process: Process) -> None:
    """What is left is most of the text."""
    sentences = DEAL.split(". ")
    less = ". ".join(sentences[1:])
    assert await process(entry("Deal", DEAL), entry("Deal", less)) == [
        "alert.created Deal",
        "alert.retracted Deal",
    ]


async def test_ids_that_mean_many_articles_keep_the_newest_texts(
    process: Process, redis: Redis, stream_name: str
) -> None:
    """A feed that gives each of its entries the same id fills no memory."""
    words = [f"{number}{letter}" for number in range(20) for letter in "abcdefgh"]
    texts = ["fighter jet " + " ".join(words[8 * n : 8 * n + 8]) for n in range(20)]
    told = await process(*[entry(f"T{n}", text) for n, text in enumerate(texts)])
    assert told == [f"alert.created T{n}" for n in range(20)]
    store = Store(redis, stream_name)
    (key,) = [each async for each in redis.scan_iter(store.key(ARTICLE_TEXTS, "*"))]
    assert await redis.hlen(key) == 16
    assert await process(entry("T19b", texts[19])) == [*told, "alert.updated T19b"]


async def test_an_alert_of_an_earlier_version_is_corrected(
    process: Process, redis: Redis, stream_name: str
) -> None:
    """It was known by its id alone. Another source's article with that id is another one."""
    await process(entry("Deal", DEAL))
    store = Store(redis, stream_name)
    (new,) = [key async for key in redis.scan_iter(store.key(ALERTED, "*"))]
    made: Any = await redis.hvals(new)
    (alert,) = made
    old = alert_id("jets", "12345")
    await redis.copy(store.key(ALERT, alert.decode()), store.key(ALERT, old))
    await redis.hset(new, "jets", old)
    earlier = Identity("gazette", "12345", EARLIER)
    await redis.rename(new, store.key(ALERTED, earlier.digest))
    (texts,) = [key async for key in redis.scan_iter(store.key(ARTICLE_TEXTS, "*"))]
    await redis.delete(texts)
    told = await process(
        entry("Deal", DEAL, source="Herald"),
        entry("Deal signed", DEAL),
        entry("Deal off", DEAL.replace("fighter jet", "tractor")),
    )
    assert told[1:] == [
        "alert.created Deal",
        "alert.updated Deal signed",
        "alert.retracted Deal off",
    ]


KILL = "Please kill this story. No contract was signed. A kill is mandatory."


async def test_a_notice_of_its_publisher_takes_an_article_back(
    process: Process, redis: Redis, stream_name: str
) -> None:
    """Under the same headline, once; the text may come again. It says why."""
    notice = entry("Fighter jet deal", KILL)
    deal = entry("Fighter jet deal", DEAL)
    told = [
        "alert.created Fighter jet deal",
        "alert.retracted Fighter jet deal",
        "alert.updated Fighter jet deal",
    ]
    assert await process(deal, notice, notice) == told[:2]
    assert await process(deal) == told
    events = [one["data"] for one in await sent(Outbox(redis, stream_name))]
    assert [one.get("reason") for one in events] == [None, KILL, None]


async def test_a_title_may_take_back_the_text_that_stays(process: Process) -> None:
    """As journals have it."""
    assert await process(entry("Jets", DEAL), entry("RETRACTED: Jets", DEAL)) == [
        "alert.created Jets",
        "alert.retracted RETRACTED: Jets",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [(DEAL + " More news is expected.", "updated"), (CRASH, "created")],
    ids=["the same story", "another article"],
)
async def test_a_headline_that_begins_like_a_mark_takes_nothing_back(
    process: Process, text: str, kind: str
) -> None:
    """The words behind it are not those of the article that was alerted."""
    headline = "Withdrawn: Denmark's offer to Norway"
    assert await process(entry("Jets", DEAL), entry(headline, text)) == [
        "alert.created Jets",
        f"alert.{kind} {headline}",
    ]


async def test_a_notice_of_what_nobody_heard_is_news(process: Process) -> None:
    """In doubt an alert: there is no article that it could take back."""
    assert await process(entry("Fighter jet deal", KILL)) == ["alert.created Fighter jet deal"]


async def test_a_notice_takes_back_one_of_several_texts(process: Process) -> None:
    """The one that it has something in common with; where that may be another, none."""
    crash = entry("Fighter jet crash off Norway", "This story has been withdrawn.")
    told = [
        "alert.created Deal",
        "alert.created Crash",
        "alert.retracted Fighter jet crash off Norway",
    ]
    assert await process(entry("Deal", DEAL), entry("Crash", CRASH), crash) == told
    other = entry("Fighter", "This story has been withdrawn.", id="7")
    texts = (entry("Deal", DEAL, id="7"), entry("Crash", CRASH, id="7"))
    found = await process(*texts, other)
    assert [one for one in found[len(told) :] if "retracted" in one] == []


QUOTE = "A study of the fighter jet's engine is gone. "
QUOTED = [
    f'{QUOTE}Instead its page says: "This article has been retracted." The journal gave no reason.',
    f"{QUOTE}Instead a note on its page says that this article has been retracted by its editors.",
    f"{QUOTE}„Dieser Artikel wurde zurückgezogen“, steht auf seiner Seite in Berlin geschrieben.",
    f"{QUOTE}Sur sa page on lit : « Cet article a été retiré », sans que la revue dise pourquoi.",
]


@pytest.mark.parametrize("first", QUOTED)
async def test_a_report_that_quotes_a_notice_is_corrected_and_read_again(
    process: Process, first: str
) -> None:
    """It is a report, whichever of its versions has the quotation; nothing is taken back."""
    later = f"{first} Engineers in Ankara were surprised."
    without = f"{QUOTE}Engineers in Ankara were surprised, and its authors could not be reached."
    told = ["alert.created Engine study gone", "alert.updated Engine study gone"]
    title = "Engine study gone"
    found = await process(entry(title, first), entry(title, first), entry(title, later))
    assert found == told
    found = await process(entry(title, without, id="7"), entry(title, later, id="7"))
    assert found == told * 2


async def test_a_notice_that_alerted_itself_is_corrected_as_news(process: Process) -> None:
    """Nobody had heard of what it takes back: it is the first text under its id."""
    longer = KILL.replace("signed.", "signed, a ministry said on Tuesday.")
    notice = entry("Fighter jet deal", KILL)
    assert await process(notice, notice, entry("Fighter jet deal", longer)) == [
        "alert.created Fighter jet deal",
        "alert.updated Fighter jet deal",
    ]


@pytest.mark.parametrize(
    "notice",
    [
        "This article has been retracted at the request of its authors.",
        "Editor's note: this article has been retracted.",
        "On Tuesday, this article was retracted.",
    ],
)
@pytest.mark.parametrize("stays", [True, False], ids=["above the text", "alone"])
async def test_a_notice_in_its_own_words_takes_the_text_back(
    process: Process, notice: str, stays: bool
) -> None:
    """Whether the text stays below it or not."""
    text = f"{notice}\n\n{DEAL}" if stays else notice
    assert await process(entry("Jets", DEAL), entry("Jets", text)) == [
        "alert.created Jets",
        "alert.retracted Jets",
    ]


@pytest.mark.parametrize("status", ["canceled", "stat:withheld", "Withdrawn"])
async def test_a_status_takes_an_article_back(
    process: Process, redis: Redis, stream_name: str, status: str
) -> None:
    """Whatever its text, and without one; of what nobody heard it says nothing."""
    deal = entry("Fighter jet deal", DEAL)
    told = ["alert.created Fighter jet deal", "alert.retracted Fighter jet deal"]
    assert await process(deal, {**deal, "status": status}, {**deal, "status": status}) == told
    _, retracted = await sent(Outbox(redis, stream_name))
    assert retracted["data"]["reason"].startswith("its publisher gives its status as")
    again = [*told, "alert.updated Fighter jet deal"]
    assert await process({**deal, "status": "usable"}) == again
    bare = {"id": "12345", "source": "Gazette", "status": status}
    assert await process(bare) == [*again, "alert.retracted "]
    assert await process(entry("Fighter jet", CRASH, id="7", status=status)) == [
        *again,
        "alert.retracted ",
    ]
