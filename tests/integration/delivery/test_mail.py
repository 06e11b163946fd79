"""E-mail over real SMTP: what arrives, and what each of a server's answers comes to."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from builders import events
from harness.mail_server import MailReceiver, Mails
from service.cli.subscribers.test_message import AllRecipients
from service.delivery.channels.email.rules_block import Mail, Mailbox
from service.delivery.channels.email.sender import MAX_CONNECTIONS, MailSender
from service.delivery.http.resolver import Resolver
from service.delivery.outcome import Delivered, GiveUp, Partly, Report, Retry
from service.delivery.senders import MailServer, Recipients
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.store.lanes.verdict import Postponed
from service.store.outbox import Outbox

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SENDER = Mailbox("alerts", "example.org", "Tocsin")


def a_subscriber(*to: str) -> Subscriber:
    """Who gets mail at these addresses of example.org."""
    return Subscriber("editors", Mail(tuple(Mailbox(one, "example.org") for one in to), SENDER))


async def attempt(
    server: MailServer | None,
    *to: str,
    tls: ssl.SSLContext | None = None,
    seconds: float = 10.0,
    body: bytes | None = None,
    recipients: Recipients | None = None,
) -> Report:
    """Send one event."""
    sender = MailSender(
        server, recipients or AllRecipients(), timeout=timedelta(seconds=seconds), tls=tls
    )
    subscriber = a_subscriber(*(to or ("editors",)))
    return await sender.send(subscriber, "dlv_1", body or events.created(), AT)


async def test_a_mail_arrives_in_two_forms() -> None:
    """Text and HTML, from the address that the rules name to all recipients at once."""
    async with MailReceiver() as receiver:
        report = await attempt(receiver.server(), "editors", "desk")
    (taken,) = receiver.mails.taken
    assert report == Report(Delivered(), 250, "queued as 42")
    assert taken.sender == "alerts@example.org"
    assert taken.recipients == ["editors@example.org", "desk@example.org"]
    assert taken.mail.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in taken.mail.iter_parts())
    assert "last round of talks" in text
    assert "last round of talks" in html
    assert taken.mail["Message-ID"] == "<dlv_1@example.org>"


async def test_a_second_attempt_is_the_same_mail() -> None:
    """Whoever has it already can tell by its id."""
    async with MailReceiver() as receiver:
        for _ in range(2):
            await attempt(receiver.server())
    first, second = receiver.mails.taken
    assert first.content == second.content


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_the_connection_is_encrypted_and_logged_in(security: str) -> None:
    """Both ways to TLS, then the login."""
    login = ("tocsin", "hunter2secret")
    async with MailReceiver(security=security, login=login) as receiver:  # type: ignore[arg-type]
        report = await attempt(receiver.server(*login), tls=receiver.trust)
    assert report.outcome == Delivered()
    (taken,) = receiver.mails.taken
    assert (taken.encrypted, taken.logged_in) == (True, True)


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """The mail does not go out, and the password neither."""
    login = ("tocsin", "hunter2secret")
    async with MailReceiver(security="starttls", login=login) as receiver:
        report = await attempt(receiver.server(*login))
    assert isinstance(report.outcome, Retry)
    assert "CERTIFICATE_VERIFY_FAILED" in report.outcome.reason
    assert not receiver.mails.taken


async def test_a_server_without_tls_is_refused_where_it_is_asked_for() -> None:
    """TLS that somebody on the way takes out of the offer is not given up."""
    async with MailReceiver() as receiver:
        plain = receiver.server()
        report = await attempt(MailServer(plain.host, plain.port, "starttls"))
    assert isinstance(report.outcome, Retry)
    assert "TOCSIN_SMTP_SECURITY" in report.outcome.reason
    assert not receiver.mails.taken


async def test_a_wrong_password_is_tried_again_and_told() -> None:
    """It is the settings' fault, so the alerts of the night are not given up for it."""
    login = ("tocsin", "hunter2secret")
    async with MailReceiver(security="starttls", login=login) as receiver:
        report = await attempt(receiver.server("tocsin", "wr0ngpassword"), tls=receiver.trust)
    assert report.outcome == Retry(
        "the mail server refused the login (535): check TOCSIN_SMTP_USERNAME and "
        "TOCSIN_SMTP_PASSWORD"
    )
    assert report.status == 535
    assert "wr0ngpassword" not in repr(report)


