"""Where settings and the rules' `${NAME}` come from.

The environment, `.env`, the secrets directory: the first of the three that has a name wins. An
empty variable counts as unset, because that is what `${NAME:-}` in a compose file leaves behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from service.errors import ConfigError

SECRETS_DIR = "TOCSIN_SECRETS_DIR"
"""The variable that names the secrets directory."""

DEFAULT_SECRETS_DIR = Path("/run/secrets")
"""Where Docker and Kubernetes put them; it may be absent."""

MAX_SECRET_BYTES = 64 * 1024
"""A larger file is not a secret but a mistake."""


@dataclass(frozen=True, slots=True)
class SecretFiles(Mapping[str, str]):
    """One secret a file: the file's name is the name, its text the value. Read when asked for."""

    directory: Path

    def __getitem__(self, name: str) -> str:
        if name not in self:
            raise KeyError(name)
        path = self.directory / name
        try:
            # One byte more than allowed shows that a file is too long.
            with path.open("rb") as file:
                content = file.read(MAX_SECRET_BYTES + 1)
            if len(content) > MAX_SECRET_BYTES:
                raise ConfigError(f"{path}: longer than {MAX_SECRET_BYTES} bytes, so not a secret.")
            return content.decode().rstrip("\r\n")
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}; let this user read it.") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: not UTF-8 text; write the secret as text.") from error

    def __contains__(self, name: object) -> bool:
        # A name with a slash in it would lead out of the directory.
        return isinstance(name, str) and Path(name).name == name and self._has(name)

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in sorted(self.directory.iterdir()) if path.is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _has(self, name: str) -> bool:
        return "\0" not in name and (self.directory / name).is_file()


class DotenvFile(Mapping[str, str]):
    """The file `.env`, read again when it has changed; nothing where it is not there.

    Its methods raise ConfigError where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._read: tuple[object, Mapping[str, str]] = (None, {})

    def __getitem__(self, name: str) -> str:
        return self._values()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def _values(self) -> Mapping[str, str]:
        seen, values = self._read
        stamp = self._stamp()
        if stamp != seen:
            values = _filled(_read_dotenv(self._path)) if stamp else {}
            self._read = stamp, values
        return values

    def _stamp(self) -> object:
        try:
            found = self._path.stat()
        except OSError as error:
            if isinstance(error, FileNotFoundError | NotADirectoryError):
                return None
            raise ConfigError(f"{self._path}: {error.strerror}; let this user read it.") from error
        return found.st_mtime_ns, found.st_size, found.st_ino


@dataclass(frozen=True, slots=True)
class Environment(Mapping[str, str]):
    """Names and their values, from the first place that has them."""

    variables: Mapping[str, str]
    dotenv: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def origin(self, name: str) -> str:
        """Where the value comes from, in words for an error: "the environment"."""
        return self._find(name)[0]

    def __getitem__(self, name: str) -> str:
        return self._find(name)[1][name]

    def __contains__(self, name: object) -> bool:
        return any(name in place for _, place in self._places())

    def __iter__(self) -> Iterator[str]:
        # Each name once, in the order of the places.
        return iter(dict.fromkeys(name for _, place in self._places() for name in place))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _places(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        return (
            ("the environment", self.variables),
            (".env", self.dotenv),
            ("the secrets directory", self.secrets),
        )

    def _find(self, name: str) -> tuple[str, Mapping[str, str]]:
        for where, place in self._places():
            if name in place:
                return where, place
        raise KeyError(name)


def read_environment(
    variables: Mapping[str, str] | None = None,
    *,
    dotenv: Path = Path(".env"),
    secrets_dir: Path = DEFAULT_SECRETS_DIR,
) -> Environment:
    """Gather the three places; `variables` defaults to this process's own.

    Raises:
        ConfigError: `.env` is unreadable, or `TOCSIN_SECRETS_DIR` names no directory.
    """
    ours = _filled(os.environ if variables is None else variables)
    file = DotenvFile(dotenv)
    named = ours.get(SECRETS_DIR) or file.get(SECRETS_DIR)
    directory = Path(named).expanduser() if named else secrets_dir
    if directory.is_dir():
        return Environment(ours, file, SecretFiles(directory))
    if named:
        raise ConfigError(f"{SECRETS_DIR}={named}: no such directory; create it or unset this.")
    return Environment(ours, file)


def _read_dotenv(path: Path) -> Mapping[str, str | None]:
    try:
        # No interpolation: `${…}` in a password is part of the password.
        return dotenv_values(path, interpolate=False)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; let this user read it.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text; save it as UTF-8.") from error


def _filled(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
