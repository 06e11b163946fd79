"""What the links for verdicts lead to, over real HTTP, on real alerts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import html
from redis.asyncio import Redis

from builders.stories import report, take
from harness.mail_server import MailReceiver
from harness.receiver import LOOPBACK, Receiver, answer
from service.cli.subscribers.test_message import AllRecipients, NoThreads
from service.delivery.channels.email.rules_block import Mail, Mailbox
from service.delivery.channels.email.sender import MailSender
from service.delivery.channels.slack.rules_block import SlackHook
from service.delivery.channels.slack.sender import SlackSender
from service.delivery.http.transport import AiohttpTransport
from service.delivery.message.message import Message
from service.delivery.verdict_links import VerdictLinks
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.settings import Environment, load
from service.store.client import Store
from service.store.keys import ALERT
from service.store.outbox import Outbox
from service.telemetry.metrics import VERDICT_REQUESTS
from service.web import verdict_form
from service.web.health import health_app
from service.web.readiness import Readiness
from service.web.server import serving
from service.web.verdict_form import VerdictForm

KEEP = timedelta(days=30)
SECRET = Secret("s" * 32)
HOSTILE = '</title><script>alert(1)</script>"><img src=x onerror=alert(1)>\x1b[2J\u202e jet'


@dataclass
class Clock:
    """What time it is at the server."""

    at: datetime

    def now(self) -> datetime:
        """That."""
        return self.at


@dataclass
class Desk:
    """A reader with a browser."""

    redis: Redis
    outbox: Outbox
    links: VerdictLinks
    browser: httpx.AsyncClient
    clock: Clock
    alert: str

    def link(self, verdict: str = "noise", subscriber: str = "desk", alert: str = "") -> str:
        """A link of a message that was sent now."""
        said = Message("high", "x", (), alert=alert or self.alert)
        added = self.links.added(said, subscriber, self.clock.at)
        return added.verdicts[("useful", "noise").index(verdict)].url

    async def verdicts(self) -> list[tuple[str, str, str]]:
        """What is kept with the alert, the last one last."""
        record = await self.outbox.alert_records.get(self.alert, ())
        assert record is not None
        return [(one.verdict, one.by, one.way) for one in record.verdicts]


async def ready() -> Readiness:
    """A process that is well."""
    return Readiness(ready=True)


async def nothing() -> bytes:
    """The metrics of a process that counts nothing."""
    return b""


async def unknown() -> None:
    """No work that anybody knows of."""


@pytest.fixture
async def desk(redis: Redis, outbox: Outbox) -> AsyncIterator[Desk]:
    """An alert on the stream, and a process that can be asked."""
    await outbox.input_stream.ensure_group()
    await take(redis, outbox, report("a", "One fighter jet lands.", title="A fighter jet lands"))
    store = Store(redis, outbox.stream)
    (key,) = [key.decode() async for key in redis.scan_iter(store.key(ALERT, "*"))]
    clock = Clock(datetime.now(UTC))
    links = VerdictLinks("", SECRET, KEEP)
    form = VerdictForm([outbox], links, now=clock.now)
    app = health_app(ready, nothing, unknown, [form.route()])
    async with serving(app, "127.0.0.1", 0) as url:
        links = VerdictLinks(url, SECRET, KEEP)
        async with httpx.AsyncClient(timeout=30) as browser:
            yield Desk(redis, outbox, links, browser, clock, key.rpartition(":")[2])


async def test_only_the_button_stores(desk: Desk) -> None:
    """A mail server that looks at the link changes nothing, however often."""
    for _ in range(3):
        page = await desk.browser.get(desk.link())
        assert page.status_code == 200
    assert (await desk.browser.head(desk.link())).status_code == 200
    assert await desk.verdicts() == []
    (form,) = html.document_fromstring(page.text).forms
    assert (form.method, form.action) == ("POST", None)
    assert "A fighter jet lands" in page.text
    pressed = await desk.browser.post(desk.link())
    assert pressed.status_code == 200
    assert "Thank you: noise" in pressed.text
    assert await desk.verdicts() == [("noise", "desk", "link")]


async def test_the_other_link_takes_its_place(desk: Desk) -> None:
    """And the page says what was said before."""
    await desk.browser.post(desk.link("noise"))
    page = await desk.browser.get(desk.link("useful", "phones"))
    assert "The last verdict says that it was noise; yours takes its place." in page.text
    await desk.browser.post(desk.link("useful", "phones"))
    assert await desk.verdicts() == [("noise", "desk", "link"), ("useful", "phones", "link")]
    again = await desk.browser.get(desk.link("useful"))
    assert "Somebody has said so before." in again.text


async def test_other_methods_are_refused(desk: Desk) -> None:
    """PUT and DELETE do nothing."""
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert (await desk.browser.request(method, desk.link())).status_code == 405
    assert await desk.verdicts() == []


async def test_a_forged_link_is_refused_before_redis_is_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it has; it says nothing of whether there is such an alert."""
    good, base = desk.link(), desk.links.base
    forged = [
        good[:-1], good + "x", good.replace("/noise/", "/useful/"), good.replace("desk", "dosk"),
        good + "/", f"{base}/verdict/", f"{base}/verdict/a/b/c/d/e", f"{base}/verdict/%00/%ff/",
        f"{base}/verdict/{'a' * 5000}", f"{base}/verdict/{'/' * 50}",
        f"{base}/verdict///evil.example/",
    ]  # fmt: skip
    before = VERDICT_REQUESTS["refused"]._value.get()
    monkeypatch.setattr(verdict_form, "alert_to_judge", None)  # would raise
    for url in forged:
        for method in ("GET", "POST"):
            said = await desk.browser.request(method, url)
            assert (said.status_code, said.is_redirect) == (404, False), url
            assert desk.alert not in said.text
    refused = VERDICT_REQUESTS["refused"]._value.get() - before
    assert refused >= 2 * (len(forged) - 1)


