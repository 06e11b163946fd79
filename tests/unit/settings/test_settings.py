"""Settings: where they come from, what they may be, and what is said of a wrong one."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from datetime import timedelta
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.delivery.schedule import RETRY_DELAYS
from service.errors import ConfigError
from service.settings import Environment, catalogue, load, read_environment, sections
from service.settings.environment import MAX_SECRET_BYTES
from service.settings.sections import PREFIX

ROOT = Path(__file__).parents[3]


def an_environment(**variables: str) -> Environment:
    """An environment in which only these variables are set."""
    return Environment(variables)


def told(environment: Environment) -> str:
    """What the operator is told of a wrong environment."""
    with pytest.raises(ConfigError) as caught:
        load(environment)
    return str(caught.value)


def test_without_any_variable_everything_has_its_default() -> None:
    """The service runs with no settings at all: on the embedded server, at the loopback address."""
    settings = load(an_environment())
    assert settings.store.embedded
    assert settings.store.data_dir == Path(".tocsin")
    assert settings.stream.streams == ("articles",)
    assert settings.match.rules == Path("rules")
    assert settings.delivery.allow_networks == ()
    assert settings.delivery.retry_schedule == RETRY_DELAYS
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8000)
    assert (settings.log.log_format, settings.log.log_level) == ("auto", "info")
    assert settings.run.drain_timeout == timedelta(seconds=20)


def test_a_variable_sets_the_field_of_its_name() -> None:
    """TOCSIN_PORT is the port, TOCSIN_DELIVERY_TIMEOUT the delivery's timeout."""
    settings = load(an_environment(TOCSIN_PORT="9000", TOCSIN_DELIVERY_TIMEOUT=" 2.5 "))
    assert settings.web.port == 9000
    assert settings.delivery.delivery_timeout == timedelta(seconds=2.5)


@pytest.mark.parametrize("text", ["a, b,c", '["a", "b", "c"]', "a,b,,c,"])
def test_lists_are_written_with_commas_or_as_json(text: str) -> None:
    """Both ways of writing a list mean the same."""
    assert load(an_environment(TOCSIN_STREAMS=text)).stream.streams == ("a", "b", "c")


def test_networks_are_networks_or_single_addresses() -> None:
    """A lone address is a network of one."""
    settings = load(an_environment(TOCSIN_ALLOW_NETWORKS="127.0.0.0/8,10.1.2.3,fd00::/8"))
    wanted = ("127.0.0.0/8", "10.1.2.3/32", "fd00::/8")
    assert settings.delivery.allow_networks == tuple(ip_network(text) for text in wanted)


def test_no_retries_is_an_empty_json_array() -> None:
    """An empty list can be said, though an empty variable counts as unset."""
    assert load(an_environment(TOCSIN_RETRY_SCHEDULE="[]")).delivery.retry_schedule == ()


def test_settings_do_not_change() -> None:
    """A part cannot be altered behind the back of another."""
    with pytest.raises(ValidationError):
        load(an_environment()).web.port = 1  # type: ignore[misc]


def test_the_password_of_the_store_is_not_shown() -> None:
    """Neither the settings nor a part of them gives the password away when printed."""
    settings = load(an_environment(TOCSIN_REDIS_URL="redis://:s3cr3t@db:6379/0"))
    assert settings.store.redis_url.reveal() == "redis://:s3cr3t@db:6379/0"
    assert not settings.store.embedded
    assert "s3cr3t" not in f"{settings!r} {settings} {settings.store!r} {settings.model_dump()}"


