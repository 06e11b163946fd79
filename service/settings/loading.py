"""Read the settings: from flat names to parts; all mistakes are reported at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from service.errors import ConfigError
from service.settings.environment import SECRETS_DIR, Environment
from service.settings.sections import PREFIX, Settings, catalogue, parts


def load(environment: Environment) -> Settings:
    """Read and check all settings.

    Raises:
        ConfigError: names every variable that is unknown or wrong, and what to write instead.
    """
    known = {setting.variable: setting for setting in catalogue()}
    mistakes = list(_unknown(environment, known))
    try:
        settings = Settings(_build_sources=((_Flat(environment),), {}))
    except ValidationError as error:
        mistakes += dict.fromkeys(_explain(detail, environment) for detail in error.errors())
    else:
        if not mistakes:
            return settings
    raise ConfigError("The settings have errors:\n" + "\n".join(f"  {m}" for m in mistakes))


class _Flat(PydanticBaseSettingsSource):
    """Fills each part's fields from the flat names: `TOCSIN_PORT` is the `port` of `web`."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(Settings)
        self._environment = environment
        self._parts = dict(parts())

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002  part of the interface
        field_name: str,
    ) -> tuple[Any, str, bool]:
        """The texts that are set for one part, by field."""
        names = self._parts[field_name].model_fields
        texts = {name: self._environment.get(PREFIX + name.upper(), "").strip() for name in names}
        return {name: text for name, text in texts.items() if text}, field_name, False

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields
        return {name: self.get_field_value(field, name)[0] for name, field in fields.items()}


def _unknown(environment: Environment, known: Collection[str]) -> Iterator[str]:
    """A sentence for each name that looks like a setting and is none."""
    # Compared without the prefix, which would make everything look alike.
    known_tails = [name.removeprefix(PREFIX) for name in (*known, SECRETS_DIR)]
    for name in environment:
        tail = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and name not in {*known, SECRETS_DIR}:
            near = get_close_matches(tail, known_tails, n=1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else "see docs/settings.md."
            where = environment.origin(name)
            yield f"{name} (in {where}): there is no such setting; {hint}{_cluster_hint(name)}"


def _explain(detail: Mapping[str, Any], environment: Environment) -> str:
    """One mistake in words: which variable, its value unless secret, and what to write instead."""
    problem = str(detail["ctx"]["error"]) if detail["type"] == "value_error" else ""
    if len(detail["loc"]) == 1:  # two settings that do not go together: the text names both
        return problem
    variable = PREFIX + str(detail["loc"][1]).upper()
    setting = next(setting for setting in catalogue() if setting.variable == variable)
    where = environment.origin(variable)
    text = "" if setting.kind.secret else f"={environment[variable]}"
    if not problem:
        example = f", such as {setting.default}" if setting.default else ""
        problem = f"write {setting.kind.words}{example}"
    return f"{variable}{text} (in {where}): {problem}.{_cluster_hint(environment[variable])}"


def _cluster_hint(text: str) -> str:
    """Kubernetes sets variables of its own in the pods of a service that is named tocsin."""
    if text.startswith("tcp://") or re.match(r"TOCSIN_(SERVICE|PORT)_", text):
        return " (Kubernetes sets it: give the pod `enableServiceLinks: false`.)"
    return ""