async def test_a_link_expires(desk: Desk) -> None:
    """With its last day; then nothing is stored, and the page says what to do."""
    url = desk.link()
    desk.clock.at += KEEP + timedelta(days=1)
    said = await desk.browser.post(url)
    assert (said.status_code, await desk.verdicts()) == (410, [])
    assert "This link has expired" in said.text


async def test_an_alert_that_is_gone_is_told(desk: Desk) -> None:
    """Nothing is written for it."""
    url = desk.link(alert="alr_0")
    for method in ("GET", "POST"):
        said = await desk.browser.request(method, url)
        assert said.status_code == 410
        assert "not kept any more" in said.text


async def test_too_many_requests_have_to_wait(desk: Desk) -> None:
    """Those of one subscriber to one alert; others go on, and the page says when."""
    codes = [(await desk.browser.post(desk.link())).status_code for _ in range(12)]
    assert codes[:10] == [200] * 10
    assert 429 in codes[10:]
    said = await desk.browser.get(desk.link("useful"))
    assert said.status_code == 429
    assert 1 <= int(said.headers["retry-after"]) <= 7
    assert (await desk.browser.get(desk.link(subscriber="phones"))).status_code == 200


async def test_a_flood_of_forged_links_does_not_keep_probes_out(desk: Desk) -> None:
    """They are refused at once, and from some rate on without a look."""
    url = f"{desk.links.base}/verdict/a/b/c/d/e"
    found = await asyncio.gather(*(desk.browser.get(url) for _ in range(250)))
    assert {one.status_code for one in found} <= {404, 429}
    assert (await desk.browser.get(f"{desk.links.base}/livez")).status_code == 200