async def test_a_missing_login_is_tried_again_and_told() -> None:
    """530 says that the server wants one."""
    async with MailReceiver(security="starttls", login=("tocsin", "x")) as receiver:
        report = await attempt(receiver.server(), tls=receiver.trust)
    assert isinstance(report.outcome, Retry)
    assert report.status == 530


@pytest.mark.parametrize("code", ["421", "450", "451", "452"])
async def test_a_4xx_answer_is_tried_again(code: str) -> None:
    """The server says that it may work later."""
    async with MailReceiver(Mails(answer=f"{code} not now")) as receiver:
        report = await attempt(receiver.server())
    assert report == Report(Retry(f"the mail server answered {code}"), int(code), "not now")


@pytest.mark.parametrize("code", ["550", "552", "554"])
async def test_a_5xx_answer_gives_up(code: str) -> None:
    """The server says that it will never work."""
    async with MailReceiver(Mails(answer=f"{code} never")) as receiver:
        report = await attempt(receiver.server())
    assert report == Report(
        GiveUp(f"the mail server refused the mail ({code})"), int(code), "never"
    )


def answers(*said: str) -> dict[str, str]:
    """The answers to two recipients."""
    return dict(zip(("one@example.org", "two@example.org"), said, strict=True))


async def to_two(*said: str) -> Report:
    """Send to two, who are answered like this."""
    async with MailReceiver(Mails(recipients=answers(*said))) as receiver:
        return await attempt(receiver.server(), "one", "two")


async def test_who_is_refused_for_good_is_named() -> None:
    """The mail is delivered: a second attempt would reach the other twice."""
    report = await to_two("550 no such user", "250 OK")
    assert report == Report(
        Delivered(), 250, "queued as 42 (refused: one@example.org: 550 no such user)"
    )


async def test_all_recipients_refused_for_good_gives_up() -> None:
    """Nobody will ever get it."""
    report = await to_two("550 no such user", "551 moved")
    assert report == Report(
        GiveUp("every recipient was refused (550)"),
        550,
        "one@example.org: 550 no such user; two@example.org: 551 moved",
    )


async def test_a_mail_that_nobody_is_given_for_now_is_tried_again() -> None:
    """Grey-listing answers 4xx to the first attempt."""
    report = await to_two("550 no such user", "451 come back later")
    assert report.outcome == Retry("no recipient was accepted (451)")


LATER = Partly("1 of 2 recipients gets it later: refused for now (451)")


async def test_who_is_refused_for_now_gets_it_later_and_alone(
    redis: Redis, stream_name: str
) -> None:
    """A mailbox that is full for an hour; when all have it, sending it again reaches all."""
    known = Outbox(redis, stream_name).recipients
    mails = Mails(recipients=answers("250 OK", "451 come back later"))
    async with MailReceiver(mails) as receiver:

        async def again() -> Report:
            return await attempt(receiver.server(), "one", "two", recipients=known)

        said = "queued as 42 (refused: two@example.org: 451 come back later)"
        assert await again() == Report(LATER, 451, said)
        said = "accepted before (refused: two@example.org: 451 come back later)"
        assert await again() == Report(LATER, 451, said)
        mails.recipients = {}
        assert (await again()).outcome == Delivered()
        assert (await again()).outcome == Delivered()
    one, two = "one@example.org", "two@example.org"
    assert [each.recipients for each in mails.taken] == [[one], [two], [one, two]]


