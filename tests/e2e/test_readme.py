"""What the README shows is what happens: every fenced block is run, or compared with reality."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

import service
from service.watchlist import load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PATIENCE = 40.0
"""Seconds that a thing may take to come true; each takes about one."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block, and the heading it stands under."""

    section: str
    language: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    """The page's fenced blocks, in order."""
    section = ""
    pattern = r"^#+ ([^\n]+)$|^```(\w*)\n(.*?)^```$"
    for found in re.finditer(pattern, page, re.MULTILINE | re.DOTALL):
        if found[1]:
            section = found[1]
        else:
            yield Block(section, found[2], found[3])


def exchanges(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the output that is shown for it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def normal(text: str) -> str:
    """The text's lines that say something, white space made one space."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def shown_in(expected: str, output: str) -> bool:
    """Whether the output is the expected one; `…` stands for anything, alone for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in normal(expected).splitlines()
    )
    return re.fullmatch(pattern, normal(output)) is not None


def eventually(holds: Callable[[], bool], what: Callable[[], str]) -> None:
    """Return as soon as it holds; fail with `what` when it does not in time."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


def free_port() -> int:
    """A port of the loopback address that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@dataclass
class Terminal:
    """A reader's terminals: one folder, and the variables that were exported so far."""

    folder: Path
    output: str = ""
    """What the last command printed."""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        programs = self.folder / "bin"
        programs.mkdir()
        for name, arguments in {"tocsin": "-m service", "python3": ""}.items():
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
            program.chmod(0o755)
        own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}
        self._environment = own | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "COLUMNS": "80",
            "PYTHONUNBUFFERED": "1",
            "TOCSIN_DATA_DIR": str(self.folder / "data"),
            "TOCSIN_PORT": "0",
            "TOCSIN_LOG_FORMAT": "json",
        }
        (self.folder / "exported").touch()

    def run(self, command: str) -> None:
        """Run a command to its end; `output` is what it printed. Its exports stay."""
        script = f". ./exported; set -e\n{command}\nexport -p > exported"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        self.output = done.stdout

    def start(self, command: str) -> None:
        """Run a command in another terminal, until the end of the test."""
        with (self.printed(command)).open("wb") as file:
            self.running[command] = subprocess.Popen(
                ["bash", "-c", f". ./exported; exec {command}"],
                cwd=self.folder,
                env=self._environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def printed(self, command: str) -> Path:
        """The file that keeps what a command in another terminal prints."""
        return self.folder / f"{command.replace(' ', '-')}.out"

    def said(self, command: str, words: str) -> None:
        """Wait until the command in another terminal has said this."""
        file = self.printed(command)
        eventually(
            lambda: words in file.read_text("utf-8") or self.running[command].poll() is not None,
            lambda: file.read_text("utf-8"),
        )
        assert words in file.read_text("utf-8"), file.read_text("utf-8")

    def variable(self, name: str) -> str:
        """The value of an exported variable."""
        self.run(f'printf %s "${name}"')
        return self.output

    def close(self) -> None:
        """End what still runs; each must end well, as with Ctrl-C."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(timeout=PATIENCE)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A folder as a reader's clone is, with what the README's commands name."""
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / "my-rules").mkdir()
    found = Terminal(tmp_path)
    try:
        yield found
    finally:
        found.close()


BACKGROUND = ("python3 receiver.py", "tocsin run")


def follow(block: Block, terminal: Terminal, port: int) -> None:
    """Do what a reader of “Use it for real” does with this block."""
    match block.language:
        case "yaml":
            assert load({"jets.yaml": block.text}, None).faults == ()
            (terminal.folder / "my-rules" / "jets.yaml").write_text(block.text, encoding="utf-8")
        case "python":
            (terminal.folder / "receiver.py").write_text(block.text, encoding="utf-8")
        case "bash" if (command := block.text.strip()) in BACKGROUND:
            terminal.start(command)
            if command == "tocsin run":
                # To look at the deliveries before is to start a process for nothing.
                terminal.said(command, "delivery.delivered")
            else:
                eventually(lambda: listens(port), lambda: "the receiver does not listen")
        case "bash":
            terminal.run(block.text)
        case "console":
            for command, expected in exchanges(block.text):
                compare(command, expected, terminal)
        case other:
            raise AssertionError(f"a block in {other or 'no language'}: who runs it?")