@pytest.mark.parametrize(
    ("variable", "text", "advice"),
    [
        ("TOCSIN_PORT", "eighty", "write a whole number from 0 to 65535, such as 8000"),
        ("TOCSIN_PORT", "65536", "write a whole number from 0 to 65535, such as 8000"),
        ("TOCSIN_PORT", "tcp://10.0.0.1:80", "enableServiceLinks: false"),
        ("TOCSIN_BATCH_SIZE", "0", "write a whole number of at least 1, such as 200"),
        ("TOCSIN_RETRY_JITTER", "1", "write a number from 0 to below 1, such as 0.2"),
        ("TOCSIN_DRAIN_TIMEOUT", "nan", "write a number of seconds above 0, such as 20"),
        ("TOCSIN_DRAIN_TIMEOUT", "0", "write a number of seconds above 0, such as 20"),
        ("TOCSIN_DRAIN_TIMEOUT", "1e300", "write a number of seconds above 0, such as 20"),
        ("TOCSIN_RETRY_SCHEDULE", "5,-1", "write numbers of seconds with commas between them"),
        ("TOCSIN_RETRY_SCHEDULE", "5,5m", "write numbers of seconds with commas between them"),
        ("TOCSIN_KEEP_ALERTS_DAYS", "0", "write a whole number of days, at least 1, such as 30"),
        ("TOCSIN_LOG_LEVEL", "loud", "write debug, info, warning or error, such as info"),
        ("TOCSIN_LOG_FORMAT", "xml", "write auto, json or console, such as auto"),
        ("TOCSIN_SMTP_SECURITY", "ssl", "write starttls, tls or none, such as starttls"),
        ("TOCSIN_STREAMS", ",", "name at least one stream, such as articles"),
        ("TOCSIN_STREAMS", "a,a", "name each once"),
        ("TOCSIN_STREAMS", "news{1}", "take a name without { and }"),
        ("TOCSIN_STREAMS", '["a"', "not a JSON array"),
        ("TOCSIN_ALLOW_NETWORKS", "10.1.2.3/8", "write 10.0.0.0/8"),
        ("TOCSIN_ALLOW_NETWORKS", "localhost", "write one such as 10.1.0.0/16"),
    ],
)
def test_a_wrong_value_is_told_with_what_to_write_instead(
    variable: str, text: str, advice: str
) -> None:
    """The message names the variable, its value, where it comes from, and the remedy."""
    message = told(an_environment(**{variable: text}))
    assert f"{variable}={text} (in the environment): " in message
    assert advice in message


@pytest.mark.parametrize(
    "url",
    ["db:6379", "http://db", "redis:/:s3cr3t@db", "redis://:s3cr3t@db:port", "unix:/run/v.sock"],
)
def test_a_wrong_redis_url_is_told_without_showing_it(url: str) -> None:
    """A URL that is no good may hold a password all the same."""
    message = told(an_environment(TOCSIN_REDIS_URL=url))
    assert "TOCSIN_REDIS_URL (in the environment): write embedded, or a URL" in message
    assert url not in message
    assert "s3cr3t" not in message


def test_a_mail_login_is_a_name_and_a_password() -> None:
    """One without the other is a slip; the password is never shown."""
    both = an_environment(TOCSIN_SMTP_USERNAME="tocsin", TOCSIN_SMTP_PASSWORD="s3cr3t")
    assert load(both).mail.smtp_password.reveal() == "s3cr3t"
    assert "s3cr3t" not in repr(load(both))
    message = told(an_environment(TOCSIN_SMTP_PASSWORD="s3cr3t"))
    assert "TOCSIN_SMTP_USERNAME and TOCSIN_SMTP_PASSWORD go together" in message
    assert "s3cr3t" not in message


def test_links_have_an_address_and_a_secret() -> None:
    """One without the other is a slip; the secret is never shown."""
    secret = "s3cr3t" * 6
    both = an_environment(
        TOCSIN_PUBLIC_URL="https://alerts.example.org/", TOCSIN_VERDICT_SECRET=secret
    )
    assert load(both).web.public_url == "https://alerts.example.org"
    assert load(both).web.verdict_secret.reveal() == secret
    assert "s3cr3t" not in repr(load(both))
    for variables in (
        {"TOCSIN_PUBLIC_URL": "https://h"},
        {"TOCSIN_VERDICT_SECRET": secret},
        {"TOCSIN_PUBLIC_URL": "https://h", "TOCSIN_VERDICT_SECRET": "s3cr3t"},
    ):
        message = told(an_environment(**variables))
        assert "TOCSIN_VERDICT_SECRET" in message
        assert "s3cr3t" not in message


