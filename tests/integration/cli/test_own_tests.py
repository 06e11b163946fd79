"""`tocsin test` reads samples of the rules, and no other file of the machine."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from harness.commands import Shell
from harness.terminal import interrupts_heard
from service.store.outbox import Outbox

RULES = "watchlists: [{id: a, match: jet, tests: [{match: '%s'}]}]"


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ("/etc/passwd", "leads out of"),
        ("/proc/self/environ", "leads out of"),
        ("/dev/zero", "leads out of"),
        ("../secret.txt", "leads out of"),
        ("link.txt", "leads out of"),
        ("pipe", "this is not a file with text"),
        ("samples", "Is a directory"),
        ("gone.txt", "No such file"),
    ],
)
async def test_a_sample_is_a_file_of_the_rules(
    shell: Shell, tmp_path: Path, sample: str, said: str
) -> None:
    """Not what a rules author on another machine is curious about; it says so, and goes on."""
    rules = tmp_path / "rules"
    (rules / "samples").mkdir()
    (tmp_path / "secret.txt").write_text("A jet, and a s3cr3t")
    (rules / "link.txt").symlink_to("../secret.txt")
    os.mkfifo(rules / "pipe")
    (rules / "rules.yaml").write_text(RULES % sample)
    found = await shell.run("test", str(rules))
    assert found.code == 1
    assert said in found.out
    assert "0 passed, 1 failed" in found.out
    assert "s3cr3t" not in found.out + found.err


async def test_rules_elsewhere_have_their_samples_in_their_own_folder(
    shell: Shell, tmp_path: Path
) -> None:
    """What is not in the rules folder may not read what is there."""
    (tmp_path / "rules" / "jet.txt").write_text("A jet landed on Monday.")
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.yaml").write_text(RULES % "../rules/jet.txt")
    found = await shell.run("test", str(other))
    assert found.code == 1
    assert "leads out of" in found.out


async def test_a_sample_may_be_below_a_rules_file(shell: Shell, tmp_path: Path) -> None:
    """And in the folder beside it, as long as that is in the folder of all rules."""
    rules = tmp_path / "rules"
    (rules / "defence").mkdir()
    (rules / "samples").mkdir()
    (rules / "samples" / "jet.txt").write_text("A jet landed on Monday.")
    (rules / "defence" / "a.yaml").write_text(RULES % "../samples/jet.txt")
    (rules / "rules.yaml").unlink()
    for words in ([], [str(rules)], [str(rules / "defence")], [str(rules / "defence" / "a.yaml")]):
        found = await shell.run("test", *words)
        assert (found.code, found.out) == (0, "1 passed, 0 failed\n"), words


async def test_tests_run_again_until_ctrl_c(tmp_path: Path) -> None:
    """When a rules file or a sample changes; a fault does not end it, and Ctrl-C is 130."""
    rules, sample = tmp_path / "a.yaml", tmp_path / "jet.txt"
    rules.write_text(RULES % "jet.txt")
    sample.write_text("It rained on Monday.")
    own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}
    with interrupts_heard():
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service", "test", str(rules), "--watch"),
            env=own,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    assert process.stdout is not None

    async def told(words: str) -> None:
        """A file that is written may be seen twice: empty or half, and then whole."""
        assert process.stdout is not None
        while words not in (await process.stdout.readuntil(b"or Ctrl-C\n")).decode():
            pass

    await told("0 passed, 1 failed")
    sample.write_text("A jet landed on Monday.")
    await told("1 passed, 0 failed")
    rules.write_text(RULES.replace("jet,", "jet AND,") % "jet.txt")
    await told("nothing follows AND")
    rules.unlink()
    await told("there are no rules")
    rules.write_text(RULES % "jet.txt")
    await told("1 passed, 0 failed")
    process.send_signal(signal.SIGINT)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (130, b"")


async def test_an_article_of_the_stream_is_found_by_its_url(
    shell: Shell, outbox: Outbox, tmp_path: Path
) -> None:
    """One that no stream has says so, and where to put it."""
    (tmp_path / "rules" / "rules.yaml").write_text(RULES % "https://quill.example/a")
    found = await shell.run("test")
    assert found.code == 1
    assert "no stream keeps an article with the URL" in found.out
    await outbox.input_stream.publish([{"url": "https://quill.example/a", "body": "A jet landed."}])
    found = await shell.run("test")
    assert (found.code, found.out) == (0, "1 passed, 0 failed\n")
