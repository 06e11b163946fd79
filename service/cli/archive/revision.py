"""Rules as a revision of their git repository has them."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from service.errors import ConfigError
from service.rules.live.folder import folder_of


@contextmanager
def rules_of_revision(rules: Path, revision: str) -> Iterator[Path]:
    """A folder with the rules of a revision, or their one file; gone at the end.

    Raises ConfigError where git does not know it.
    """
    folder = folder_of(rules).resolve()
    # What begins with a dash would be an option.
    command = ["git", "-C", str(folder), "archive", "--format=tar", "--end-of-options"]
    try:
        done = subprocess.run([*command, revision, "."], capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise ConfigError(f"{revision} is no folder, and there is no git here to ask") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise ConfigError(
            f"{revision} is no folder, and no revision in which git finds {rules} ({said}); name a "
            "branch, a tag or a commit"
        )
    with tempfile.TemporaryDirectory(prefix="tocsin-rules-") as found:
        with tarfile.open(fileobj=BytesIO(done.stdout)) as tar:
            tar.extractall(found, filter="data")
        at = Path(found)
        yield at / rules.name if rules.is_file() else at
