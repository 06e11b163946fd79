"""Nothing that is printed steers a terminal, whatever text of others it holds, in any shape."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import unicodedata
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from builders import events
from service.cli.output.terminal import SafeConsole, alert_panel, one_line, print_json
from service.telemetry.log import visible
from service.views.alerts.alert import alert_view

CLI = Path(str(files("service.cli")))
TERMINAL = CLI / "output" / "terminal.py"
STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, unseen marks such as those of direction, half characters, ends of lines."""
KEPT = "\n\t\u200c\u200d"
OF_RICH = re.compile(r"\x1b\[[\d;]*m")
"""A colour."""
TEXTS = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]),
        st.sampled_from("\x1b\x9b\u202e\u2066\u200e\ufeff[]: ab"),
    ),
    max_size=40,
)


def steering(text: str) -> set[str]:
    """The characters of a printed text that are more than text."""
    return {char for char in text if unicodedata.category(char) in STEERING} - set(KEPT)


def in_a_table(text: str) -> Table:
    """As lists show it."""
    table = Table(text, text, title=text, caption=text, box=None)
    table.add_row(text, Text(text))
    grid = Table.grid()
    grid.add_column(overflow="fold", no_wrap=True)
    grid.add_row(Text(text, "dim"))
    table.add_row(grid, Padding(Text(text), 1))
    return table


SHAPES: dict[str, Any] = {
    "text": lambda text: text,
    "rich text": Text,
    "in colour": lambda text: Text(text, "bold red"),
    "table": in_a_table,
    "panel": lambda text: Panel(Text(text), title=text, subtitle=Text(text)),
}


@given(TEXTS)
def test_what_is_unseen_is_written_out(text: str) -> None:
    """And all else stays as it is."""
    shown = visible(text)
    assert steering(shown) == set()
    assert shown.encode().decode() == shown
    assert visible(shown) == shown
    kept = [char for char in text if char not in steering(text) and char.isprintable()]
    rest = iter(shown)
    assert all(char in rest for char in kept)  # in their order


@pytest.mark.parametrize(
    "text",
    ["Jagdflugzeuge für Türkiye 戦闘機\u3000です", "می\u200cخواهم", "👩\u200d✈️ a\u00a0b\n", ""],
)
def test_letters_spaces_and_joiners_stay(text: str) -> None:
    """In any script."""
    assert visible(text) == text


@given(TEXTS, st.sampled_from(sorted(SHAPES)), st.booleans(), st.integers(20, 80))
def test_nothing_printed_steers_a_terminal(
    text: str, shape: str, soft_wrap: bool, width: int
) -> None:
    """On a terminal nothing but the colours that rich writes; in a file nothing at all."""
    made: RenderableType = SHAPES[shape](text)
    for terminal in (False, True):
        file = io.StringIO()
        console = SafeConsole(
            file=file, force_terminal=terminal, width=width, markup=False, emoji=False,
            highlight=False, color_system="standard" if terminal else None,
        )  # fmt: skip
        console.print(made, style="red", soft_wrap=soft_wrap)
        assert steering(OF_RICH.sub("", file.getvalue()) if terminal else file.getvalue()) == set()


def test_what_is_written_out_counts_for_the_width() -> None:
    """A column is as wide as what it shows; nothing that a text holds is lost."""
    table = Table(box=None)
    table.add_column(overflow="fold")
    table.add_row("\x1b\x07\x08\r\u202e" * 10)
    file = io.StringIO()
    SafeConsole(file=file, width=40, markup=False).print(table)
    lines = file.getvalue().splitlines()
    assert max(map(len, lines)) <= 40
    assert "".join(line.strip() for line in lines) == r"\x1b\x07\x08\x0d\u202e" * 10


@settings(max_examples=40)
@given(
    st.recursive(
        TEXTS | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)
    )
)
def test_json_comes_back_as_it_was(value: Any) -> None:
    """A program reads what was there; a terminal that shows it is steered by none of it."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        print_json(value)
    assert json.loads(printed.getvalue()) == value
    assert steering(printed.getvalue()) == set()


@given(TEXTS, st.integers(1, 30))
def test_one_line_is_one_line(text: str, longest: int) -> None:
    """Of so many characters at most."""
    line = one_line(text, longest)
    assert steering(line) | (set("\n\t") & set(line)) == set()
    assert len(line) <= longest


@pytest.mark.parametrize("name", events.ALL)
@settings(max_examples=20)
@given(text=TEXTS)
def test_an_alert_is_shown_without_a_code(name: str, text: str) -> None:
    """Every text of every event, as the demo shows it."""
    event = replaced(json.loads(events.ALL[name]), text)
    view = alert_view(event, json.dumps(event).encode())
    file = io.StringIO()
    SafeConsole(file=file, width=80).print(alert_panel(view, text))
    assert steering(file.getvalue()) == set()


def replaced(value: Any, text: str) -> Any:
    """The same structure with every text of it replaced but those that the service writes."""
    if isinstance(value, dict):
        kept = ("type", "severity", "timestamp")
        return {
            key: inner if key in kept else replaced(inner, text) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [replaced(inner, text) for inner in value]
    return text if isinstance(value, str) else value


@pytest.mark.parametrize(
    "path", sorted(CLI.rglob("*.py")), ids=lambda path: str(path.relative_to(CLI))
)
def test_no_command_prints_in_another_way(path: Path) -> None:
    """All goes through the console of `terminal.py`, but for the one line of a failed command."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    allowed = {
        "terminal.py": {"SafeConsole"},
        "__init__.py": {"sys.stderr.write", "sys.stderr.close"},
    }
    raw = {
        each
        for each in found
        if re.fullmatch(
            r"print|.*\.?Console|SafeConsole|typer\.(sec)?echo|sys\.std(out|err)\..*", each
        )
    }
    assert raw <= (
        allowed.get(path.name, set()) if path in {TERMINAL, CLI / "__init__.py"} else set()
    )
