"""What goes into production: the image, the compose file, the requirements."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import catalogue
from service.settings.environment import SECRETS_DIR
from service.settings.sections import RunSettings
from service.web.health import LIVE

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REQUIREMENTS = (
    "requirements.txt",
    "requirements-otel.txt",
    "requirements-build.txt",
    "requirements-dev.txt",
)
KNOWN = {setting.variable for setting in catalogue()} | {SECRETS_DIR}

PUBLISHING: dict[str, Any] = yaml.safe_load(
    (ROOT / "deploy" / "compose.publish.yaml").read_text("utf-8")
)
SERVICE = COMPOSE["services"]["tocsin"]
STORE = COMPOSE["services"]["valkey"]


def pinned(name: str) -> dict[str, str]:
    """The packages of a requirements file, and the version of each."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def normalised(requirement: str) -> str:
    """The package's name in a line such as `faststream[redis] >=0.7`."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def test_the_image_sets_only_settings_that_exist() -> None:
    """A slip in the Dockerfile would stop every container at its start."""
    assert set(re.findall(r"\bTOCSIN_\w+", DOCKERFILE)) <= KNOWN


def test_the_image_does_not_run_as_root() -> None:
    """The user is a number, so that an orchestrator can see that it is not root."""
    (user,) = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert int(user) >= 1000


def test_the_image_asks_the_service_itself_whether_it_lives() -> None:
    """The health check calls the path that the service answers at, and is a program that runs."""
    (check,) = re.findall(r"^HEALTHCHECK .*?CMD (\[.*?\])$", DOCKERFILE, re.MULTILINE | re.DOTALL)
    program, option, source = ast.literal_eval(check.replace("\\\n", ""))
    assert (program, option) == ("python", "-c")
    assert f"'{LIVE}'" in source
    compile(source, "HEALTHCHECK", "exec")


def test_the_image_starts_the_program_without_a_shell() -> None:
    """A shell in between would keep SIGTERM to itself, and nothing would be drained."""
    assert re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE) == ['["tocsin", "run"]']
    assert "\nSTOPSIGNAL SIGTERM\n" in DOCKERFILE


def test_what_the_image_copies_is_let_through_to_the_builder() -> None:
    """.dockerignore shuts everything out but the names it lists."""
    allowed = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = set()
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        copied |= set(line.split()[:-1])
    assert copied == allowed
    assert [name for name in sorted(copied) if not (ROOT / name).exists()] == []


def test_compose_sets_only_settings_that_exist() -> None:
    """As for the image."""
    assert set(SERVICE["environment"]) <= KNOWN


def test_compose_gives_the_service_time_to_drain() -> None:
    """The grace period outlasts what the service takes to finish the work in hand."""
    seconds = int(SERVICE["stop_grace_period"].removesuffix("s"))
    assert seconds > RunSettings().drain_timeout.total_seconds()


def test_compose_keeps_what_was_acknowledged() -> None:
    """The store writes an append-only file to a volume, evicts nothing, and is waited for."""
    command = " ".join(STORE["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    data, _ = STORE["volumes"]
    assert data.split(":")[0] in COMPOSE["volumes"]
    assert SERVICE["depends_on"] == {"valkey": {"condition": "service_healthy"}}


def test_compose_opens_nothing_to_the_outside() -> None:
    """The store has no port, and is on a network that leads nowhere else."""
    assert "ports" not in STORE
    assert STORE["networks"] == ["store"]
    assert COMPOSE["networks"]["store"] == {"internal": True}
    for port in (*SERVICE["ports"], *PUBLISHING["services"]["valkey"]["ports"]):
        assert port.startswith("127.0.0.1:")


def test_compose_can_scale_the_service() -> None:
    """No port of the machine, name or address is one container's."""
    assert SERVICE["ports"] == ["127.0.0.1::8000"]
    assert not {"container_name", "hostname"} & SERVICE.keys()


