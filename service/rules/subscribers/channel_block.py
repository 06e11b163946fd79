"""The block of one channel in a rules file, and its faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import PurePath

from service.rules.secret import Secret
from service.rules.subscribers.substitution import Lookup, Unset, has_variables, substitute
from service.rules.yaml.document import KeyPath, mask_fault
from service.rules.yaml.yaml_value import Part


@dataclass(frozen=True, slots=True)
class TextFault:
    """What is wrong with a text, and what to write instead."""

    message: str
    hint: str
    _: KW_ONLY
    code: str


Check = Callable[[str], TextFault | None]
"""What is wrong with a text; None if it is good."""


class ChannelBlock:
    """The block of one subscriber's channel: reads its texts and records its faults.

    All `steps` lead from the block to one of its values: `"to", 1` is the second item of `to:`.
    Without a `lookup` no `${NAME}` is replaced, and a text that has one is not checked.
    """

    def __init__(
        self,
        part: Part,
        key: str,
        subscriber_id: str,
        lookup: Lookup | None,
        settings: Lookup,
    ) -> None:
        self.subscriber_id = subscriber_id
        self._part = part
        self._path: KeyPath = (*part.path, key)
        self._lookup = lookup
        self._settings = settings
        self._faults_before = len(part.faults)

    @property
    def is_faultless(self) -> bool:
        """Whether no fault was found in this block."""
        return len(self._part.faults) == self._faults_before

    @property
    def has_values(self) -> bool:
        """Whether every `${NAME}` of this block has its value."""
        return self._lookup is not None and self.is_faultless

    def fault(self, fault: TextFault, *steps: str | int) -> None:
        """Record a fault of a value."""
        path = (*self._path, *steps)
        self._part.faults.append(self._part.fault(path, fault.message, fault.hint, code=fault.code))

    def key_fault(self, fault: TextFault, *steps: str | int) -> None:
        """Record a fault of a key, not of its value."""
        path = (*self._path, *steps)
        self._part.faults.append(
            self._part.key_fault(path, fault.message, fault.hint, code=fault.code)
        )

    def require_setting(self, name: str, message: str) -> None:
        """Record a fault if a setting is not set; without a lookup none is known."""
        if self._lookup is not None and not self._settings(name):
            self.fault(TextFault(message, f"Set {name} (docs/settings.md).", code="T405"))

    def text(self, text: str, check: Check, *steps: str | int) -> str:
        """`text` with its variables replaced, checked; "" if a variable is not set."""
        if self._lookup is None and has_variables(text):
            return text
        filled = substitute(text, self._lookup or (lambda _: None))
        if isinstance(filled, Unset):
            self._unset(filled, steps)
            return ""
        fault = check(filled)
        if fault is not None:
            self.fault(fault, *steps)
        return filled

    def secret(self, text: str, check: Check, *steps: str | int) -> Secret:
        """As `text`, for what must not be shown: faults hide the value, also a literal one."""
        before = len(self._part.faults)
        filled = Secret(self.text(text, check, *steps))
        self._part.faults[before:] = map(mask_fault, self._part.faults[before:])
        return filled

    def file(self, text: str, *steps: str | int) -> str:
        """As `text`, for the name of a file; a relative one begins at the rules file's folder."""
        before = len(self._part.faults)
        name = self.text(text, _file_name_fault, *steps)
        # What is no name of a file may be what a file should hold: a private key.
        self._part.faults[before:] = map(mask_fault, self._part.faults[before:])
        return str(PurePath(self._part.file).parent / name)

    def _unset(self, unset: Unset, steps: KeyPath) -> None:
        path, message = (*self._path, *steps), f"`${{{unset.name}}}` is not set"
        code = "T403"
        hint = (
            f"Write {unset.name}=… into .env, put a file {unset.name} into the secrets directory, "
            f"or list the environment variable {unset.name} in TOCSIN_RULES_VARIABLES."
        )
        if unset.name.upper().startswith("TOCSIN_"):
            message = f"`${{{unset.name}}}` is a setting of Tocsin, which rules cannot read"
            hint, code = "Give the secret another name.", "T404"
        self._part.faults.append(self._part.fault(path, message, hint, at=unset.at, code=code))


MAX_PATH_CHARS = 4096
"""As most systems have it."""


def _file_name_fault(text: str) -> TextFault | None:
    if "\n" not in text and "-----BEGIN" not in text and len(text) <= MAX_PATH_CHARS:
        return None
    message = "this is what a file holds, not the name of one"
    return TextFault(message, "Write it into a file, and name that file here.", code="T413")
