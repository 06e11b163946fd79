"""What the commands load: each what it needs, as all of it together takes over a second."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.main import get_command

from service.cli import COMMANDS, module_of

HEAVY = {
    "aiohttp",
    "faststream",
    "feedparser",
    "httpx",
    "numba",
    "numpy",
    "prometheus_client",
    "redis",
    "simplemma",
    "trafilatura",
    "valkey",
}
RULES = """
watchlists:
  - {id: jets, match: Turkey AND fighter jet, notify: [desk]}
subscribers:
  - id: desk
    webhook: {url: https://desk.example.org/hook, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
"""


def loaded(*words: str) -> set[str]:
    """Those of the heavy packages that a process has loaded that ran `tocsin` with these words."""
    code = (
        "import sys; from service.cli import main\n"
        "try: main()\n"
        "finally: sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    return HEAVY.intersection(done.stderr.split())


@pytest.mark.parametrize("name", sorted(HEAVY))
def test_what_is_watched_is_there(name: str) -> None:
    """A package that has left is loaded by nobody, and to watch it shows nothing."""
    assert find_spec(name) is not None


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ("--help", set()),
        ("deliveries list --help", {"redis"}),
        ("subscribers list --help", {"redis", "numpy"}),
        ("publish --help", {"redis"}),
        ("explain --help", {"numpy"}),
        ("missed --help", {"numpy", "prometheus_client", "redis"}),
    ],
)
def test_a_command_loads_what_it_needs(words: str, needed: set[str]) -> None:
    """The help of a command is told by its module, which loads what the command works with."""
    assert loaded(*words.split()) == needed


def test_to_use_the_embedded_server_takes_one_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's package has a client of its own, which would be loaded for nothing."""
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("TOCSIN_REDIS_URL", raising=False)
    assert loaded("dead", "list") == {"redis"}


def test_to_check_rules_takes_no_engine(tmp_path: Path) -> None:
    """Nor what reads pages, feeds or the stream."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES, encoding="utf-8")
    assert loaded("check", str(rules)) == {"numpy"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_of_itself_what_the_list_says_of_it(name: str) -> None:
    """`tocsin --help` tells it without loading the command."""
    command = get_command(import_module(module_of(name)).app)
    said = (command.help or "").partition("\n\n")[0]
    assert " ".join(said.split()) == COMMANDS[name]
