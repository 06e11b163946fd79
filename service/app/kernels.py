"""All kernels, and the model of languages, which are kept when they were made once.

`python -m service.app.kernels` makes them, so that no start has to.
"""

from __future__ import annotations

from service.alerts.stories import fingerprint
from service.articles.language import detect_language
from service.matching.engine import engine
from service.matching.kernel_files import mark


def prepare() -> None:
    """Compiles what is not compiled yet: twenty seconds once, then a fraction of one."""
    fingerprint.prepare()
    engine.prepare()


if __name__ == "__main__":
    prepare()
    detect_language("The ship left the harbour.")
    try:
        mark().touch()
    except OSError as error:
        print(f"the compiled kernels cannot be kept next to their source: {error}")  # noqa: T201
