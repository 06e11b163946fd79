"""What the README says of files, targets and parts is so; no block of it goes unread."""

from __future__ import annotations

import re
from pathlib import Path

import service
from harness.readme_blocks import README, ROOT, blocks, commands, shown_in
from service.cli import COMMANDS


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
    """At most 80 columns; the stages along the way are rooms of the package."""
    (picture,) = [block.text for block in blocks(README) if block.language == "text"]
    assert max(map(len, picture.splitlines())) <= 80
    package = Path(service.__file__).parent
    stages = [name for name in re.findall(r"\w+", picture) if (package / name).exists()]
    assert {"articles", "matching", "alerts", "store", "delivery"} <= set(stages)


def test_every_block_is_accounted_for() -> None:
    """A block in a section or a language that no test looks at is noticed here."""
    found = {(block.section, block.language) for block in blocks(README)}
    real = {("Use it for real", each) for each in ("yaml", "bash", "console", "python")}
    rest = {
        ("Tocsin", "text"),
        ("See it", "console"),
        ("In a container", "bash"),
        ("More", "console"),
    }
    assert found == real | rest
    assert README.count("```") == 2 * len(list(blocks(README)))


def test_links_lead_somewhere() -> None:
    """Every relative link names a file or folder of the repository."""
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert "docs/settings.md" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_what_is_missing_is_really_missing() -> None:
    """The README's list of what is not there yet does not outlive its day."""
    _, _, rest = README.partition("## What is not there yet")
    missing, _, _ = rest.partition("\n## ")
    assert missing.strip()
    named = re.findall(r"tocsin ([a-z-]+)", missing)
    assert [name for name in named if name in COMMANDS] == []


def test_a_different_output_is_noticed() -> None:
    """`…` stands for anything, and nothing else does."""
    assert shown_in("a …\n…\nz", "a  b\nc\n\nd\nz\n")
    assert shown_in("…\nz", "z")
    assert not shown_in("a …\nz", "a b\nc\nz\n")
    assert not shown_in("a", "a b")
    assert not shown_in("a", "a\nb")
