"""An operator's commands: mistakes in their words, and their help."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.alerts import NOON, read_entries
from harness.commands import Shell, wide
from service.app.redis.outboxes import store_name
from service.rules.secret import Secret
from service.settings import StoreSettings
from service.store.commit.commit import DeadLetter
from service.store.dead_letters.dead_letters import MAX_FIELDS
from service.store.keys import GROUP
from service.store.outbox import Outbox

GUIDE = Path(__file__).parents[3] / "docs" / "operating.md"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("silence add --watchlist jetz --for 2h --reason x", "did you mean jets?"),
        ("silence add --tag defense --for 2h --reason x", "did you mean defence?"),
        ("silence add --subscriber zzz --for 2h --reason x", "there is no subscriber zzz"),
        ("silence add --watchlist jets --tag defence --for 2h --reason x", "give one of"),
        ("silence add --for 2h --reason x", "give one of --watchlist"),
        ("silence add --watchlist jets --reason x", "give --for or --until"),
        ("silence add --watchlist jets --for 2h --until 2099-01-01 --reason x", "--for or"),
        ("silence add --watchlist jets --for 2y --reason x", "90s, 20m, 2h or 3d"),
        ("silence add --watchlist jets --for 9999999d --reason x", "90s, 20m, 2h or 3d"),
        ("silence add --watchlist jets --until 2020-01-01 --reason x", "is in the past"),
        ("silence add --watchlist jets --until soon --reason x", "is not a time"),
        ("silence add --watchlist jets --for 2h", "--reason"),
        ("deliveries list --since yesterday", "is not a time"),
        ("deliveries list --since 9999999d", "is not a time"),
        ("deliveries list --state lost", "--state"),
        ("deliveries list --subscriber dosk", "did you mean desk?"),
        ("deliveries retry --watchlist jest", "did you mean jets?"),
        ("deliveries recover desk", "--since"),
        ("deliveries recover dosk --since 2h", "did you mean desk?"),
        ("deliveries recover desk --since 1h --until 2h", "is earlier than"),
        ("subscribers enable dosk", "did you mean desk?"),
        ("subscribers disable dosk --reason x", "did you mean desk?"),
        ("subscribers disable desk", "--reason"),
    ],
)
async def test_a_mistake_in_the_words_is_a_mistake_in_usage(
    redis: Redis, shell: Shell, words: str, told: str
) -> None:
    """Exit code 2, and what to write instead."""
    del redis  # empty, and there
    said = await shell.run(*words.split())
    assert said.code == 2
    assert told in " ".join(said.err.replace("│", " ").split())


async def test_the_version_is_told(shell: Shell) -> None:
    """To whoever reports a mistake; it takes no command, and no store."""
    said = await shell.run("--version")
    assert (said.code, said.out, said.err) == (0, f"tocsin {version('tocsin')}\n", "")


@pytest.mark.parametrize(
    "command",
    [
        *(f"deliveries {each}" for each in ("list", "show", "retry", "recover")),
        *(f"subscribers {each}" for each in ("list", "test", "enable", "disable")),
        *(f"silence {each}" for each in ("add", "list", "remove")),
    ],
)
async def test_every_command_has_help_with_an_example(shell: Shell, command: str) -> None:
    """At 80 columns; and docs/operating.md tells when to use it."""
    assert f"tocsin {command}" in GUIDE.read_text(encoding="utf-8")
    said = await shell.run(*command.split(), "--help")
    assert said.code == 0
    assert f"Example: tocsin {command}" in " ".join(said.out.split())
    assert wide(said.out) == []


@pytest.mark.parametrize("command", ["alerts", "deliveries", "subscribers", "silence", "dead"])
async def test_a_group_of_commands_shows_no_options_but_help(shell: Shell, command: str) -> None:
    """What installs completion for shells is no business of a group."""
    said = await shell.run(command, "--help")
    assert re.findall(r"--[\w-]+", said.out) == ["--help"]


async def test_a_dead_letter_that_is_not_there_is_told(shell: Shell, redis: Redis) -> None:
    """Also where it could not be, and in one line."""
    del redis  # empty, and there
    said = await shell.run("dead", "show", "x")
    assert said.code == 1
    assert "there is no dead letter x" in said.err.splitlines()[-1]


async def test_a_command_names_the_store_and_a_stream_that_nobody_reads(
    shell: Shell, redis: Redis, outbox: Outbox, stream_name: str
) -> None:
    """A silence that is set in the wrong store has no effect; a login is not shown."""
    path = redis.connection_pool.connection_kwargs["path"]
    words = ["silence", "add", "--watchlist", "jets", "--for", "2h", "--reason", "x"]
    named = f"store {path} · stream {stream_name}"
    unread = f"no service has read stream {stream_name} in this store yet: is it the right one,"
    said = await shell.run(*words)
    assert said.err == f"{named}\n{unread} and does `tocsin run` run?\n"
    await outbox.input_stream.ensure_group()  # as `tocsin run` and `tocsin publish` do
    assert unread in (await shell.run(*words)).err
    await redis.xgroup_createconsumer(stream_name, GROUP, "waits")  # as one that finds nothing yet
    assert (await shell.run(*words)).err == f"{named}\n"
    await read_entries(redis, stream_name)
    await redis.xgroup_delconsumer(stream_name, GROUP, "waits")
    assert (await shell.run(*words)).err == f"{named}\n"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("redis://user:hunter2@redis.example:6379/1", "redis.example:6379/1"),
        ("unix:///run/redis.sock?db=2", "/run/redis.sock"),
        ("redis+sentinel://:hunter2@a:26379,b:26379/mymaster/0", "a:26379,b:26379/mymaster/0"),
        ("embedded", "data (embedded)"),
    ],
)
def test_a_store_has_a_name_without_its_login(url: str, name: str) -> None:
    """As its setting has it."""
    settings = StoreSettings(redis_url=Secret(url), data_dir=Path("data"))
    assert store_name(settings) == name


async def test_a_dead_letter_that_cannot_be_replayed_keeps_no_other_back(
    redis: Redis, outbox: Outbox, shell: Shell
) -> None:
    """What was wrong is told of each, and the others are written to the stream again."""
    await outbox.input_stream.ensure_group()
    many = {b"%d" % number: b"" for number in range(MAX_FIELDS + 1)}
    for minute, fields in enumerate(({b"url": b"1"}, {b"url": b"2"}, many)):
        (entry,) = await read_entries(redis, outbox.stream)
        letter = DeadLetter(entry, fields, "no text")
        await outbox.commit([], [letter], at=NOON + timedelta(minutes=minute))
    huge, second, first = await outbox.dead_letters.newest()
    listed = json.loads((await shell.run("dead", "list", "--json")).out)
    assert [one["id"] for one in listed] == [huge.id, second.id, first.id]
    said = await shell.run("dead", "replay", "x", first.id)
    assert said.code == 1
    assert "there is no dead letter x" in said.err
    assert "\n1 replayed" in said.err
    said = await shell.run("dead", "replay", "--all")
    assert said.code == 1
    assert f"dead letter {huge.id} has 1,001 fields" in said.err
    assert "\n1 replayed" in said.err
    assert [each.id for each in await outbox.dead_letters.newest()] == [huge.id]


async def test_explain_tells_that_rules_are_faulty(shell: Shell, tmp_path: Path) -> None:
    """What they spoil matches nothing, and that would be hard to find."""
    rules, article = tmp_path / "rules.yaml", tmp_path / "article.json"
    article.write_text('{"title": "A jet"}')
    rules.write_text("watchlists: [{id: a, match: jet}, {id: b, match: jet AND}]")
    said = await shell.run("explain", str(article), "--rules", str(rules))
    assert said.code == 0
    assert said.err.strip() == "tocsin: 1 error in the rules; `tocsin check` lists them"
    rules.write_text("watchlists: [{id: a, match: jet}]")
    assert (await shell.run("explain", str(article), "--rules", str(rules))).err == ""
