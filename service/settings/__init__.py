"""What an operator may set, as `TOCSIN_…` variables; docs/settings.md lists them all.

One module a step:

    environment  the environment, `.env` and the secrets directory, as one mapping
    kinds        how a variable's text is read, and what to write instead of a wrong one
    parts        the settings themselves, one small model per part of the service
    loading      from the mapping to the parts, with all mistakes reported at once
"""

from service.settings.environment import Environment, read_environment
from service.settings.loading import load
from service.settings.rule_variables import RuleVariables
from service.settings.sections import (
    DeliverySettings,
    LogSettings,
    MailSettings,
    MatchSettings,
    RunSettings,
    Settings,
    StoreSettings,
    StreamSettings,
    WebSettings,
    catalogue,
)

__all__ = [
    "DeliverySettings",
    "Environment",
    "LogSettings",
    "MailSettings",
    "MatchSettings",
    "RuleVariables",
    "RunSettings",
    "Settings",
    "StoreSettings",
    "StreamSettings",
    "WebSettings",
    "catalogue",
    "load",
    "read_environment",
]