def test_a_lease_shorter_than_an_attempt_is_refused() -> None:
    """Else a second worker would take a delivery that the first is still sending."""
    message = told(an_environment(TOCSIN_DELIVERY_LEASE="10"))
    assert "TOCSIN_DELIVERY_LEASE=10 must be longer than TOCSIN_DELIVERY_TIMEOUT=15" in message


@pytest.mark.parametrize(
    ("variable", "advice"),
    [
        ("TOCSIN_STREAM", "did you mean TOCSIN_STREAMS?"),
        ("TOCSIN_REDIS_ULR", "did you mean TOCSIN_REDIS_URL?"),
        ("tocsin_port", "did you mean TOCSIN_PORT?"),
        ("TOCSIN_SECRET_DIR", "did you mean TOCSIN_SECRETS_DIR?"),
        ("TOCSIN_COLOUR_OF_THE_SKY", "see docs/settings.md"),
        ("TOCSIN_SERVICE_HOST", "enableServiceLinks: false"),
    ],
)
def test_a_setting_that_does_not_exist_is_told(variable: str, advice: str) -> None:
    """A slip in a name would otherwise leave the default in force, unnoticed."""
    message = told(an_environment(**{variable: "x"}))
    assert f"{variable} (in the environment): there is no such setting" in message
    assert advice in message


def test_all_mistakes_are_told_at_once() -> None:
    """One start shows everything there is to mend."""
    message = told(
        an_environment(TOCSIN_PORT="x", TOCSIN_LOG_LEVEL="loud", TOCSIN_STREAM="a", PATH="/bin")
    )
    assert len(message.splitlines()) == 1 + 3