@pytest.mark.parametrize("accepted_before", [True, False])
async def test_who_is_refused_for_a_setting_gets_the_mail_later(
    redis: Redis, stream_name: str, accepted_before: bool
) -> None:
    """A server takes mail to its own addresses from anybody, and to others after a login."""
    known = Outbox(redis, stream_name).recipients
    mails = Mails(recipients=answers("250 OK", "450 come back later"))
    async with MailReceiver(mails) as receiver:
        if accepted_before:
            await attempt(receiver.server(), "one", "two", recipients=known)
        mails.recipients = answers("250 OK", "530 5.7.57 Client was not authenticated")
        report = await attempt(receiver.server(), "one", "two", recipients=known)
        reason = (
            "1 of 2 recipients gets it later: the mail server refused the login (530): check "
            "TOCSIN_SMTP_USERNAME and TOCSIN_SMTP_PASSWORD"
        )
        assert (report.outcome, report.status) == (Partly(reason), 530)
        mails.recipients = {}
        assert (await attempt(receiver.server(), "one", "two", recipients=known)).outcome == (
            Delivered()
        )
    assert [each.recipients for each in mails.taken] == [["one@example.org"], ["two@example.org"]]


async def test_who_is_refused_for_now_and_then_for_good_is_named(
    redis: Redis, stream_name: str
) -> None:
    """The others have had it since the first attempt."""
    known = Outbox(redis, stream_name).recipients
    mails = Mails(recipients=answers("250 OK", "451 come back later"))
    async with MailReceiver(mails) as receiver:
        await attempt(receiver.server(), "one", "two", recipients=known)
        mails.recipients = answers("250 OK", "550 no such user")
        report = await attempt(receiver.server(), "one", "two", recipients=known)
    said = "accepted before (refused: two@example.org: 550 no such user)"
    assert report == Report(Delivered(), 250, said)


async def test_a_mail_that_all_of_new_rules_have_is_sent_to_all(
    redis: Redis, stream_name: str
) -> None:
    """The one who was to get it later is gone from the rules: an attempt has to reach somebody."""
    known = Outbox(redis, stream_name).recipients
    await known.add("dlv_1", ["one@example.org"])
    async with MailReceiver() as receiver:
        report = await attempt(receiver.server(), "one", recipients=known)
    assert report.outcome == Delivered()
    assert [each.recipients for each in receiver.mails.taken] == [["one@example.org"]]


async def test_while_redis_does_not_say_who_has_it_nothing_is_sent(
    redis: Redis, stream_name: str
) -> None:
    """Somebody could get it twice; it costs no attempt."""
    await redis.set(f"tocsin:{{{stream_name}}}:recipients:dlv_1", "of another kind")
    async with MailReceiver() as receiver:
        known = Outbox(redis, stream_name).recipients
        report = await attempt(receiver.server(), recipients=known)
    assert isinstance(report.outcome, Postponed)
    assert not receiver.mails.taken


async def test_a_server_that_takes_mail_over_tls_only_names_the_setting() -> None:
    """Its 530 is that of a missing login, too; no alert is given up for a setting."""
    async with MailReceiver(security="starttls") as receiver:
        plain = receiver.server()
        report = await attempt(MailServer(plain.host, plain.port, "none"))
    assert report.outcome == Retry(
        "the mail server takes mail over TLS only (530): set TOCSIN_SMTP_SECURITY=starttls"
    )


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        ("530 5.7.0 Must issue a STARTTLS command first", "TOCSIN_SMTP_SECURITY=starttls"),
        ("554 5.7.1 Session encryption is required: use STARTTLS", "TOCSIN_SMTP_SECURITY=starttls"),
        ("538 5.7.11 Encryption required for requested authentication", "TOCSIN_SMTP_SECURITY"),
        ("530 5.7.57 Client was not authenticated to send mail", "TOCSIN_SMTP_USERNAME"),
    ],
)
@pytest.mark.parametrize("place", ["recipients", "answer"])
async def test_what_only_a_setting_mends_is_tried_again(
    said: str, setting: str, place: str
) -> None:
    """Whether the server says it of each recipient or of the mail."""
    mails = Mails(answer=said) if place == "answer" else Mails(recipients=answers(said, said))
    async with MailReceiver(mails) as receiver:
        report = await attempt(receiver.server(), "one", "two")
    assert isinstance(report.outcome, Retry)
    assert setting in report.outcome.reason


