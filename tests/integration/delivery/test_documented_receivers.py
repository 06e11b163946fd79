"""The receivers on docs/webhooks.md, as whoever copies them runs them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from builders import events
from builders.rules import load
from builders.senders import webhook_sender
from harness.receiver import SECRET
from service.delivery.channels.webhook.rules_block import Format, Tls, Webhook
from service.delivery.channels.webhook.signing import signer
from service.delivery.outcome import Delivered, Report, Retry
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
ALERT = f"alr_0b6d3c {events.ARTICLE['title']}"
OTHER = "whsec_dGhlIGRlc2sgb2YgdGhlIGVuZXJneSBlZGl0b3JzIQ=="
NODE, GO = shutil.which("node"), shutil.which("go")
# Go compiles its own library when it builds for the first time.
LANGUAGES = ["python", "javascript", pytest.param("go", marks=pytest.mark.timeout(240))]


def block(language: str) -> str:
    """The page's one block in that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


class Program:
    """A receiver that runs, and what it says."""

    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self._port = port
        self._process = process

    async def send(
        self,
        *secrets: str,
        delivery: str = "dlv_1",
        body: bytes | None = None,
        ago: int = 0,
        format_: Format = "standard",
    ) -> Report:
        """Make one attempt, signed with these secrets so many seconds ago."""
        channel = Webhook(
            Secret(f"http://127.0.0.1:{self._port}/hook"),
            tuple(map(Secret, secrets)),
            format=format_,
        )
        sender = webhook_sender(timeout=10)
        at = datetime.now(UTC) - timedelta(seconds=ago)
        try:
            subscriber = Subscriber("desk", channel)
            return await sender.send(subscriber, delivery, body or events.created(), at)
        finally:
            await sender.aclose()

    async def said(self) -> list[str]:
        """The lines that it printed until it is ended."""
        self._process.terminate()
        out, _ = await self._process.communicate()
        return out.decode().splitlines()


@asynccontextmanager
async def running(command: Sequence[str], folder: Path) -> AsyncIterator[Program]:
    """A program of the page, on a port of its own choice."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "DESK_SECRET": SECRET, "PORT": "0"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            first = (await process.stdout.readline()).decode()
        yield Program(int(first.removeprefix("listening on ")), process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def written(folder: Path, language: str) -> list[str]:
    """The program of the page, written into the folder: how to run it."""
    if language == "python":
        (folder / "receiver.py").write_text(block("python"), encoding="utf-8")
        return [sys.executable, "receiver.py"]
    if language == "go":
        if GO is None:
            pytest.skip("needs go on the path: apt install golang-go")
        (folder / "main.go").write_text(block("go"), encoding="utf-8")
        subprocess.run([GO, "build", "-o", "receiver", "main.go"], cwd=folder, check=True)
        return ["./receiver"]
    if NODE is None:
        pytest.skip("needs node on the path: apt install nodejs")
    (folder / "receiver.js").write_text(block("javascript"), encoding="utf-8")
    return [NODE, "receiver.js"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_receiver_acts_once_on_what_is_genuine(language: str, tmp_path: Path) -> None:
    """What comes twice is acknowledged twice and acted on once, also after a restart."""
    command = written(tmp_path, language)
    async with running(command, tmp_path) as program:
        for _ in range(2):
            assert (await program.send(SECRET)).outcome == Delivered()
        assert (await program.send(SECRET, delivery="dlv_2")).outcome == Delivered()
        assert await program.said() == [f"alert.created {ALERT}"] * 2
    async with running(command, tmp_path) as program:
        assert (await program.send(SECRET)).outcome == Delivered()
        assert await program.said() == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_receiver_refuses_what_is_forged(language: str, tmp_path: Path) -> None:
    """Another's secret, and an old signature; it goes on receiving, during a rotation too."""
    async with running(written(tmp_path, language), tmp_path) as program:
        for refused in (await program.send(OTHER), await program.send(SECRET, ago=600)):
            assert refused.outcome == Retry("answered 400", None)
        assert await accepted(program, OTHER, SECRET)
        assert await accepted(program, a_key(), SECRET, delivery="dlv_2")
        assert len(await program.said()) == 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_receiver_takes_cloudevents(language: str, tmp_path: Path) -> None:
    """The signature is over what is sent."""
    async with running(written(tmp_path, language), tmp_path) as program:
        report = await program.send(SECRET, format_="cloudevents")
        assert report.outcome == Delivered()
        assert await program.said() == [f"alert.created {ALERT}"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_receiver_knows_every_event(language: str, tmp_path: Path) -> None:
    """An alert, its corrections and its end; a digest tells of all that it names."""
    bodies = [*events.ALL.values(), events.body("source.unknown", {"id": "x_1"})]
    async with running(written(tmp_path, language), tmp_path) as program:
        for number, body in enumerate(bodies):
            assert (await program.send(SECRET, delivery=f"dlv_{number}", body=body)).outcome == (
                Delivered()
            )
        said = await program.said()
    kinds = ["alert.created", "alert.updated", "alert.retracted", "story.updated"]
    assert said[:4] == [f"{kind} {ALERT}" for kind in kinds]
    assert said[4] == f"alert.created {ALERT}"
    assert said[6] == "alert.created alr_3 3 jets are delivered, says a minister & <i>his</i> aide"
    assert len(said) == 4 + 23 + 2 + 3
    assert said[-3:] == [
        "subscriber.disabled alr_3c",
        "subscriber.test ntc_1",
        "source.unknown x_1",
    ]


async def test_the_table_of_alerts_has_their_last_state(tmp_path: Path) -> None:
    """Whatever the order in which their events come."""
    async with running(written(tmp_path, "python"), tmp_path) as program:
        for number, body in enumerate((events.retracted(), events.created())):
            later = body.replace(b"09:00:00.000Z", b"09:00:01.000Z") if number == 0 else body
            await program.send(SECRET, delivery=f"dlv_{number}", body=later)
        await program.said()
    with contextlib.closing(sqlite3.connect(tmp_path / "seen.db")) as db:
        assert db.execute("SELECT id, state FROM alerts").fetchall() == [
            ("alr_0b6d3c", "retracted")
        ]


async def accepted(program: Program, *secrets: str, delivery: str = "dlv_1") -> bool:
    """Whether the program takes a delivery that is signed with each of these."""
    return (await program.send(*secrets, delivery=delivery)).outcome == Delivered()


def a_key() -> str:
    """A private key for ed25519."""
    return "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs openssl on the path: apt install openssl"
)
def test_the_pages_pair_of_keys_can_be_used(tmp_path: Path) -> None:
    """The public key verifies what was signed with the private one."""
    made = subprocess.run(
        ["bash", "-ec", block("bash")], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    private, public = made.stdout.splitlines()
    signature = signer(private)(b"dlv_1.1.{}").removeprefix("v1a,")
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    key.verify(base64.b64decode(signature), b"dlv_1.1.{}")


def test_the_pages_rules_have_no_fault() -> None:
    """All that a webhook may say, as the loader reads it."""
    rules = load({"page.yaml": block("yaml")}, None)
    assert rules.faults == ()
    channel = rules.subscribers["desk"].channel
    assert isinstance(channel, Webhook)
    assert channel.format == "cloudevents"
    assert channel.tls == Tls("desk-ca.pem", "tocsin.pem", "${DESK_KEY_FILE}")