def test_the_first_place_that_has_a_name_wins(tmp_path: Path) -> None:
    """The environment comes before `.env`, and `.env` before the secrets directory."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("ONE=dotenv\nTWO=dotenv\nTOCSIN_PORT=81\n")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name in ("ONE", "TWO", "THREE"):
        (secrets / name).write_text("file\n")
    environment = read_environment(
        {"ONE": "variable", "TOCSIN_SECRETS_DIR": str(secrets)}, dotenv=dotenv
    )
    assert [environment[name] for name in ("ONE", "TWO", "THREE")] == ["variable", "dotenv", "file"]
    assert load(environment).web.port == 81
    assert "FOUR" not in environment


def test_an_error_says_which_place_a_value_comes_from(tmp_path: Path) -> None:
    """One has to know where to mend it."""
    (tmp_path / ".env").write_text("TOCSIN_PORT=x\n")
    (tmp_path / "TOCSIN_HOSTS").write_text("x")
    environment = read_environment({}, dotenv=tmp_path / ".env", secrets_dir=tmp_path)
    assert "TOCSIN_PORT=x (in .env)" in told(environment)
    assert "TOCSIN_HOSTS (in the secrets directory)" in told(environment)


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    """Compose files leave empty variables behind; they must not hide what is set elsewhere."""
    (tmp_path / "TOCSIN_PORT").write_text("82")
    environment = read_environment(
        {"TOCSIN_PORT": "", "DESK_SECRET": ""}, dotenv=tmp_path / ".env", secrets_dir=tmp_path
    )
    assert load(environment).web.port == 82
    assert "DESK_SECRET" not in environment


def test_dotenv_values_are_taken_as_they_stand(tmp_path: Path) -> None:
    """A dollar sign in a password is part of the password."""
    (tmp_path / ".env").write_text("DESK_SECRET='a${HOME}b'\n")
    assert read_environment({}, dotenv=tmp_path / ".env")["DESK_SECRET"] == "a${HOME}b"


def test_a_secret_file_gives_its_text_without_the_last_newline(tmp_path: Path) -> None:
    """Editors end a file with a newline that is no part of the secret; blanks may be."""
    (tmp_path / "DESK_SECRET").write_bytes(b" whsec_abc \r\n")
    assert read_environment({}, secrets_dir=tmp_path)["DESK_SECRET"] == " whsec_abc "


def test_secret_files_are_read_only_when_asked_for(tmp_path: Path) -> None:
    """Unreadable neighbours in the directory do no harm."""
    (tmp_path / "DESK_SECRET").write_text("s")
    (tmp_path / "keystore.bin").write_bytes(b"\xff" * (MAX_SECRET_BYTES + 1))
    (tmp_path / "folder").mkdir()
    environment = read_environment({}, secrets_dir=tmp_path)
    load(environment)
    assert environment["DESK_SECRET"] == "s"
    assert "folder" not in environment
    with pytest.raises(ConfigError, match="longer than 65536 bytes"):
        environment["keystore.bin"]


def test_a_secret_that_is_no_text_is_told(tmp_path: Path) -> None:
    """The message names the file."""
    (tmp_path / "DESK_SECRET").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"DESK_SECRET: not UTF-8 text"):
        read_environment({}, secrets_dir=tmp_path)["DESK_SECRET"]


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "..", ".", "", "a\0b"])
def test_a_name_cannot_lead_out_of_the_secrets_directory(tmp_path: Path, name: str) -> None:
    """`${../outside}` in a rules file finds nothing."""
    (tmp_path / "outside").write_text("s")
    (tmp_path / "secrets").mkdir()
    assert name not in read_environment({}, secrets_dir=tmp_path / "secrets")


def test_an_absent_secrets_directory_is_told_only_if_named(tmp_path: Path) -> None:
    """The usual place may be missing; one that the operator names may not."""
    gone = tmp_path / "gone"
    load(read_environment({}, dotenv=tmp_path / ".env", secrets_dir=gone))
    with pytest.raises(ConfigError, match=r"TOCSIN_SECRETS_DIR=.*no such directory"):
        read_environment({"TOCSIN_SECRETS_DIR": str(gone)}, dotenv=tmp_path / ".env")


def test_a_dotenv_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    """The message names the file and what to do."""
    (tmp_path / ".env").write_bytes(b"NAME=\xff\n")
    with pytest.raises(ConfigError, match=r"\.env: not UTF-8 text; save it as UTF-8"):
        read_environment({}, dotenv=tmp_path / ".env")


def test_nothing_is_read_at_import() -> None:
    """Importing the settings with a wrong environment is no error: only loading them is."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import service.settings"],
        env={"PATH": os.environ["PATH"], "TOCSIN_PORT": "x", "TOCSIN_SECRETS_DIR": "/nowhere"},
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0


@pytest.fixture(scope="module")
def descriptions() -> dict[str, str]:
    """What stands below the field of each variable: no start has the time to read it."""
    tree = ast.parse(Path(sections.__file__).read_text(encoding="utf-8"))
    bodies = [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    return {
        PREFIX + field.target.id.upper(): " ".join(below.value.value.split())
        for body in bodies
        for field, below in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }


def test_every_setting_says_what_it_is(descriptions: dict[str, str]) -> None:
    """No setting without a description that ends as a sentence."""
    for setting in catalogue():
        assert descriptions[setting.variable].endswith("."), setting.variable


def test_the_documentation_lists_every_setting_exactly(descriptions: dict[str, str]) -> None:
    """docs/settings.md has one row a setting, part by part, with its default, unit and meaning."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `TOCSIN_.*$", text, re.MULTILINE)
    assert rows == [
        f"| `{setting.variable}` | {f'`{setting.default}`' if setting.default else 'none'} "
        f"| {setting.kind.unit or '–'} | {descriptions[setting.variable]} |"
        for setting in catalogue()
    ]
