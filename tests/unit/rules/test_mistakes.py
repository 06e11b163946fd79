"""Mistakes in rules files, each with the whole message that its author reads."""

from __future__ import annotations

import pytest

from builders.rules import load

SUBSCRIBERS = """
subscribers:
  - id: desk
    webhook: {url: "https://desk.example/hook", secret: "${DESK_SECRET}"}
"""
SECRETS = {"DESK_SECRET": "whsec_" + "QUJD" * 8}


def messages(text: str) -> str:
    """All that is said of one rules file."""
    return "\n".join(str(fault) for fault in load({"rules.yaml": text}, SECRETS.get).faults)


MISTAKES = {
    "a throttle of nothing": (
        """
watchlists:
  - {id: jets, match: missile, throttle: {max: 0, per: 1x}}
""",
        """
rules.yaml:3:48: `max` is `0`
      - {id: jets, match: missile, throttle: {max: 0, per: 1x}}
                                                   ^
    → Write a number from 1 to 100000, without decimals.
rules.yaml:3:56: `per` is `1x`
      - {id: jets, match: missile, throttle: {max: 0, per: 1x}}
                                                           ^^
    → Write a duration such as 90s, 20m, 6h or 2d; 30d is the longest.
""",
    ),
    "a digest that is two": (
        """
subscribers:
  - id: desk
    webhook: {url: "https://desk.example/hook", secret: "${DESK_SECRET}"}
    digest: {every: 1h, at: "08:00"}
""",
        """
rules.yaml:5:13: a digest has either `every:` or `at:`
        digest: {every: 1h, at: "08:00"}
                ^
    → Write, for example, `digest: {at: "08:00", timezone: Europe/London}`.
""",
    ),
    "times that no clock shows": (
        """
subscribers:
  - id: desk
    webhook: {url: "https://desk.example/hook", secret: "${DESK_SECRET}"}
    digest: {at: ["08:00", 8am], timezone: Europe/Londen}
    quiet: {from: "22:00", to: 24:00}
    rate: 10
    concurrency: many
""",
        """
rules.yaml:5:28: `8am` is not a time of day
        digest: {at: ["08:00", 8am], timezone: Europe/Londen}
                               ^^^
    → Write a time of day in quotes, by a clock of 24 hours: "08:00".
rules.yaml:5:44: `Europe/Londen` is not a time zone
        digest: {at: ["08:00", 8am], timezone: Europe/Londen}
                                               ^^^^^^^^^^^^^
    → Write a name such as Europe/London or UTC.
rules.yaml:6:32: `24:00` is not a time of day
        quiet: {from: "22:00", to: 24:00}
                                   ^^^^^
    → Write a time of day in quotes, by a clock of 24 hours: "08:00".
rules.yaml:7:11: `rate` is `10`
        rate: 10
              ^^
    → Write how many in a second, a minute or an hour: 10/s, 100/m or 1000/h.
rules.yaml:8:18: `concurrency` is `many`
        concurrency: many
                     ^^^^
    → Write a number from 1 to 100, without decimals.
""",
    ),
    "quiet hours of no length": (
        """
subscribers:
  - id: desk
    webhook: {url: "https://desk.example/hook", secret: "${DESK_SECRET}"}
    quiet: {from: "22:00", to: "22:00"}
""",
        """
rules.yaml:5:12: quiet hours begin and end at the same time
        quiet: {from: "22:00", to: "22:00"}
               ^
    → Write, for example, `quiet: {from: "22:00", to: "07:00", timezone: Europe/London}`.
""",
    ),
    "lists that no expression can name": (
        """
lists:
  Gulf states!: [Qatar, Oman]
  "": [jet]
  über-Länder: [Qatar]
""",
        """
rules.yaml:3:3: `Gulf states!` is not a valid list name
      Gulf states!: [Qatar, Oman]
      ^^^^^^^^^^^^
    → Use letters, digits, - and _ only: Gulf-states. Expressions name it $Gulf-states.
rules.yaml:4:3: `` is not a valid list name
      "": [jet]
      ^^
    → Use letters, digits, - and _ only: places. Expressions name it $places.
""",
    ),
    "misspelt key": (
        """
watchlists:
  - id: jets
    mach: fighter jet
""",
        """
rules.yaml:3:5: `match` is missing
      - id: jets
        ^
    → Add, for example, `match: Pakistan AND Turkey AND fighter jet`.
rules.yaml:4:5: `mach` is not known here
        mach: fighter jet
        ^^^^
    → Did you mean `match`?
""",
    ),
    "AND mixed with OR": (
        """
watchlists:
  - id: jets
    match: Pakistan AND Turkey OR Iran
""",
        """
rules.yaml:4:12: AND and OR are mixed without parentheses
        match: Pakistan AND Turkey OR Iran
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    → Write (Pakistan AND Turkey) OR Iran or Pakistan AND (Turkey OR Iran), whichever you mean.
""",
    ),
    "characters that YAML escapes": (
        r"""
watchlists:
  - {"id": "a", "match": "T\u00fcrkiye \x41ND (jet OR tank"}
  - id: b
    match: "caf\u00e9 AND \
      $no\u006cist AND\tx"
""",
        r"""
rules.yaml:3:47: this “(” is never closed
      - {"id": "a", "match": "T\u00fcrkiye \x41ND (jet OR tank"}
                                                  ^
    → Add a “)” where the group ends.
rules.yaml:6:7: there is no list $nolist
          $no\u006cist AND\tx"
          ^^^^^^^^^^^^
    → Add it under `lists:`, or write the words.
""",
    ),
    "an expression that YAML ends": (
        """
watchlists:
  - id: jets
    match: Turkey AND #defence
""",
        """
rules.yaml:4:19: nothing follows AND
        match: Turkey AND #defence
                      ^^^
    → Write what should follow it, or remove AND. In YAML, “ #” begins a comment.
""",
    ),
    "an article of a test with a field that none has": (
        """
watchlists:
  - id: jets
    match: jet
    tests:
      - no_match: {titel: a jet, body: rain}
      - match: {title: jet, tag: [a]}
""",
        """
rules.yaml:6:20: `titel` is not a field of an article
          - no_match: {titel: a jet, body: rain}
                       ^^^^^
    → Did you mean `title`?
rules.yaml:7:29: `tag` is not a field of an article
          - match: {title: jet, tag: [a]}
                                ^^^
    → Did you mean `tags`?
""",
    ),
    "an expression that is empty": (
        """
watchlists:
  - id: jets
    match: ''
""",
        """
rules.yaml:4:12: `match` is empty
        match: ''
               ^^
    → Write something after it, or remove it.
""",
    ),
    "lines that end as on old Macs": (
        "\rwatchlists:\r  - id: jets\r    match: missile AND\r",
        """
rules.yaml:4:20: nothing follows AND
        match: missile AND
                       ^^^
    → Write what should follow it, or remove AND.
""",
    ),
    "unclosed parenthesis in a folded expression": (
        """
watchlists:
  - id: jets
    match: >
      Pakistan
      AND (Turkey OR Iran
""",
        """
rules.yaml:6:11: this “(” is never closed
          AND (Turkey OR Iran
              ^
    → Add a “)” where the group ends.
""",
    ),
    "expression that begins with a quotation mark": (
        """
watchlists:
  - id: jets
    match: "fighter jet" AND Turkey
""",
        """
rules.yaml:4:26: this is not YAML: did not find expected key
        match: "fighter jet" AND Turkey
                             ^
    → Put an expression that begins with a quotation mark in single quotes as a whole: \
match: '"fighter jet" AND Turkey'. Or indent the line as its neighbours.
""",
    ),
    "tab": (
        "watchlists:\n\t- id: jets\n",
        """
rules.yaml:2:1: this is not YAML: found character that cannot start any token
    \t- id: jets
    ^
    → Indent with spaces, not tabs.
""",
    ),
    "unknown list": (
        """
lists:
  turkey: [Turkey, Ankara]
watchlists:
  - id: jets
    match: $turky AND jet
""",
        """
rules.yaml:6:12: there is no list $turky
        match: $turky AND jet
               ^^^^^^
    → Did you mean $turkey?
""",
    ),
    "unknown subscriber": (
        """
watchlists:
  - id: jets
    match: fighter jet
    notify: [dsk]
"""
        + SUBSCRIBERS,
        """
rules.yaml:5:14: there is no subscriber dsk
        notify: [dsk]
                 ^^^
    → Did you mean desk?
""",
    ),
    "severity that does not exist": (
        """
watchlists:
  - id: jets
    match: fighter jet
    severity: urgent
""",
        """
rules.yaml:5:15: `urgent` is not a severity
        severity: urgent
                  ^^^^^^
    → Write info, low, medium, high or critical.
""",
    ),
    "threshold beyond the scale": (
        """
watchlists:
  - id: jets
    match: fighter jet
    threshold: 150
""",
        """
rules.yaml:5:16: `threshold` is `150`
        threshold: 150
                   ^^^
    → Write a number from 0 to 100.
""",
    ),
    "id used twice": (
        """
watchlists:
  - id: jets
    match: fighter jet
  - id: jets
    match: tank
""",
        """
rules.yaml:5:9: `jets` is taken: rules.yaml line 3 has it already
      - id: jets
            ^^^^
    → Give this one another name.
""",
    ),
    "id with a space": (
        """
watchlists:
  - id: Fighter jets
    match: fighter jet
""",
        """
rules.yaml:3:9: `Fighter jets` cannot be an id
      - id: Fighter jets
            ^^^^^^^^^^^^
    → Use lower-case letters, digits and hyphens only: pak-turk-jets.
""",
    ),
    "only negations": (
        """
watchlists:
  - id: quiet
    match: NOT cricket
""",
        """
rules.yaml:4:12: this would match articles in which none of your words occur
        match: NOT cricket
               ^^^^^^^^^^^
    → Add a word that must occur, with AND: for example “missile AND NOT test”.
""",
    ),
    "secret that is not set": (
        """
subscribers:
  - id: desk
    webhook:
      url: https://desk.example/hook
      secret: ${DUTY_SECRET}
""",
        """
rules.yaml:6:15: `${DUTY_SECRET}` is not set
          secret: ${DUTY_SECRET}
                  ^^^^^^^^^^^^^^
    → Set the environment variable DUTY_SECRET, or put a file DUTY_SECRET into the secrets \
directory.
""",
    ),
    "one name where a list belongs": (
        """
watchlists:
  - id: jets
    match: fighter jet
    notify: desk
"""
        + SUBSCRIBERS,
        """
rules.yaml:5:13: `notify` must be a list
        notify: desk
                ^^^^
    → Write `notify: [desk]`.
""",
    ),
    "address without its beginning": (
        """
subscribers:
  - id: desk
    webhook: {url: desk.example/hook, secret: "${DESK_SECRET}"}
""",
        """
rules.yaml:4:20: this is not a web address
        webhook: {url: desk.example/hook, secret: "${DESK_SECRET}"}
                       ^^^^^^^^^^^^^^^^^
    → Write the whole address: https://desk.example/hook
""",
    ),
    "lists that go round": (
        """
lists:
  army: [soldier, $navy]
  navy: [sailor, $army]
""",
        """
rules.yaml:3:19: the list $navy has a mistake itself
      army: [soldier, $navy]
                      ^^^^^
    → Correct that list first.
rules.yaml:4:18: circular list reference: $army → $navy → $army
      navy: [sailor, $army]
                     ^^^^^
    → Remove one of these references.
""",
    ),
    "key twice": (
        """
watchlists:
  - id: jets
    match: fighter jet
    match: tank
""",
        """
rules.yaml:5:5: `match` appears twice here; the first is on line 4
        match: tank
        ^^^^^
    → Keep one of them.
""",
    ),
    "test without a verdict": (
        """
watchlists:
  - id: jets
    match: fighter jet
    tests:
      - matches: {title: Jets}
""",
        """
rules.yaml:6:9: `matches` is not known here
          - matches: {title: Jets}
            ^^^^^^^
    → Did you mean `match`?
""",
    ),
    "misspelt section": (
        "watchlist:\n  - id: jets\n    match: fighter jet\n",
        """
rules.yaml:1:1: `watchlist` is not known here
    watchlist:
    ^^^^^^^^^
    → Did you mean `watchlists`?
""",
    ),
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    text, expected = MISTAKES[name]
    assert messages(text) == expected.strip("\n")


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
        (f"jet; {'tank ' * 100}", "    match: jet; tank"),
        (f"{'jet OR ' * 2000}tank; x", "OR tank; x"),
        (f"{'jet OR ' * 2000}tank; {'ship ' * 2000}", "OR tank; ship"),
    ],
)
def test_of_a_long_line_what_stands_around_the_caret_is_shown(expression: str, shown: str) -> None:
    """A whole one of 60,000 characters would hide its own fault."""
    text = f"watchlists:\n  - id: a\n    match: {expression}\n"
    (fault,) = load({"rules.yaml": text}, SECRETS.get).faults
    _, line, caret, _ = str(fault).splitlines()
    assert shown in line
    assert max(len(line), len(caret)) < 420
    assert line[caret.index("^")] == ";"


def test_garbage_that_is_shown_steers_no_terminal() -> None:
    """Control characters of the line are made visible, and move the caret as little as others."""
    (fault,) = load({"rules.yaml": "\x1b[31m: \udcff\x07"}, SECRETS.get).faults
    _, line, caret, *_ = str(fault).splitlines()
    assert line.isprintable()
    assert len(caret) <= len(line)