def compare(command: str, expected: str, terminal: Terminal) -> None:
    """Run the command and compare; what only looks is run until it shows what is expected."""
    filled = re.sub(r"\S*…\S*", lambda found: told(found.group(), terminal.output), command)

    def shown() -> bool:
        terminal.run(filled)
        return shown_in(expected, terminal.output)

    if re.search(r" (list|show)\b", filled):
        eventually(shown, lambda: f"{filled}\n{terminal.output}")
    else:
        assert shown(), f"{filled}\n{terminal.output}"


def told(shortened: str, output: str) -> str:
    """The id that stands for `dlv_…` or `…-0`: the first such word of the last output."""
    found = re.search(rf"\b{re.escape(shortened).replace('…', '[0-9a-f]+')}(?=\s)", output)
    assert found is not None, f"{shortened} is not in:\n{output}"
    return found.group()


def listens(port: int) -> bool:
    """Whether something takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def post(port: int, body: bytes, headers: dict[str, str]) -> int:
    """The receiver's answer to a webhook."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", "/alerts", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def get(address: str, path: str) -> tuple[int, bytes]:
    """Status and body of a health endpoint."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.timeout(240)
def test_who_follows_the_readme_gets_what_it_shows(terminal: Terminal) -> None:
    """Watchlist, check, test, explain, publish, receive, run, and what became of it."""
    port = free_port()
    for block in blocks(README.replace("9009", str(port))):
        if block.section == "Use it for real":
            follow(block, terminal, port)

    received = terminal.printed("python3 receiver.py")
    eventually(
        lambda: received.read_text("utf-8").count('POST /alerts HTTP/1.1" 204') == 2,
        lambda: received.read_text("utf-8"),
    )
    told_once = [line for line in received.read_text("utf-8").splitlines() if "POST" not in line]
    assert [line for line in told_once if line] == [
        "94.5 Fighter jets for Turkey Pakistan and Turkey move closer to a joint fighter jet line"
    ]

    log = [json.loads(line) for line in terminal.printed("tocsin run").read_text().splitlines()]
    (address,) = [line["url"] for line in log if line["event"] == "web.listening"]
    assert get(address, "/livez")[0] == 200
    status, body = get(address, "/readyz")
    assert (status, json.loads(body)["ready"]) == (200, True)


def test_the_receiver_takes_a_signed_webhook_once_and_no_other(terminal: Terminal) -> None:
    """It verifies, acts once for each webhook-id, and refuses what was altered or not signed."""
    port = free_port()
    secret = "whsec_dGhlIGRlc2sgb2YgdGhlIGRlZmVuY2UgZWRpdG9ycw=="
    terminal.run(f"export MY_DESK_SECRET={secret}")
    for block in blocks(README.replace("9009", str(port))):
        if block.language == "python" or block.text.strip() == "python3 receiver.py":
            follow(block, terminal, port)
    event = {
        "data": {"score": {"value": 87.4}, "watchlist": {"name": "W"}, "article": {"title": "T"}}
    }
    body, at = json.dumps(event).encode(), datetime.now(UTC)
    for number, webhook_id in enumerate(("dlv_1", "dlv_1", "dlv_2"), start=1):
        headers = {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(webhook_id, at, body.decode()),
        }
        assert post(port, body, headers) == 204
        received = terminal.printed("python3 receiver.py").read_text("utf-8")
        assert received.count("87.4 W T") == min(number, 1) + (number == 3)
    assert post(port, body.replace(b"87.4", b"97.4"), headers) == 400
    assert post(port, body, headers | {"webhook-signature": "v1,AAAA"}) == 400
    assert post(port, body, {}) == 400
    assert "97.4" not in terminal.printed("python3 receiver.py").read_text("utf-8")


@pytest.mark.timeout(120)
def test_the_demo_prints_what_the_readme_shows(terminal: Terminal) -> None:
    """The first line, the panel as it stands there, and the last line."""
    ((_, expected),) = (each for each in commands("console") if each[0] == "make demo")
    terminal.run("tocsin demo --once")
    assert shown_in(expected, terminal.output), terminal.output
    panel = expected.split("…\n")[1]
    assert panel.startswith("╭─")
    assert len(normal(expected).splitlines()) >= 12


def test_the_tests_end_as_the_readme_shows(terminal: Terminal) -> None:
    """pytest's last line has the form that is shown; a small file stands for all the tests."""
    ((_, expected),) = (each for each in commands("console") if each[0] == "make test")
    small = ROOT / "tests" / "unit" / "test_schedule.py"
    terminal.run(f"python3 -m pytest -c {ROOT / 'pyproject.toml'} {small} -p no:cacheprovider")
    assert shown_in(expected, terminal.output), terminal.output