async def test_a_server_that_hangs_is_left_at_the_timeout() -> None:
    """However far the conversation has come."""
    async with MailReceiver(Mails(hangs=True)) as receiver, asyncio.timeout(5):
        report = await attempt(receiver.server(), seconds=0.5)
    assert report == Report(Retry("the mail server did not answer within 0.5 s"))


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    """A closed port is told."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    report = await attempt(MailServer("127.0.0.1", port, "none"))
    assert isinstance(report.outcome, Retry)
    assert report.outcome.reason.startswith("no connection to the mail server: ")


async def test_a_server_that_greets_with_an_error_is_tried_again() -> None:
    """554 in its greeting says that it takes nothing now, and nothing of the mail."""

    async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 no service\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        report = await attempt(MailServer("127.0.0.1", port, "none"))
    assert isinstance(report.outcome, Retry)


async def test_without_a_server_the_setting_is_named() -> None:
    """The rules tell it too; an alert that waits is not lost."""
    assert await attempt(None) == Report(Retry("there is no mail server: set TOCSIN_SMTP_HOST"))


async def test_mails_beyond_the_connections_come_back_later() -> None:
    """A burst opens a few connections; the rest gives its place to others, without an attempt."""
    async with MailReceiver(Mails(hangs=True)) as receiver:
        sender = MailSender(receiver.server(), AllRecipients())
        subscriber = a_subscriber("editors")
        sending = [
            asyncio.create_task(sender.send(subscriber, f"dlv_{n}", events.created(), AT))
            for n in range(MAX_CONNECTIONS)
        ]
        await receiver.mails.waiting.wait()
        beyond = await sender.send(subscriber, "dlv_9", events.created(), AT)
        receiver.mails.let_go.set()
        reports = await asyncio.gather(*sending)
        again = await sender.send(subscriber, "dlv_9", events.created(), AT)
    assert again.outcome == Delivered()
    assert isinstance(beyond.outcome, Postponed)
    assert [report.outcome for report in reports] == [Delivered()] * MAX_CONNECTIONS


async def test_a_name_server_that_hangs_keeps_no_thread_of_others() -> None:
    """However often it is asked: a name that has no answer is waited for once, and beside them."""
    asked, closing = [], threading.Event()

    def ask(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        closing.wait()
        return ("127.0.0.1",)

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    server = MailServer("mail.lost.example", 25, "none")
    sender = MailSender(
        server, AllRecipients(), timeout=timedelta(seconds=0.2), resolver=Resolver(ask)
    )
    try:
        for _ in range(3):
            report = await sender.send(a_subscriber("desk"), "dlv_1", events.created(), AT)
            assert report == Report(Retry("the mail server did not answer within 0.2 s"))
        async with asyncio.timeout(10):
            assert await asyncio.to_thread(lambda: "done") == "done"
    finally:
        closing.set()
        await sender.aclose()
    assert asked == ["mail.lost.example"]


async def test_a_name_that_does_not_resolve_is_said() -> None:
    """With the name, which stands in a setting."""
    report = await attempt(MailServer("mail.invalid", 25, "none"))
    assert isinstance(report.outcome, Retry)
    assert "no connection to the mail server: mail.invalid does not resolve: " in str(report)


def test_a_server_shows_no_password() -> None:
    """Wherever it is printed."""
    assert "hunter2" not in repr(MailServer("h", 1, "tls", "u", Secret("hunter2")))
