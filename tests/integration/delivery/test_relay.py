"""Relays: Apprise itself, sending to a real server; and processes that hang, end and babble."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builders import events
from harness.receiver import LOOPBACK, Receiver, answer
from service.delivery.channels.relay.rules_block import Relay
from service.delivery.channels.relay.sender import MAX_PROCESSES, PROGRAM, RelaySender, redact
from service.delivery.http.address import Network
from service.delivery.outcome import Delivered, GiveUp, Report, Retry
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber
from service.store.lanes.verdict import Postponed

SLOW = 30.0
"""Seconds that importing Apprise may take on a busy machine."""


def a_relay(url: str, id_: str = "phones") -> Subscriber:
    """A subscriber with this Apprise URL."""
    return Subscriber(id_, Relay(Secret(url)))


@asynccontextmanager
async def relaying(
    *,
    seconds: float = SLOW,
    program: Path = PROGRAM,
    environment: Mapping[str, str] = os.environ,
    allowed: Sequence[Network] = LOOPBACK,
) -> AsyncIterator[RelaySender]:
    """A sender that is closed at the end."""
    sender = RelaySender(
        environment=environment,
        allowed=allowed,
        timeout=timedelta(seconds=seconds),
        program=program,
    )
    try:
        yield sender
    finally:
        await sender.aclose()


async def attempt(sender: RelaySender, subscriber: Subscriber) -> Report:
    """Send one event."""
    return await sender.send(subscriber, "dlv_1", events.created(), datetime.now(UTC))


def a_program(folder: Path, source: str) -> Path:
    """A program in the place of the one that runs Apprise."""
    path = folder / "program.py"
    path.write_text(source, encoding="utf-8")
    return path


async def test_apprise_delivers_the_message() -> None:
    """The title, the evidence as text, and a kind that goes by the severity."""
    async with Receiver() as receiver, relaying() as sender:
        report = await attempt(sender, a_relay(f"json://127.0.0.1:{receiver.port}/T0kenT0ken"))
    (request,) = receiver.requests
    said = json.loads(request.body)
    assert report == Report(Delivered())
    assert said["title"].startswith("[high] Pakistan–Turkey fighter jets: ")
    assert "last round of talks" in said["message"]
    assert said["type"] == "warning"


async def test_a_process_serves_one_after_another() -> None:
    """Apprise is imported once, and a failure does not end it."""
    async with Receiver(answer(500), answer(200)) as receiver, relaying() as sender:
        url = f"json://127.0.0.1:{receiver.port}/T0kenT0ken"
        failed = await attempt(sender, a_relay(url))
        processes = list(sender._idle)
        delivered = await attempt(sender, a_relay(url))
        assert sender._idle == processes
    assert failed.outcome == Retry("Apprise could not send it")
    assert "500" in failed.response
    assert "T0kenT0ken" not in repr(failed)
    assert delivered.outcome == Delivered()


@pytest.mark.parametrize("url", ["nonsense://abcdef", "tgram://bad"])
async def test_what_apprise_does_not_know_is_given_up(url: str) -> None:
    """And the subscriber disabled: no alert will ever go that way."""
    async with relaying() as sender:
        report = await attempt(sender, a_relay(url))
    assert isinstance(report.outcome, GiveUp)
    assert report.outcome.disable


async def test_a_redirect_is_not_followed() -> None:
    """Whoever is told where to go next would go to any address; the next reason is its own."""
    async with Receiver() as other, relaying() as sender:
        elsewhere = answer(307, location=f"http://127.0.0.1:{other.port}/")
        async with Receiver(elsewhere, answer(500)) as receiver:
            to = a_relay(f"json://127.0.0.1:{receiver.port}/x")
            reports = [await attempt(sender, to) for _ in range(2)]
    assert [each.outcome for each in reports] == [
        Retry("answered 307: redirects are not followed"),
        Retry("Apprise could not send it"),
    ]
    assert (len(receiver.requests), len(other.requests)) == (2, 0)


GUARDED = """
import socket
from ipaddress import ip_network
from service.delivery.channels.relay.apprise_process import guard_connections

refused = []
guard_connections([ip_network("127.0.0.2/32")], refused)
here, allowed = ("127.0.0.1", 9), ("127.0.0.2", 9)

def tried(work):
    try:
        work()
    except OSError as error:
        return "not a public address" in str(error) or "no socket of this machine" in str(error)
    return False

