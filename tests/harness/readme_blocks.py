"""What the README shows: its blocks, its commands, and whether an output is the one shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


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


def commands(language: str) -> Iterator[tuple[str, str]]:
    """Commands and their outputs, of all blocks of that language."""
    for block in blocks(README):
        if block.language == language:
            yield from exchanges(block.text)
