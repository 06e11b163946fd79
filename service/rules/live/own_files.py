"""This worker's rules files, whether or not they are in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from service.rules.compilation.compile import CompiledRules
from service.rules.compilation.rule_set import CompileReport, RuleSet
from service.rules.in_force.refusal import Offered
from service.rules.in_force.state import RulesInForce
from service.rules.live.folder import FolderContent
from service.rules.rules import Rules
from service.rules.yaml.yaml_value import PartLocation


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """What stays known of the files once they are compiled."""

    offer: str
    """What they are called among workers."""
    places: tuple[PartLocation, ...]
    """Where the subscribers are: only these files have their addresses and secrets."""
    texts: Mapping[str, str]
    """The files that have subscribers, by name."""
    report: CompileReport

    @classmethod
    def of(cls, content: FolderContent, compiled: CompiledRules) -> OwnFiles:
        """The files, and what was compiled of them."""
        places = compiled.rule_set.subscribers
        texts = {place.file: content.texts[place.file] for place in places}
        return cls(content.offer, places, texts, compiled.report)

    def offered(self, rules: Rules, path: Path) -> Offered:
        """What these files at a path, of which rules were made, offer to all workers."""
        usable = len(rules.subscribers) + len(rules.disabled_subscribers)
        written = max(self.report.written, len(rules.watchlists))
        return Offered(self.offer, str(path), written, usable)

    def with_watchlists(
        self, rule_set: RuleSet, in_force: RulesInForce, left_out: tuple[str, ...]
    ) -> CompiledRules:
        """The watchlists of a set that another worker put in force, with these subscribers.

        `left_out`: those of them that this version of Tocsin cannot read.
        """
        report = replace(self.report, kept=in_force.kept, left_out=(*in_force.left_out, *left_out))
        return CompiledRules(replace(rule_set, subscribers=self.places), report)
