"""What each command ends with: 0 good, 1 findings or failures, 2 usage, 130 Ctrl-C.

The cases are checked against the list of commands: one without a case fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.agreed_rules import put_rules
from builders.alerts import NOON, an_alert, commit_alerts, read_entries
from builders.stories import JETS, matched_article, report
from harness.commands import Said, Shell, leaf_commands
from harness.own_server import Server, free_port
from harness.receiver import Receiver, answer
from harness.redis_cluster import cluster, streams_by_primary
from harness.service_process import Place, tocsin
from harness.terminal import interrupts_heard
from service.store.client import Store
from service.store.commit.commit import DeadLetter
from service.store.keys import ALERT
from service.store.outbox import Outbox
from service.stream.decisions import story_query

RULES = """
watchlists: [{id: a, match: jet, tests: [{match: {title: A jet}}, {no_match: {title: Rain}}]}]
"""
FAULTY = RULES + "  - {id: b, match: jet AND}"
FAILING = RULES.replace("no_match", "match")
Named = Callable[[str], list[str]]
"""The words of a case, with the names of what it is about."""


@dataclass(frozen=True)
class Case:
    """The words behind a command's name; `{…}` are names that the tests fill in."""

    good: str | None
    """Exit code 0; None: it runs until it is ended, or for long, and tests/e2e run it."""
    mistakes: tuple[str, ...] = ()
    """Exit code 1."""
    usage: tuple[str, ...] = ()
    """Exit code 2, beside an option that there is not."""
    store: bool = True
    """Whether it looks into Redis."""


CASES = {
    "run": Case(None, usage=("--role nobody", "x")),
    "demo": Case(None, usage=("x",), store=False),
    "publish": Case(
        "{article}",
        ("{broken}", "{broken} {article}", "{refused}"),
        ("", "{gone}", "{folder}", "{article} --stream x"),
    ),
    "check": Case("{rules}", ("{faulty}", "{gone}"), ("{rules} --format xml",), store=False),
    "test": Case("{rules}", ("{faulty}", "{failing}", "{gone}"), store=False),
    "backtest": Case(
        "{article} --rules {rules}",
        ("{article} --rules {gone}",),
        ("{article} --budget lots", "{gone} --rules {rules}", "--examples x"),
        store=False,
    ),
    "near-misses": Case(
        "a {article} --rules {rules}",
        ("a {article} --rules {gone}",),
        ("", "x {article} --rules {rules}", "a {gone} --rules {rules}"),
        store=False,
    ),
    "schema": Case("", usage=("x",), store=False),
    "import": Case(
        "lexis {searches} --json",
        ("brandwatch {searches}", "opml {searches}", "lexis {searches} --output {searches}"),
        ("", "lexis", "lexis {gone}", "altavista {searches}"),
        store=False,
    ),
    "explain": Case(
        "{article} --rules {rules}",
        ("{broken}", "alr_0", "https://quill.example/gone"),
        ("", "{gone}", "{article} --watchlist x"),
        store=False,
    ),
    "status": Case("--json", usage=("x",)),
    "rules status": Case(""),
    "rules history": Case(""),
    "rules diff": Case("", ("x",), ("a b c",)),
    "rules accept": Case("{files}", ("x",), ("",)),
    "forms": Case("jet --language de", usage=("", "jet --in de"), store=False),
    "alerts list": Case(
        "",
        usage=(
            "--limit 0",
            "--since soon",
            "--by x",
            "--story x",
            "--watchlist x",
            "--subscriber x",
        ),
    ),
    "alerts export": Case("", usage=("--since soon", "--by x", "--story x", "--watchlist x")),
    "alerts show": Case("{delivery}", ("alr_0", "dlv_0"), ("",)),
    "verdict": Case(
        "{delivery} noise",
        ("alr_0 useful", "{digest} noise"),
        ("", "{delivery}", "{delivery} so-so"),
    ),
    "suggest": Case(
        "a --rules {rules}",
        ("a --rules {gone}", "a --rules {rules} --accept sug_0"),
        ("", "x --rules {rules}"),
    ),
    "missed": Case(
        "{delivery} --watchlist jets",
        ("alr_0", "{broken}"),
        ("", "x --watchlist x", "x --subscriber x"),
    ),
    "stories show": Case("{story}", ("sty_0", "alr_0"), ("",)),
    "stories compare": Case(
        "{article} {article}",
        ("{broken} {article}",),
        ("{article}", "{gone} {article}"),
        store=False,
    ),
    "deliveries list": Case(
        "",
        usage=(
            "--state lost",
            "--limit 0",
            "--since soon",
            "--subscriber dosk",
            "--watchlist jest --json",
        ),
    ),
    "deliveries show": Case("{delivery}", ("dlv_0",), ("",)),
    "deliveries retry": Case(
        "{delivery}", ("dlv_0", "{delivery} dlv_0"), ("", "--subscriber dosk", "--watchlist jest")
    ),
    "deliveries recover": Case(
        "desk --since 2h", usage=("desk", "dosk --since 2h", "desk --since 2h --until 3h")
    ),
    "subscribers list": Case(""),
    "subscribers enable": Case("desk", usage=("", "dosk")),
    "subscribers disable": Case("desk --reason x", usage=("desk", "dosk --reason x")),
    "subscribers move": Case(
        "desk --to other", usage=("desk", "desk --to othre", "dosk --to desk")
    ),
    "subscribers test": Case("desk", ("other",), ("", "dosk"), store=False),
    "silence add": Case(
        "--tag defence --for 2h --reason x", usage=("", "--tag x --for 2h --reason x")
    ),
    "silence list": Case(""),
    "silence remove": Case("{silence}", ("sil_0",), ("",)),
    "dead list": Case("", usage=("--limit 0",)),
    "dead show": Case("{letter}", ("1-1", "x"), ("",)),
    "dead replay": Case("{letter}", ("1-1", "x"), ("", "--all 1-1")),
}
NO_SETTINGS = ("forms", "import", "schema")
"""Commands that read none."""
GOOD = [(name, case.good) for name, case in CASES.items() if case.good is not None]
"""In this order: what is shown is replayed and removed later."""
NAMED = re.compile(r"store /\S+valkey\.sock · stream articles-\d+\n")
"""What a command that looks into Redis says first, on standard error."""
OF_THE_STORE = [(name, words) for name, words in GOOD if CASES[name].store]


