"""`${NAME}` in the texts of a rules file: filled in from wherever secrets are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath

from service.rules.channel import Secret
from service.rules.yaml.document import Path, mask_fault
from service.rules.yaml.part import Part

Lookup = Callable[[str], str | None]
"""The value of a `${NAME}`, None where it is not set."""

Check = Callable[[str], tuple[str, str]]
"""What is wrong with a text and what to write instead, both empty when it is good."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Filling:
    """Fills the texts of one part in; what is wrong with them becomes the part's faults."""

    def __init__(self, part: Part, lookup: Lookup | None) -> None:
        self._part = part
        self._lookup = lookup
        self._before = len(part.faults)

    def fault(self, path: Path, message: str, hint: str) -> None:
        """Add a fault."""
        self._part.faults.append(self._part.fault(path, message, hint))

    def key_fault(self, path: Path, message: str, hint: str) -> None:
        """Add a fault of a key, and not of what stands behind it."""
        self._part.faults.append(self._part.key_fault(path, message, hint))

    @property
    def faultless(self) -> bool:
        """Whether all is filled in and nothing wrong was found: what is named can be read."""
        return self._lookup is not None and len(self._part.faults) == self._before

    def require(self, name: str, path: Path, message: str) -> None:
        """Add a fault where a setting is not set, unless nothing is looked up."""
        if self._lookup is not None and not self._lookup(name):
            self.fault(path, message, f"Set {name} (docs/settings.md).")

    def secret(self, text: str, path: Path, check: Check) -> Secret:
        """`text` with every `${NAME}` filled in, checked; faults never show what was filled in.

        Nor what was written instead of a `${NAME}`.
        """
        before = len(self._part.faults)
        filled = Secret(self.text(text, path, check))
        self._part.faults[before:] = map(mask_fault, self._part.faults[before:])
        return filled

    def file(self, text: str, path: Path) -> str:
        """As `text`, for a file's name; a relative one stands beside the rules file."""
        filled = self.text(text, path, lambda _: ("", ""))
        return str(PurePath(self._part.file).parent / filled)

    def text(self, text: str, path: Path, check: Check) -> str:
        """As `secret`, for what may be shown."""
        if self._lookup is None and _VARIABLE.search(text):
            return text
        filled, end = "", 0
        for found in _VARIABLE.finditer(text):
            name = found.group(1)
            value = self._lookup(name) if self._lookup else None
            if value is None:
                hint = (
                    f"Set the environment variable {name}, or put a file {name} into the "
                    "secrets directory."
                )
                message = f"`${{{name}}}` is not set"
                self._part.faults.append(self._part.fault(path, message, hint, at=found.span()))
                return ""
            filled += text[end : found.start()] + value
            end = found.end()
        filled += text[end:]
        message, hint = check(filled)
        if message:
            self.fault(path, message, hint)
        return filled
