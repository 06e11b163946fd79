"""Text from outside on its way through every command: on a terminal it stays text."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.agreed_rules import put_rules
from builders.alerts import NOON, an_alert, commit_alerts, lease, read_entries, settle
from builders.leases import MINUTE, RETRY_IN_AN_HOUR
from harness.commands import Shell, leaf_commands
from harness.receiver import Receiver, answer
from service.alerts.alert import rfc3339
from service.alerts.people.silence import Silence
from service.store.commit.commit import DeadLetter
from service.store.deliveries.delivery import Attempt
from service.store.outbox import Outbox

HOSTILE = "a\x1b[2J\x1b]0;title\x07b\x9b31mc\u202ed\u2066e\u200ff\x08g\rh\u2028i\x85j\x7fk\x0bl"
"""What clears a screen, names a window, turns a line round, goes back, or ends a line."""
STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
HOSTILE_RULES = f"""
lists:
  names: ["{HOSTILE.encode("unicode_escape").decode().replace("x1b", "e")}"]
watchlists:
  - id: odd
    name: "x\\e[31m"
    match: 'jet\u202e AND tank'
    tests: [{{match: {{title: "y\\e[31m\\u202e"}}}}, {{match: "no\\e[31mfile"}}]
  - {{id: worse, match: "jet AND \\e[31m"}}
  - {{id: "\\e[31m", match: jet}}
  - {{id: jets, match: jet, colour\\e[31m: 1}}
"""
WITHOUT_OUTSIDE = {"run", "demo", "schema", "deliveries recover", "subscribers enable"}
"""Commands that print no text of others: the first two log and show alerts, which others test."""


def steering(text: str) -> set[str]:
    """The characters of a text that are more than text."""
    return {char for char in text if unicodedata.category(char) in STEERING} - {"\n"}


@pytest.fixture
async def full(redis: Redis, outbox: Outbox) -> Outbox:
    """An outbox with a dead letter, a delivery that failed, a silence and a disabled subscriber."""
    await commit_alerts(redis, outbox, an_alert(HOSTILE, title=HOSTILE))
    (leased,) = await lease(outbox, 1, MINUTE, worker=HOSTILE, at=NOON)
    attempt = Attempt(rfc3339(NOON), HOSTILE, 500, 12, HOSTILE, HOSTILE)
    await settle(outbox, leased, attempt, RETRY_IN_AN_HOUR)
    (entry,) = await read_entries(redis, outbox.stream)
    fields = {HOSTILE.encode(): HOSTILE.encode(), b"\xff": b"\x1b\xff"}
    await outbox.commit([], [DeadLetter(entry, fields, HOSTILE)], at=NOON)
    until = rfc3339(datetime(2099, 1, 1, tzinfo=UTC))
    silence = Silence("sil_1", "tag", HOSTILE, until, HOSTILE, rfc3339(NOON))
    await outbox.silences.add(silence)
    await outbox.lanes.disable("desk", HOSTILE, at=NOON)
    await put_rules(outbox, Path("rules"), worker=HOSTILE, problem=HOSTILE)
    return outbox


async def test_no_command_prints_what_steers_a_terminal(
    full: Outbox, shell: Shell, tmp_path: Path
) -> None:
    """Articles, answers, reasons, fields, names of files and of rules, in every command."""
    article, rules = tmp_path / "article.json", tmp_path / "odd\x1b[31m.yaml"
    texts = ("id", "title", "summary", "body", "source", "author", "url", "country", "language")
    article.write_text(json.dumps({name: f"{name} jet {HOSTILE}" for name in texts}))
    rules.write_text(HOSTILE_RULES, encoding="utf-8")
    broken = tmp_path / "broken\x1b[31m.json"
    broken.write_text('{"title": "\x1b[31m')
    searches, plain = tmp_path / "searches\x1b[31m.txt", tmp_path / "plain.yaml"
    searches.write_text(f"jet {HOSTILE}\njet and (\n", encoding="utf-8")
    plain.write_text('watchlists: [{id: jets, name: "x\\e[31m", match: jet}]', encoding="utf-8")
    (delivery,) = await full.deliveries.newest()
    (letter,) = await full.dead_letters.newest()
    async with Receiver() as receiver:
        receiver.usual = answer(500, HOSTILE.encode())
        shell.export(DESK_URL=receiver.url)
        calls = [
            ["publish", str(broken)],
            ["publish", str(article)],
            ["publish", f"gone{HOSTILE}"],
            ["publish", str(article), "--stream", HOSTILE],
            ["check", str(rules)],
            ["check", str(rules), "--format", "json"],
            ["check", str(rules), "--format", "github"],
            ["check", str(rules), "--format", "sarif"],
            ["check", f"gone{HOSTILE}"],
            ["test", str(rules)],
            ["explain", str(article)],
            ["explain", str(article), "--rules", str(rules)],
            ["explain", str(article), "--watchlist", "jets"],
            ["explain", str(article), "--json"],
            ["explain", str(broken)],
            ["import", "lexis", str(searches)],
            ["import", "lexis", str(searches), "--json"],
            ["import", "opml", str(searches)],
            ["backtest", str(article), "--rules", str(plain)],
            ["backtest", str(article), "--rules", str(plain), "--format", "json"],
            ["backtest", str(broken), "--rules", str(plain)],
            ["backtest", str(article), "--rules", str(rules)],
            ["backtest", str(article), "--against", HOSTILE],
            ["rules", "status"],
            ["rules", "status", "--json"],
            ["rules", "history"],
            ["rules", "history", "--json"],
            ["rules", "diff"],
            ["rules", "diff", HOSTILE],
            ["rules", "accept", HOSTILE],
            ["forms", HOSTILE],
            ["forms", HOSTILE, "--json"],
            ["explain", str(article), "--watchlist", HOSTILE],
            ["deliveries", "list"],
            ["deliveries", "list", "--json"],
            ["deliveries", "list", "--since", HOSTILE],
            ["deliveries", "show", delivery.id],
            ["deliveries", "show", delivery.id, "--json"],
            ["deliveries", "show", HOSTILE],
            ["alerts", "list"],
            ["alerts", "list", "--json"],
            ["alerts", "list", "--by", HOSTILE],
            ["alerts", "list", "--by", "source"],
            ["alerts", "export"],
            ["alerts", "export", "--json"],
            ["alerts", "show", delivery.id],
            ["alerts", "show", delivery.id, "--json"],
            ["alerts", "show", HOSTILE],
            ["verdict", delivery.id, "noise", "--by", HOSTILE],
            ["verdict", delivery.id, "useful", "--json"],
            ["verdict", HOSTILE, "noise"],
            ["alerts", "show", delivery.id],
            ["alerts", "list", "--verdict", "any"],
            ["suggest", "jets"],
            ["suggest", "jets", "--json"],
            ["suggest", HOSTILE],
            ["suggest", "jets", "--accept", HOSTILE],
            ["near-misses", HOSTILE, str(article)],
            ["missed", delivery.id],
            ["missed", delivery.id, "--json"],
            ["missed", letter.entry_id],
            ["missed", str(article)],
            ["missed", HOSTILE],
            ["missed", HOSTILE, "--watchlist", HOSTILE],
            ["stories", "show", HOSTILE],
            ["stories", "compare", str(article), str(article)],
            ["status"],
            ["status", "--json"],
            ["deliveries", "retry", HOSTILE],
            ["subscribers", "list"],
            ["subscribers", "list", "--json"],
            ["subscribers", "test", "desk"],
            ["subscribers", "test", "desk", "--json"],
            ["subscribers", "disable", HOSTILE, "--reason", HOSTILE],
            ["subscribers", "move", HOSTILE, "--to", HOSTILE],
            ["subscribers", "move", "desk", "--to", "desk"],
            ["silence", "list"],
            ["silence", "list", "--json"],
            ["silence", "add", "--tag", HOSTILE, "--for", "2h", "--reason", HOSTILE],
            ["silence", "remove", HOSTILE],
            ["dead", "list"],
            ["dead", "list", "--json"],
            ["dead", "show", letter.id],
            ["dead", "show", letter.id, "--json"],
            ["dead", "replay", HOSTILE],
            [HOSTILE],
            ["check", f"--{HOSTILE}"],
        ]
        printed = [await shell.run(*words) for words in calls]
    for words, said in zip(calls, printed, strict=True):
        assert steering(said.out + said.err) == set(), words
        assert said.out + said.err, words
    tried = {" ".join(words[:length]) for words in calls for length in (1, 2)}
    assert set(leaf_commands()) - tried == WITHOUT_OUTSIDE


async def test_no_name_of_a_file_makes_a_command_of_github_s(shell: Shell, tmp_path: Path) -> None:
    """Each finding is one line, whatever the file is called and the watchlists are."""
    rules = tmp_path / "a,b:c%\n::add-mask::d.yaml"
    rules.write_text(
        'watchlists: [{id: "a\\n::warning::b", match: jet}, {id: jets, match: "jet AND\\n"}]'
    )
    said = await shell.run("check", str(rules), "--format", "github")
    assert said.code == 1
    lines = said.out.splitlines()
    assert len(lines) >= 2
    place = f"file={tmp_path}/a%2Cb%3Ac%25%0A%3A%3Aadd-mask%3A%3Ad.yaml"
    assert all(
        re.match(rf"::(error|notice) {place},line=\d+,col=\d+,title=T\d+::", line) for line in lines
    )


@pytest.mark.parametrize("command", ["deliveries show", "dead show"])
async def test_what_is_shown_can_be_read(full: Outbox, shell: Shell, command: str) -> None:
    """An operator sees that something odd is there, and what."""
    (delivery,) = await full.deliveries.newest()
    (letter,) = await full.dead_letters.newest()
    id_ = delivery.id if command == "deliveries show" else letter.id
    said = await shell.run(*command.split(), id_)
    assert said.code == 0
    assert "\\x1b[2J" in said.out