async def test_all_requests_together_have_a_limit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they ask for; from then on no signature is looked at."""
    monkeypatch.setattr(verdict_form, "ALL", (2, 3599.5))
    monkeypatch.setattr(verdict_form, "time", SimpleNamespace(monotonic=lambda: 7.0))
    form = VerdictForm([desk.outbox], VerdictLinks("", SECRET, KEEP), now=desk.clock.now)
    async with serving(health_app(ready, nothing, unknown, [form.route()]), "127.0.0.1", 0) as url:
        forged = [(await desk.browser.get(f"{url}/verdict/{n}/b/c/d/e")) for n in range(2)]
        good = await desk.browser.post(desk.link().replace(desk.links.base, url))
    assert [one.status_code for one in (*forged, good)] == [404, 404, 429]
    assert good.headers["retry-after"] == "3600"  # not a moment too early
    assert await desk.verdicts() == []


async def test_a_store_that_does_not_answer_is_told(desk: Desk, redis: Redis) -> None:
    """The reader is to try again; nobody sees why."""
    await redis.delete(Store(redis, desk.outbox.stream).key(ALERT, desk.alert))
    await redis.set(Store(redis, desk.outbox.stream).key(ALERT, desk.alert), "of another program")
    said = await desk.browser.get(desk.link())
    assert said.status_code == 503
    assert "retry-after" in said.headers
    assert desk.alert not in said.text


async def test_what_an_article_says_is_no_markup(desk: Desk, redis: Redis) -> None:
    """The page has our elements alone, loads nothing, and runs nothing."""
    hostile = report("b", f"{HOSTILE} fighter jet.", title=HOSTILE, source=HOSTILE)
    await take(redis, desk.outbox, hostile)
    store = Store(redis, desk.outbox.stream)
    keys = [key.decode() async for key in redis.scan_iter(store.key(ALERT, "*"))]
    (other,) = {key.rpartition(":")[2] for key in keys} - {desk.alert}
    plain = await desk.browser.get(desk.link())
    for method in ("GET", "POST"):
        page = await desk.browser.request(method, desk.link(alert=other))
        tree = html.document_fromstring(page.text)
        assert {node.tag for node in tree.iter()} <= {
            *("html", "head", "meta", "title", "style", "body", "main", "h1", "blockquote"),
            *("div", "form", "button", "p"),
        }
        assert [*tree.iterlinks()] == []
        assert not {"\x1b", "\u202e"} & {*page.text}
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text
    policy = plain.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
    assert plain.headers["cache-control"] == "no-store"
    assert plain.headers["referrer-policy"] == "no-referrer"
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert plain.headers["x-robots-tag"] == "noindex"


async def test_a_mail_and_a_slack_message_have_the_links(desk: Desk) -> None:
    """Those that are sent, of an event about one alert; what they lead to stores the verdict."""
    record = await desk.outbox.alert_records.get(desk.alert, ())
    assert record is not None
    body, at = record.events[0].body, datetime.now(UTC)
    async with MailReceiver() as mails, Receiver(answer(200, b"ok")) as slack:
        by_mail = MailSender(mails.server(), AllRecipients(), verdict_links=desk.links)
        boxes = (Mailbox("editors", "example.org"),)
        editors = Subscriber("editors", Mail(boxes, Mailbox("alerts", "example.org")))
        await by_mail.send(editors, "dlv_1", body, at)
        hook = Secret(f"http://127.0.0.1:{slack.port}/services/T0")
        transport = AiohttpTransport(allowed=LOOPBACK)
        by_slack = SlackSender(transport, NoThreads(), version="1", verdict_links=desk.links)
        await by_slack.send(Subscriber("ops", SlackHook(hook)), "dlv_2", body, at)
        await by_slack.aclose()
    (taken,) = mails.mails.taken
    text, page = (str(part.get_content()) for part in taken.mail.iter_parts())
    tree = html.document_fromstring(page)
    found = [str(each[2]) for each in tree.iterlinks() if "/verdict/" in str(each[2])]
    assert [urlsplit(each).path.split("/")[3:5] for each in found] == [
        ["editors", "useful"], ["editors", "noise"],
    ]  # fmt: skip
    assert all(each in text for each in found)
    sent = slack.requests[0].body.decode()
    assert sent.count(f"{desk.links.base}/verdict/{desk.alert}/ops/") == 2
    assert (await desk.browser.post(found[1])).status_code == 200
    assert await desk.verdicts() == [("noise", "editors", "link")]


def test_the_settings_make_links_or_none() -> None:
    """For as long as alerts are kept."""
    from service.app.senders import verdict_links

    assert verdict_links(load(Environment({}))) is None
    given = {
        "TOCSIN_PUBLIC_URL": "https://alerts.example.org/x/",
        "TOCSIN_VERDICT_SECRET": SECRET.reveal(),
        "TOCSIN_KEEP_ALERTS_DAYS": "3",
    }
    found = verdict_links(load(Environment(given)))
    assert found == VerdictLinks("https://alerts.example.org/x", SECRET, timedelta(days=3))