def commands(language: str) -> Iterator[tuple[str, str]]:
    """Commands and their outputs, of all blocks of that language."""
    for block in blocks(README):
        if block.language == language:
            yield from exchanges(block.text)


def test_make_knows_what_the_readme_calls() -> None:
    """`make demo` and `make test` are targets that run the demo and the tests."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = dict(re.findall(r"^(\w+):.*\n\t@?(.*)$", makefile, re.MULTILINE))
    called = set(
        re.findall(
            r"\bmake (\w+)(?: ARGS=[\w-]+)?`?",
            "\n".join(
                [command for command, _ in commands("console")]
                + re.findall(r"`make [^`]*`", README)
            ),
        )
    )
    assert called == {"demo", "test"}
    assert recipes["demo"] == "$(BIN)/tocsin demo $(ARGS)"
    assert re.fullmatch(r"\$\(BIN\)/python -m pytest .*\$\(ARGS\)", recipes["test"])


def test_the_container_is_started_as_its_file_says() -> None:
    """Each docker command of the README stands at the head of the compose file."""
    compose = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    (block,) = [block for block in blocks(README) if block.section == "In a container"]
    for line in block.text.splitlines():
        assert f"#   {line}\n" in compose


def test_the_picture_fits_a_terminal_and_names_real_parts() -> None:
    """At most 80 columns; the stages along the way are modules of the package."""
    (picture,) = [block.text for block in blocks(README) if block.language == "text"]
    assert max(map(len, picture.splitlines())) <= 80
    package = Path(service.__file__).parent
    stages = [name for name in re.findall(r"\w+", picture) if (package / name).exists()]
    stages += [name for name in re.findall(r"\w+", picture) if (package / f"{name}.py").exists()]
    assert {"article", "matching", "alert", "outbox", "delivery"} <= set(stages)


def test_every_block_is_accounted_for() -> None:
    """A block in a section or a language that no test looks at is noticed here."""
    found = {(block.section, block.language) for block in blocks(README)}
    real = {("Use it for real", each) for each in ("yaml", "bash", "console", "python")}
    rest = {("Tocsin", "text"), ("See it", "console"), ("In a container", "bash")}
    assert found == real | rest
    assert README.count("```") == 2 * len(list(blocks(README)))


def test_links_lead_somewhere() -> None:
    """Every relative link names a file or folder of the repository."""
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert "docs/settings.md" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_what_is_missing_is_really_missing() -> None:
    """The README's list of what is not there yet does not outlive its day."""
    assert not (ROOT / "service" / "metrics.py").exists()
    assert not (ROOT / "service" / "cli" / "backtest.py").exists()


def test_a_different_output_is_noticed() -> None:
    """`…` stands for anything, and nothing else does."""
    assert shown_in("a …\n…\nz", "a  b\nc\n\nd\nz\n")
    assert shown_in("…\nz", "z")
    assert not shown_in("a …\nz", "a b\nc\nz\n")
    assert not shown_in("a", "a b")
    assert not shown_in("a", "a\nb")