@pytest.fixture
async def filled(
    redis: Redis, outbox: Outbox, shell: Shell, tmp_path: Path
) -> AsyncIterator[Named]:
    """Everything that a command may be about; the words of a case, with the names of these."""
    files = {"rules": RULES, "faulty": FAULTY, "failing": FAILING}
    paths = {name: tmp_path / f"{name}.yaml" for name in files}
    for name, path in paths.items():
        path.write_text(files[name], encoding="utf-8")
    paths |= {name: tmp_path / f"{name}.json" for name in ("article", "broken", "refused", "gone")}
    paths["article"].write_text('{"title": "A fighter jet for Turkey"}')
    paths["broken"].write_text('{"title": ')
    paths["refused"].write_text('{"title": "A fighter jet for Turkey", "body": "%PDF-1.7"}')
    paths["searches"] = tmp_path / "searches.txt"
    paths["searches"].write_text("ship or boat and strike\n")
    paths["folder"] = tmp_path
    await commit_alerts(redis, outbox, an_alert())
    (entry,) = await read_entries(redis, outbox.stream)
    await outbox.commit([], [DeadLetter(entry, {b"body": b""}, "no text")], at=NOON)
    story = story_query(matched_article(b"1-1", report("a")), JETS)
    await outbox.histories.read([story])
    (delivery,) = await outbox.deliveries.newest()
    (letter,) = await outbox.dead_letters.newest()
    digest: Any = {"type": "digest.created", "revision": "1"}
    await redis.hset(Store(redis, outbox.stream).key(ALERT, "alr_d"), mapping=digest)
    async with Receiver() as receiver:
        shell.export(DESK_URL=receiver.url)
        said = await shell.run("silence", "add", "--tag", "defence", "--for", "2h", "--reason", "x")
        names = {name: str(path) for name, path in paths.items()}
        names |= {"delivery": delivery.id, "letter": letter.id}
        names |= {"digest": "alr_d"}
        names |= {"story": story.own_story}
        names |= {"silence": said.out.partition(":")[0]}
        names |= {"files": await put_rules(outbox, tmp_path / "rules")}
        yield lambda words: words.format(**names).split()


def test_every_command_has_a_case() -> None:
    """A new one says what it ends with."""
    assert set(CASES) == set(leaf_commands())
    assert len(leaf_commands()) == len(CASES)


async def ended(
    shell: Shell, calls: Sequence[tuple[str, str]], named: Named, out: Any = None
) -> dict[str, Said]:
    """What these calls came to, one after the other."""
    return {
        f"{command} {words}": await shell.run(*command.split(), *named(words), out=out)
        for command, words in calls
    }


def codes(found: Mapping[str, Said]) -> dict[str, int]:
    """What each call ended with."""
    return {call: said.code for call, said in found.items()}


async def test_good_is_0(filled: Named, shell: Shell) -> None:
    """And nothing is said on standard error but the store and the stream that it is about."""
    found = await ended(shell, GOOD, filled)
    assert codes(found) == dict.fromkeys(found, 0)
    for name, words in GOOD:
        err = found[f"{name} {words}"].err
        assert bool(NAMED.fullmatch(err)) if CASES[name].store else not err, (name, err)


