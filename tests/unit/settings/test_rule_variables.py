"""Which variables rules may read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service.errors import ConfigError
from service.settings import Environment, RuleVariables, load, read_environment
from service.settings.environment import SecretFiles

VARIABLES = {"AWS_SECRET_ACCESS_KEY": "aws", "DESK_URL": "desk", "TOCSIN_SMTP_PASSWORD": "mail"}


def found(name: str, *allowed: str, **places: str) -> str | None:
    """What rules read under a name, where the environment has the variables above."""
    return RuleVariables(Environment(VARIABLES, places, {}), allowed).get(name)


@pytest.mark.parametrize(
    ("name", "allowed", "value"),
    [
        ("AWS_SECRET_ACCESS_KEY", (), None),
        ("DESK_URL", (), None),
        ("DESK_URL", ("DESK_URL",), "desk"),
        ("DESK_URL", ("DESK_*",), "desk"),
        ("DESK_URL", ("DESK", "DESK_URL_*", "URL"), None),
        ("AWS_SECRET_ACCESS_KEY", ("DESK_*", "AWS_SECRET"), None),
        ("TOCSIN_SMTP_PASSWORD", ("TOCSIN_*",), None),
        ("nothing", ("nothing",), None),
    ],
)
def test_only_what_is_listed_is_read(
    name: str, allowed: tuple[str, ...], value: str | None
) -> None:
    """By its whole name, or by how it begins."""
    assert found(name, *allowed) == value


def test_dotenv_and_secrets_need_no_list(tmp_path: Path) -> None:
    """They are there for that; a setting is not read from there either."""
    assert found("OTHER", OTHER="x") == "x"
    assert found("DESK_URL", DESK_URL="mine") == "mine"
    assert found("DESK_URL", "DESK_URL", DESK_URL="mine") == "desk"  # the environment comes first
    assert found("TOCSIN_REDIS_URL", TOCSIN_REDIS_URL="x") is None
    assert found("tocsin_x", tocsin_x="x") is None
    secrets = SecretFiles(tmp_path)
    lookup = RuleVariables(Environment(VARIABLES, {}, secrets), ()).get
    assert lookup("DESK_SECRET") is None
    (tmp_path / "DESK_SECRET").write_text("one\n")
    assert lookup("DESK_SECRET") == "one"
    (tmp_path / "DESK_SECRET").write_text("two\n")  # rotated
    assert lookup("DESK_SECRET") == "two"


def test_a_changed_dotenv_is_read_again(tmp_path: Path) -> None:
    """As a secret file is: most of those who try Tocsin have their addresses there."""
    file = tmp_path / ".env"
    environment = read_environment({}, dotenv=file, secrets_dir=tmp_path / "none")
    lookup = RuleVariables(environment, ()).get
    assert lookup("DESK_URL") is None
    file.write_text("export DESK_URL=one\n", encoding="utf-8")
    assert lookup("DESK_URL") == "one"
    new = tmp_path / "new"
    new.write_text("export DESK_URL=two\n", encoding="utf-8")  # as long as before, and as old
    os.utime(new, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    new.replace(file)
    assert lookup("DESK_URL") == "two"
    file.unlink()
    assert lookup("DESK_URL") is None
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        lookup("DESK_URL")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("*", "'*' is not a variable"),
        ("DESK-URL", "'DESK-URL' is not a variable"),
        ("DESK_URL,A*B", "'A*B' is not a variable"),
        ("TOCSIN_*", "TOCSIN_* is a setting of Tocsin"),
        ("tocsin_data", "tocsin_data is a setting of Tocsin"),
    ],
)
def test_a_list_that_allows_too_much_is_refused(text: str, said: str) -> None:
    """All variables, or the settings of Tocsin itself."""
    with pytest.raises(ConfigError) as error:
        load(Environment({"TOCSIN_RULES_VARIABLES": text}))
    assert said in str(error.value)


def test_names_are_read_as_a_list() -> None:
    """As other lists are."""
    settings = load(Environment({"TOCSIN_RULES_VARIABLES": "DESK_URL, SLACK_*"}))
    assert settings.match.rules_variables == ("DESK_URL", "SLACK_*")