udp, local = (socket.socket(kind, socket.SOCK_DGRAM) for kind in (socket.AF_INET, socket.AF_UNIX))
print(
    tried(lambda: udp.sendto(b"x", here)),
    tried(lambda: udp.sendmsg([b"x"], [], 0, here)),
    tried(lambda: udp.connect(here)),
    tried(lambda: socket.socket().connect(here)),
    tried(lambda: local.connect("/x")),
    tried(lambda: local.sendto(b"x", "/x")),
    len(refused),
)
udp.sendto(b"x", allowed)
udp.connect(allowed)
udp.sendmsg([b"x"])
"""


async def test_no_way_leads_out_to_an_address_that_is_not_public() -> None:
    """Without a connection neither, nor by a socket of this machine; each reason is told once."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", GUARDED, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert (said.decode().split(), process.returncode) == (["True"] * 6 + ["2"], 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_an_address_that_is_not_public_is_refused(host: str) -> None:
    """As a webhook's is, where the settings do not allow its network."""
    async with Receiver() as receiver, relaying(allowed=()) as sender:
        report = await attempt(sender, a_relay(f"json://{host}:{receiver.port}/x"))
    assert isinstance(report.outcome, Retry)
    assert "not a public address (loopback)" in report.outcome.reason
    assert "TOCSIN_ALLOW_NETWORKS" in report.outcome.reason
    assert not receiver.requests


async def test_a_url_is_one_service() -> None:
    """What stands behind a comma is a part of the first, and no second service."""
    async with Receiver() as one, Receiver() as other, relaying() as sender:
        url = f"json://127.0.0.1:{one.port}/x,json://127.0.0.1:{other.port}/y"
        await attempt(sender, a_relay(url))
    assert not other.requests


HANGS = "import sys, time\nfor line in sys.stdin:\n    time.sleep(600)\n"


async def test_a_relay_that_hangs_is_killed_in_time(tmp_path: Path) -> None:
    """The attempt fails at its timeout and the process is gone; the next has another."""
    pid_file = tmp_path / "pid"
    tell = f"import os, pathlib\npathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\n"
    program = a_program(tmp_path, tell + HANGS)
    async with relaying(seconds=3, program=program) as sender, asyncio.timeout(20):
        report = await attempt(sender, a_relay("json://a.example"))
        assert report.outcome == Retry("Apprise was not done within 3 s, and was stopped")
        pid = int(pid_file.read_text(encoding="utf-8"))
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert sender._idle == []


async def test_a_relay_that_crashes_takes_nothing_along(tmp_path: Path) -> None:
    """Its process ends without an answer, and that is told."""
    program = a_program(tmp_path, "import os, sys\nsys.stdin.readline()\nos.abort()\n")
    async with relaying(program=program) as sender:
        for _ in range(2):
            report = await attempt(sender, a_relay("json://a.example"))
            assert report.outcome == Retry("Apprise ended without an answer")


@pytest.mark.parametrize("said", ["no JSON", "[]", "x" * 200_000])
async def test_a_relay_that_babbles_is_not_believed(tmp_path: Path, said: str) -> None:
    """What is no answer is none."""
    program = a_program(
        tmp_path, f"import sys\nsys.stdin.readline()\nprint({said!r}, flush=True)\n"
    )
    async with relaying(program=program) as sender:
        report = await attempt(sender, a_relay("json://a.example"))
    assert report.outcome == Retry("Apprise ended without an answer")


async def test_a_hanging_relay_delays_no_other(tmp_path: Path) -> None:
    """Its next notification comes back later; another relay's goes out meanwhile."""
    source = """
import json, sys, time
for line in sys.stdin:
    if "hangs" in json.loads(line)["url"]:
        time.sleep(600)
    print(json.dumps({"known": True, "sent": True, "said": ""}), flush=True)
"""
    program = a_program(tmp_path, source)
    async with relaying(program=program) as sender, asyncio.timeout(SLOW):
        hanging = asyncio.create_task(attempt(sender, a_relay("json://hangs", "a")))
        await asyncio.sleep(0)
        behind = await attempt(sender, a_relay("json://hangs", "a"))
        beside = await attempt(sender, a_relay("json://works", "b"))
        hanging.cancel()
        await asyncio.wait([hanging])
    assert isinstance(behind.outcome, Postponed)
    assert beside.outcome == Delivered()


async def test_more_hanging_relays_than_processes_come_back_later(tmp_path: Path) -> None:
    """The number of processes is bounded."""
    program = a_program(tmp_path, HANGS)
    async with relaying(program=program) as sender:
        relays = [a_relay("json://hangs", f"r{n}") for n in range(MAX_PROCESSES)]
        hanging = [asyncio.create_task(attempt(sender, one)) for one in relays]
        await asyncio.sleep(0)
        beyond = await attempt(sender, a_relay("json://works", "beyond"))
        for task in hanging:
            task.cancel()
        await asyncio.wait(hanging)
    assert isinstance(beyond.outcome, Postponed)


async def test_a_process_knows_no_secrets_of_the_service(tmp_path: Path) -> None:
    """Of the environment it gets what Apprise needs, and no proxy, which would connect for it.

    Nor are the modules beside its program taken for those that Apprise imports.
    """
    source = """
import json, os, sys
sys.stdin.readline()
said = " ".join([*sorted(os.environ), *sys.path])
print(json.dumps({"known": True, "sent": False, "said": said}), flush=True)
"""
    program = a_program(tmp_path, source)
    environment = {
        **os.environ,
        "DESK_SECRET": "x",
        "TOCSIN_SMTP_PASSWORD": "y",
        "HTTPS_PROXY": "z",
    }
    async with relaying(program=program, environment=environment) as sender:
        report = await attempt(sender, a_relay("json://nowhere"))
    assert "PATH" in report.response.split()
    assert "HTTPS_PROXY" not in report.response
    assert "DESK_SECRET" not in report.response
    assert "TOCSIN" not in report.response
    assert str(tmp_path) not in report.response


async def test_what_a_plugin_says_of_its_url_is_not_kept(tmp_path: Path) -> None:
    """The reason is kept, the token in it not."""
    source = """
import json, sys
url = json.loads(sys.stdin.readline())["url"]
print(json.dumps({"known": True, "sent": False, "said": f"403 from {url}"}), flush=True)
"""
    async with relaying(program=a_program(tmp_path, source)) as sender:
        report = await attempt(sender, a_relay("tgram://T0kenT0ken/chat"))
    assert report.response == "403 from ***"


def test_no_part_of_the_url_is_kept() -> None:
    """Tokens stand in any part of an Apprise URL, and services repeat them in any case."""
    url = "tgram://123456789:AbCdEf_ghi/98765/?format=text&key=p%40ssword"
    said = redact("https://api.telegram.org/bot123456789:abcdef_GHI/ 98765 p@ssword no", url)
    for secret in ("123456789", "abcdef", "98765", "p@ssword"):
        assert secret not in said.lower()
    assert said.endswith("no")
