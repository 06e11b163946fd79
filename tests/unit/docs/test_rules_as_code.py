"""docs/rules-as-code.md: editors, hooks and workflows use what there is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import yaml
from typer.main import get_command

from builders.rules import ANY_FILE, load
from service.cli import COMMANDS, module_of
from service.rules.checks.own_tests import run_checks

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "rules-as-code.md").read_text(encoding="utf-8")
YAML_BLOCKS = [yaml.safe_load(each) for each in re.findall("```yaml\n(.+?)```", PAGE, re.DOTALL)]
SERVER = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")


def test_the_hooks_that_the_page_names_are_there() -> None:
    """And each runs a command."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (config,) = [block for block in YAML_BLOCKS if "repos" in block]
    named = {hook["id"] for repository in config["repos"] for hook in repository["hooks"]}
    assert named == {hook["id"] for hook in hooks}
    for hook in hooks:
        program, command, *_ = hook["entry"].split()
        assert program == "tocsin"
        assert command in COMMANDS


def test_the_workflow_types_commands_that_there_are() -> None:
    """With options that each has."""
    (workflow,) = [block for block in YAML_BLOCKS if "jobs" in block]
    steps = [step.get("run", "") for step in workflow["jobs"]["rules"]["steps"]]
    typed = [step for step in steps if step.startswith("tocsin ")]
    assert len(typed) == 4
    # The image has no git, and its user may not write where a runner checks out.
    assert "container" not in workflow["jobs"]["rules"]
    for step in typed:
        _, name, *words = step.split()
        command: Any = get_command(import_module(module_of(name)).app)
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_the_watchlists_that_the_page_shows_hold() -> None:
    """They have no fault that is not of a subscriber elsewhere, and their own tests pass."""
    (block,) = [each for each in YAML_BLOCKS if "subscribers" in each]
    rules = load({"rules.yaml": yaml.safe_dump(block, allow_unicode=True)}, None)
    assert rules.faults == ()
    found = run_checks(rules, ANY_FILE)
    assert [(each.passed, each.unmet) for each in found] == [(True, ())] * 3


class Editor:
    """Speaks to a language server over its standard streams, as an editor does."""

    def __init__(self, command: str) -> None:
        self._server = subprocess.Popen(
            [command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._number = 0

    def close(self) -> None:
        """End the server."""
        self._server.kill()
        for stream in (self._server.stdin, self._server.stdout):
            if stream is not None:
                stream.close()
        self._server.wait()

    def notify(self, method: str, params: object) -> None:
        """Say something."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: object) -> Any:
        """Ask something, and return the answer."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        while True:
            said = self.read()
            if said.get("id") == self._number and "method" not in said:
                return said["result"]

    def read(self) -> dict[str, Any]:
        """The next thing that the server says; what it asks gets an empty answer."""
        out = self._stream(self._server.stdout)
        length = 0
        while line := out.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        said: dict[str, Any] = json.loads(out.read(length))
        if "method" in said and "id" in said:
            wanted = said["params"].get("items", []) if isinstance(said["params"], dict) else []
            self._send({"jsonrpc": "2.0", "id": said["id"], "result": [None for _ in wanted]})
        return said

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        into = self._stream(self._server.stdin)
        into.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        into.flush()

    @staticmethod
    def _stream(stream: Any) -> BinaryIO:
        assert stream is not None
        return stream  # type: ignore[no-any-return]


@pytest.mark.skipif(SERVER is None, reason="yaml-language-server is not installed (npm)")
def test_an_editor_completes_explains_and_marks(tmp_path: Path) -> None:
    """Keys, values, what a key is for, and a value that there is not."""
    assert SERVER is not None
    schema = (ROOT / "docs" / "rules.schema.json").as_uri()
    lines = [
        f"# yaml-language-server: $schema={schema}",
        "watchlists:",
        "  - id: jets",
        "    match: jet",
        "    severity: grave",
        "    repeat: ",
        "    th",
    ]
    uri = (tmp_path / "rules.yaml").as_uri()
    editor = Editor(SERVER)
    try:
        editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        editor.notify("initialized", {})
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": "\n".join(lines)}
        editor.notify("textDocument/didOpen", {"textDocument": document})

        def at(line: int, character: int) -> dict[str, Any]:
            return {
                "textDocument": {"uri": uri},
                "position": {"line": line, "character": character},
            }

        marked: list[str] = []
        while not any("grave" in each or "Value is not accepted" in each for each in marked):
            said = editor.read()
            if said.get("method") == "textDocument/publishDiagnostics":
                marked += [each["message"] for each in said["params"]["diagnostics"]]
        values = editor.ask("textDocument/completion", at(5, 12))
        assert {each["label"] for each in values["items"]} >= {"story", "article"}
        keys = editor.ask("textDocument/completion", at(6, 6))
        assert {each["label"] for each in keys["items"]} >= {"threshold", "throttle"}
        hover = editor.ask("textDocument/hover", at(3, 6))
        assert "What an article must say" in json.dumps(hover)
    finally:
        editor.close()