def test_compose_gives_no_more_rights_than_needed() -> None:
    """A read-only file system, no new privileges, no capabilities; limits, and logs that end."""
    for each in (STORE, SERVICE):
        assert each["read_only"] is True
        assert each["security_opt"] == ["no-new-privileges:true"]
        assert each["cap_drop"] == ["ALL"]
        assert {"mem_limit", "pids_limit"} <= each.keys()
        assert each["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert re.fullmatch(r"[1-9]\d+:\d+", STORE["user"])


def test_the_store_keeps_to_its_memory() -> None:
    """Rewriting its file takes a copy of what changes meanwhile."""
    command = STORE["command"]
    assert command[command.index("--maxmemory") + 1] == "600mb"
    assert STORE["mem_limit"] == "1g"


BASES = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("image", [STORE["image"], *BASES])
def test_images_are_named_by_digest(image: str) -> None:
    """A tag may be another image tomorrow."""
    assert re.fullmatch(r"[a-z/]+:[\w.-]+@sha256:[0-9a-f]{64}", image)


def test_each_container_sees_its_own_secrets() -> None:
    """And no password stands in the file, where `docker inspect` would show it."""
    mounts = [each for one in (STORE, SERVICE) for each in one["volumes"] if "secrets" in each]
    assert mounts == ["./secrets/valkey:/etc/valkey:ro", "./secrets/service:/run/secrets:ro"]
    assert SERVICE["environment"] == {"TOCSIN_LOG_FORMAT": "json"}
    assert "/deploy/secrets/\n" in (ROOT / ".gitignore").read_text("utf-8")


def test_the_notice_names_all_that_is_shipped() -> None:
    """Every package that is installed, with the licence that it declares."""
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^    ([a-z0-9-]+) +(\S.*)$", notice, re.MULTILINE))
    assert listed.keys() == pinned("requirements.txt").keys()
    for name, licence in listed.items():
        with suppress(PackageNotFoundError):  # for another system or Python
            declared = metadata(name).get_all("License-Expression") or [licence]
            assert [licence] == declared, name


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_is_pinned_with_its_hashes(name: str) -> None:
    """No index, no address and no path: the files install anywhere, from any mirror."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|^-|(?<![\w.<>=])/", text, re.MULTILINE)


def test_the_requirements_hold_what_the_project_declares() -> None:
    """After a change in pyproject.toml, `make lock` has been run."""
    groups = PROJECT["dependency-groups"]
    wanted = {
        "requirements.txt": PROJECT["project"]["dependencies"],
        "requirements-otel.txt": PROJECT["project"]["optional-dependencies"]["otel"],
        "requirements-build.txt": groups["build"],
        "requirements-dev.txt": [line for line in groups["dev"] if isinstance(line, str)],
    }
    for name, lines in wanted.items():
        assert {normalised(line) for line in lines} <= set(pinned(name)), name


def test_developers_run_what_production_runs() -> None:
    """The same version of every package, beside the tools."""
    everything = pinned("requirements-dev.txt").items()
    assert pinned("requirements.txt").items() <= pinned("requirements-otel.txt").items()
    assert pinned("requirements-otel.txt").items() <= everything
    assert pinned("requirements-build.txt").items() <= everything


def test_what_the_package_imports_is_declared() -> None:
    """Nothing is used that is there only because another package happens to need it."""
    imported = set()
    for path in (ROOT / "service").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).split(".")[0])
    imported -= {*sys.stdlib_module_names, "service"}
    owners = packages_distributions()
    extras = chain(*PROJECT["project"]["optional-dependencies"].values())
    declared = {normalised(line) for line in (*PROJECT["project"]["dependencies"], *extras)}
    # Where a package is not even installed, its import stands for its name; it may be an extra.
    first = {line.split("-")[0]: line for line in declared}
    found = {name: owners.get(name, [first.get(name, name)]) for name in imported}
    owned = {name: set(map(normalised, each)) for name, each in found.items()}
    assert [name for name in sorted(imported) if not owned[name] & declared] == []
