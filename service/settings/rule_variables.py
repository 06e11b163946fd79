"""What a `${NAME}` in rules files may name: nothing that its author should not read.

Whoever writes rules chooses where alerts go. Without a list, a URL such as
`http://${AWS_SECRET_ACCESS_KEY}.example/` would send any secret of the process anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.settings.environment import Environment
from service.settings.sections import PREFIX


@dataclass(frozen=True, slots=True)
class RuleVariables:
    """The values of `${NAME}`: the environment, as far as it is allowed, `.env`, and secrets.

    `allowed` are names of environment variables; one that ends in `*` stands for all that begin so.
    Settings of Tocsin are never found.
    """

    environment: Environment
    allowed: Sequence[str]

    def get(self, name: str) -> str | None:
        """The value of a name, None if it is not set. Raises ConfigError."""
        if name.upper().startswith(PREFIX):
            return None
        here = self.environment
        variables = here.variables if self._is_allowed(name) else {}
        places = (variables, here.dotenv, here.secrets)
        return next((place[name] for place in places if name in place), None)

    def _is_allowed(self, name: str) -> bool:
        return any(
            name.startswith(each[:-1]) if each.endswith("*") else name == each
            for each in self.allowed
        )