async def test_findings_and_failures_are_1(filled: Named, shell: Shell) -> None:
    """What was asked for was understood, and is not so; the reason is told without a traceback."""
    calls = [(name, words) for name, case in CASES.items() for words in case.mistakes]
    found = await ended(shell, calls, filled)
    assert codes(found) == dict.fromkeys(found, 1)
    assert [call for call, said in found.items() if not said.out + said.err] == []
    assert [call for call, said in found.items() if "Traceback" in said.err] == []


async def test_a_wrong_call_is_2(filled: Named, shell: Shell) -> None:
    """Nothing is done, and the usage is told."""
    calls = [(name, words) for name, case in CASES.items() for words in (*case.usage, "--nonsense")]
    found = await ended(shell, calls, filled)
    assert codes(found) == dict.fromkeys(found, 2)
    assert [call for call, said in found.items() if said.out or "Usage:" not in said.err] == []


async def test_wrong_settings_are_1(filled: Named, shell: Shell) -> None:
    """In every command that reads them, before anything is done; the message names the variable."""
    shell.export(TOCSIN_PORT="eighty")
    calls = [(name, case.good or "") for name, case in CASES.items() if name not in NO_SETTINGS]
    found = await ended(shell, calls, filled)
    assert codes(found) == dict.fromkeys(found, 1)
    told = "TOCSIN_PORT=eighty (in the environment): write a whole number"
    assert [call for call, said in found.items() if said.out or told not in said.err] == []


async def test_redis_that_is_away_is_1(filled: Named, shell: Shell) -> None:
    """One line says where it was looked for."""
    shell.export(TOCSIN_REDIS_URL="redis://127.0.0.1:1")
    found = await ended(shell, OF_THE_STORE, filled)
    assert codes(found) == dict.fromkeys(found, 1)
    for call, said in found.items():
        assert said.err.startswith("tocsin: no Redis answers at 127.0.0.1:1 "), call
        assert (said.out, said.err.count("\n")) == ("", 1), call


@pytest.fixture
async def refusing(redis: Redis, redis_url: str) -> AsyncIterator[str]:
    """The URL of a user of the same Redis who may do nothing but ask whether it is there."""
    allowed = ["+ping", "+hello", "+client"]
    await redis.acl_setuser("nobody", enabled=True, passwords=["+secret"], commands=allowed)
    yield f"{redis_url}?username=nobody&password=secret"
    await redis.acl_deluser("nobody")


async def test_what_redis_refuses_is_1(filled: Named, refusing: str, shell: Shell) -> None:
    """One line with its reason, and no traceback; the password is not in it."""
    shell.export(TOCSIN_REDIS_URL=refusing)
    found = await ended(shell, OF_THE_STORE, filled)
    assert codes(found) == dict.fromkeys(found, 1)
    for call, said in found.items():
        named, reason = said.err.splitlines()
        assert NAMED.fullmatch(f"{named}\n"), call
        assert reason.startswith("tocsin: Redis: "), call
        assert "no permissions" in reason.lower(), call
        assert "secret" not in said.err, call
        assert said.out == "", call


async def test_what_redis_refuses_does_not_repeat_the_article(
    redis: Redis, redis_url: str, filled: Named, shell: Shell
) -> None:
    """The client says with which command of how many it was refused, and what that held."""
    await redis.acl_setuser("reader", enabled=True, passwords=["+x"], categories=["+@all"])
    await redis.acl_setuser("reader", enabled=True, keys=["*"], commands=["-xadd"])
    shell.export(TOCSIN_REDIS_URL=f"{redis_url}?username=reader&password=x")
    said = await shell.run("publish", *filled("{article}"))
    await redis.acl_deluser("reader")
    reason = said.err.splitlines()[-1]
    assert reason.lower().endswith("no permissions to run the 'xadd' command"), reason
    assert re.fullmatch(r"tocsin: Redis: [\w\s']+", reason), reason


@asynccontextmanager
async def out_of_memory(redis: Redis) -> AsyncIterator[None]:
    """The server takes nothing more."""
    await redis.config_set("maxmemory", "1")
    yield
    await redis.config_set("maxmemory", "0")


