"""What commands are given, which secrets they hide, and how their work ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer import BadParameter

from service.articles.files.entries import UnreadableError
from service.cli.input import files
from service.cli.input.context import _until_interrupted, context
from service.cli.records.silence import _silence

SECRETS = {
    "TOCSIN_REDIS_URL": "redis://user:hunter2@redis.example:6379/0",
    "TOCSIN_SMTP_USERNAME": "desk",
    "TOCSIN_SMTP_PASSWORD": "correct horse",
    "TOCSIN_PUBLIC_URL": "https://alerts.example.org",
    "TOCSIN_VERDICT_SECRET": "battery staple battery staple battery",
}


def test_the_secrets_of_settings_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of them an error would repeat."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    here = context(quiet=True)
    said = here.mask.hide(" ".join(SECRETS.values()))
    assert not any(word in said for word in ("hunter2", "horse", "battery"))


async def test_what_fails_because_of_an_end_is_an_end() -> None:
    """A client may make a failed connection of it; any other error stays what it is."""
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            raise ConnectionError from error

    async def fail() -> None:
        raise ConnectionError

    task = asyncio.create_task(_until_interrupted(work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ConnectionError):
        await _until_interrupted(fail())


def test_a_file_is_read_up_to_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a larger one the name is told, and what to do."""
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 2**20)
    file = tmp_path / "news.txt"
    file.write_bytes(bytes(2**20))
    assert len(files.source(str(file)).content) == 2**20
    file.write_bytes(bytes(2**20 + 1))
    with pytest.raises(UnreadableError, match="larger than 1 MiB; part it"):
        files.source(str(file))


def test_a_silence_ends_later_than_it_begins() -> None:
    """By a second at least, however its end is given."""
    now, second = datetime(2026, 11, 23, 12, tzinfo=UTC), timedelta(seconds=1)
    for end in (now + second, second):
        assert _silence("tag", "x", "", end, now).until == "2026-11-23T12:00:01.000Z"
    for end in (now, now - second, timedelta()):
        with pytest.raises(BadParameter, match="in the past"):
            _silence("tag", "x", "", end, now)
