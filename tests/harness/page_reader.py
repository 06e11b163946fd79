"""Who follows a page: its blocks are run, and what they print is compared with what it shows."""

from __future__ import annotations

import re
import socket

from builders.rules import load
from harness.readme_blocks import Block, exchanges, shown_in
from harness.terminal import Terminal, eventually

BACKGROUND = ("python3 receiver.py", "tocsin run")


def follow(block: Block, terminal: Terminal, port: int, *, until: str = "web.listening") -> None:
    """Do what a reader does with this block; `until`: what `tocsin run` has to log before others.

    `port`: where the receiver listens.
    """
    match block.language:
        case "yaml":
            assert load({"jets.yaml": block.text}, None).faults == ()
            (terminal.folder / "my-rules" / "jets.yaml").write_text(block.text, encoding="utf-8")
        case "python":
            (terminal.folder / "receiver.py").write_text(block.text, encoding="utf-8")
        case "bash" if (command := block.text.strip().splitlines()[-1]) in BACKGROUND:
            terminal.start(block.text)
            if command == "tocsin run":
                terminal.said(command, until)
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
