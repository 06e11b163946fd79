"""`tocsin test` reads samples of the rules, and no other file of the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.commands import Shell

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
