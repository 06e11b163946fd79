"""What all faults of rules files have in common: all come at once, and none shows a secret."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from builders.rules import SECRETS, load

TERMINAL_COLUMNS = 80


def test_all_mistakes_are_told_at_once() -> None:
    """Faults of form and of expression, in several items and files, come together, in order."""
    rules = load(
        {
            "a.yaml": "watchlists:\n  - id: a\n    match: (x\n    severity: bad\n  - id: b\n",
            "b.yaml": "lists: {t: ['x AND']}\nwatchlists: [{id: c, match: x, color: red}]\n",
        },
        None,
    )
    assert [(fault.file, fault.line, fault.message) for fault in rules.faults] == [
        ("a.yaml", 3, "this “(” is never closed"),
        ("a.yaml", 4, "`bad` is not a severity"),
        ("a.yaml", 5, "`match` is missing"),
        ("b.yaml", 1, "nothing follows AND"),
        ("b.yaml", 2, "`color` is not known here"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: " * 5_000,
        "- " * 5_000 + "x",
        "{a: " * 1_000,
        "&a [*a, *a]",
        "a: !!python/object:os.system x",
        "\x00",
        "a: \ud800",
        "watchlists: {}",
        "watchlists: [1, [2], {id: [x]}, null]",
        "lists: [a]",
        "lists: {a: null, b: [], c: {items: {}}, 1: [x]}",
        "subscribers: [{id: x, webhook: {url: [a], secret: {b: c}}}]",
        "? [a]\n: b",
        "just words",
        "%TAG ! x\n---\n!<foo> a",
    ],
)
def test_garbage_gives_faults_and_no_crash(text: str) -> None:
    """Whatever the file contains, the result is a list of faults with places."""
    faults = load({"rules.yaml": text}, SECRETS.get).faults
    assert faults
    assert all(fault.line >= 1 and fault.column >= 1 and fault.message for fault in faults)


def test_secrets_are_never_shown() -> None:
    """Neither one that is written in the file nor one that was looked up is in a fault."""
    literal = "whsec_" + "c2VjcmV0" * 6
    text = f"""
subscribers:
  - id: a
    webhook: {{url: "https://user:hunter2@desk.example/hook?token=abc", secret: "{literal}", x: 1}}
  - id: b
    webhook: {{url: "${{BAD}}", secret: "${{BAD}}"}}
"""
    secrets = {"BAD": "no-url-hunter2"}
    rules = load({"rules.yaml": text}, secrets.get)
    said = "\n".join(map(str, rules.faults)) + repr(rules)
    assert len(rules.faults) == 3
    for secret in (literal[6:], "hunter2", "token=abc"):
        assert secret not in said


@pytest.mark.parametrize(
    "text",
    [
        "webhook: {url: https://desk.example, secret: hunter2, x: 1}",
        "webhook: {url: https://desk.example, x: 1, secret: [hunter2, 'hunter2 b', whsk_hunter2]}",
        "webhook: {url: https://desk.example, secret: {a: hunter2}}",
        "webhook: {url: https://desk.example, headers: {Authorization: Bearer hunter2}, x: 1}",
        "webhook: {url: https://desk.example, secret: hunter2: b}",
        "webhook:\n      url: https://desk.example\n      secret:\n        - hunter2, hunter2",
        "webhook:\n      url: https://desk.example\n      secret: a\n"
        '      headers:\n        X-Desk: "hunter2 \\u0001"',
        "slack: {token: hunter2, channel: C0123ABCD}",
        "slack: {webhook_url: hooks.slack.com/services/hunter2}",
        "relay: hunter2",
        "email: {to: [a@b.example], from: c@d.example, 'Password': 'hunter2'}",
    ],
)
def test_a_secret_that_stands_in_the_file_is_not_shown(text: str) -> None:
    """Whatever it looks like, and wherever a fault next to it points."""
    faults = load({"rules.yaml": f"subscribers:\n  - id: a\n    {text}\n"}, SECRETS.get).faults
    assert faults
    assert "hunter2" not in "\n".join(map(str, faults))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("boost: [10]", 'boost: [{when: "title:missile", points: 10}]'),
        ("except: cricket", "except: {sport: cricket OR football}"),
        ("tests: {match: jets}", "tests: [{match: {title: Turkey orders jets}}]"),
        ("notify: {desk: 1}", "notify: […]"),
    ],
)
def test_what_to_write_instead_has_the_right_form(said: str, instead: str) -> None:
    """What is shown as the way out is no mistake itself."""
    text = f"watchlists:\n  - id: a\n    match: jet\n    {said}\n"
    (fault,) = load({"rules.yaml": text}, SECRETS.get).faults
    assert f"`{instead}`" in fault.hint
    if "…" not in instead:
        assert not load({"rules.yaml": text.replace(said, instead)}, SECRETS.get).faults


def test_names_of_secrets_and_watchlists_are_shown() -> None:
    """Only literal values are hidden."""
    text = """
subscribers:
  - {id: a, webhook: {url: https://desk.example, secret: "${ONE}"}}
  - {id: b, webhook: {url: https://desk.example, secret: ["${TWO}"], headers: {X-Team: "${SIX}"}}}
watchlists:
  - {id: c, match: secret token AND}
"""
    said = "\n".join(map(str, load({"rules.yaml": text}, SECRETS.get).faults))
    for shown in ('secret: "${ONE}"', '["${TWO}"]', '{X-Team: "${SIX}"}', "secret token AND}"):
        assert shown in said


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("'名前\t東京 “🚀” ｼﾞ é ก็; tank'", "    match: '名前\t東京"),
        (f"{'東京 OR ' * 400}戦車; 海", "OR 戦車; 海"),
        (f"jet; {'戦車 ' * 100}", "    match: jet; 戦車"),
        (f"jet; {'tank ' * 20}", "    match: jet; tank"),
        (f"{'jet OR ' * 15}tank; x", "OR tank; x"),
        (f"jet; {'tank ' * 100}", "    match: jet; tank"),
        (f"{'jet OR ' * 2000}tank; x", "OR tank; x"),
        (f"{'jet OR ' * 2000}tank; {'ship ' * 2000}", "OR tank; ship"),
    ],
)
def test_of_a_long_line_what_stands_around_the_caret_is_shown(expression: str, shown: str) -> None:
    """Where a terminal breaks the line, the caret below points at nothing."""
    text = f"watchlists:\n  - id: a\n    match: {expression}\n"
    (fault,) = load({"rules.yaml": text}, SECRETS.get).faults
    _, line, caret, _ = str(fault).splitlines()
    assert shown in line
    assert max(map(cell_len, (line, caret))) <= TERMINAL_COLUMNS
    before = line[: line.index(";")]
    assert caret.count("\t") == before.count("\t")
    assert [*map(cell_len, caret.removesuffix("^").split("\t"))] == [
        *map(cell_len, before.split("\t"))
    ]


def test_garbage_that_is_shown_steers_no_terminal() -> None:
    """Control characters of the line are made visible, and move the caret as little as others."""
    (fault,) = load({"rules.yaml": "\x1b[31m: \udcff\x07"}, SECRETS.get).faults
    _, line, caret, *_ = str(fault).splitlines()
    assert line.isprintable()
    assert len(caret) <= len(line)