@asynccontextmanager
async def turned_replica(redis: Redis) -> AsyncIterator[None]:
    """The server follows another one, which is away."""
    await redis.replicaof("127.0.0.1", "1")
    yield
    await redis.replicaof("NO", "ONE")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(out_of_memory, "maxmemory"), (turned_replica, "read only replica; .* its primary")],
)
async def test_what_redis_cannot_write_is_1(
    redis: Redis,
    filled: Named,
    shell: Shell,
    trouble: Callable[[Redis], AbstractAsyncContextManager[None]],
    said: str,
) -> None:
    """One line with its reason; what only reads goes on."""
    writing = ("publish", "verdict", "silence add", "subscribers disable", "deliveries retry")
    async with trouble(redis):
        found = await ended(shell, OF_THE_STORE, filled)
    for name, words in OF_THE_STORE:
        ended_so = found[f"{name} {words}"]
        assert "Traceback" not in ended_so.err, name
        if name.endswith((" list", " show")):
            assert ended_so.code == 0, (name, ended_so.err)
        if name in writing:
            _, reason = ended_so.err.splitlines()
            assert re.match(f"tocsin: Redis: .*({said})", reason, re.IGNORECASE), (name, reason)
            assert "script" not in reason, reason  # nor the number of its line


async def test_a_cluster_that_does_not_answer_is_1(tmp_path: Path, shell: Shell) -> None:
    """One line that says what to do: without slots, and by the URL of a single server."""
    alone = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    async with Server(tmp_path / "alone", *alone) as one, cluster(tmp_path / "three") as three:
        for url, said in (
            (one.url, "Hash slot not served; no server of this cluster has this slot"),
            (three.nodes[0].url, "one of a cluster: give TOCSIN_REDIS_URL as redis+cluster://"),
        ):
            shell.export(TOCSIN_REDIS_URL=url, TOCSIN_STREAMS=streams_by_primary()[1])
            for words in (("status",), ("silence", "list"), ("rules", "status")):
                ended_so = await shell.run(*words)
                assert ended_so.code == 1
                *_, reason = ended_so.err.splitlines()
                assert said in reason, words
                assert "Traceback" not in ended_so.err


async def test_output_that_nobody_reads_is_1(filled: Named, shell: Shell) -> None:
    """`tocsin … | head` has closed its end: the rest is not printed, and nothing is said of it."""
    found: dict[str, Any] = {}
    for each in GOOD:
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as closed:
            found |= await ended(shell, [each], filled, closed)
    assert codes(found) == dict.fromkeys(found, 1)
    assert [call for call, said in found.items() if NAMED.sub("", said.err)] == []


class Interrupted:
    """A terminal at which Ctrl-C is pressed as soon as anything is printed."""

    encoding = "utf-8"

    def write(self, _: str) -> int:
        """Now."""
        raise KeyboardInterrupt

    def flush(self) -> None:
        """Nothing was written."""

    def isatty(self) -> bool:
        """A file as well as a terminal."""
        return False


async def test_ctrl_c_is_130(filled: Named, shell: Shell) -> None:
    """As shells have it, and without a traceback."""
    found = await ended(shell, GOOD, filled, Interrupted())
    assert codes(found) == dict.fromkeys(found, 130)
    assert [call for call, said in found.items() if "Traceback" in said.err] == []


async def test_ctrl_c_ends_what_waits(tmp_path: Path) -> None:
    """For Redis, which took the connection and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent, contextlib.ExitStack() as opened:
        own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        with interrupts_heard():
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "service", "deliveries", "list"),
                env=own | {"TOCSIN_REDIS_URL": url},
                cwd=tmp_path,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
        connection, _ = await asyncio.to_thread(silent.accept)
        opened.enter_context(connection)
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in errors


async def test_run_without_redis_is_1(tmp_path: Path) -> None:
    """It ends, for whoever started it to see; tests/e2e end it well, with 0."""
    nobody = Place(tmp_path, "redis://127.0.0.1:1", "articles", Nowhere())
    code, out, errors = await tocsin(nobody, "run")
    assert (code, out) == (1, "")
    assert errors.splitlines()[-1].startswith("tocsin: no Redis answers at 127.0.0.1:1 ")


class Nowhere:
    """A receiver that nobody reaches."""

    url = "http://127.0.0.1:1/"


async def test_a_receiver_that_refuses_a_test_is_1(shell: Shell) -> None:
    """`subscribers test` says what it answered."""
    async with Receiver() as receiver:
        receiver.usual = answer(500)
        shell.export(DESK_URL=receiver.url)
        said = await shell.run("subscribers", "test", "desk")
    assert said.code == 1
    assert "answered 500" in said.out


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "words", [("verdict", "\udcff", "noise"), ("alerts", "show", "\udcff"), ("missed", "\udcff")]
)
async def test_an_argument_that_is_no_text_is_2(shell: Shell, words: Sequence[str]) -> None:
    """Bytes that are not UTF-8, as a terminal of another encoding sends them."""
    said = await shell.run(*words)
    assert (said.code, said.out) == (2, "")
    last = said.err.splitlines()[-1]
    assert last == "tocsin: an argument is not UTF-8; write ids and texts in it"
