"""The rules that this process judges by, with the values of secrets that they were read with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from service.matching.engine.layers import whole_engine
from service.matching.words.frequencies import Frequencies
from service.rules.compilation.compile import CompiledRules
from service.rules.compilation.rule_set import RuleSet
from service.rules.in_force.change import rules_change
from service.rules.in_force.state import RulesChange
from service.rules.live.own_files import OwnFiles
from service.rules.live.report import log_rules
from service.rules.rules import Rules, complete
from service.rules.subscribers.subscriber import SubscriberReader
from service.rules.subscribers.substitution import Lookup

OnReplaced = Callable[[Rules | None, Rules, RulesChange], Awaitable[None]]


class WatchedValues:
    """A lookup that remembers what it was asked for: a secret may be rotated in its file."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._used: dict[str, str | None] = {}

    def __call__(self, name: str) -> str | None:
        """The value of a name, None if it is not set. Raises ConfigError."""
        self._used[name] = value = self._lookup(name)
        return value

    def changed(self) -> bool:
        """Whether a value differs from the one that was given. Raises ConfigError."""
        return any(self._lookup(name) != value for name, value in self._used.items())


@dataclass(frozen=True)
class Source:
    """What rules were made of, to make them again with other values of secrets."""

    rules: Rules
    compiled: CompiledRules
    own: OwnFiles
    terms: dict[str, Any]
    values: WatchedValues | None
    """None: secrets are not looked up."""

    def changed(self) -> bool:
        """Whether a `${NAME}` of these rules has another value now. Raises ConfigError."""
        return self.values is not None and self.values.changed()


class EnforcedRules:
    """A set of rules at a time, replaced as a whole."""

    def __init__(
        self,
        reader: SubscriberReader,
        on_change: Callable[[Rules], None],
        on_replaced: OnReplaced,
    ) -> None:
        """`on_change` is called with each new set in a thread, before it is used; `on_replaced`
        with the set before, the new one and the change, once it is.
        """
        self._reader = reader
        self._on_replaced = on_replaced
        self._on_change = on_change
        self._frequencies = Frequencies.shipped()
        self._offered: Source | None = None  # the newest, which may have been refused
        self._source: Source | None = None
        self.rules: Rules | None = None
        """None before the first set."""
        self.set_id = ""
        """What the set is called among workers."""

    async def complete(self, compiled: CompiledRules, own: OwnFiles, **terms: Any) -> Rules:
        """The rules with their subscribers; `terms` as `rules.complete` takes them.

        The values of their secrets are watched from now on, beside those of the rules in force.
        """
        self._offered = await self._made(compiled, own, terms)
        return self._offered.rules

    async def _made(self, compiled: CompiledRules, own: OwnFiles, terms: dict[str, Any]) -> Source:
        values, reader = None, self._reader
        if reader.lookup is not None:
            values = WatchedValues(reader.lookup)
            reader = replace(reader, lookup=values)
        work = partial(complete, compiled, own.texts, reader, self.rules, **terms)
        return Source(await asyncio.to_thread(work), compiled, own, terms, values)

    async def values_changed(self) -> bool:
        """Whether a `${NAME}` has another value now. Raises ConfigError."""
        sources = [each for each in (self._offered, self._source) if each is not None]
        return await asyncio.to_thread(lambda: any(each.changed() for each in sources))

    async def take_up_values(self, begun: float) -> None:
        """Judge by the same rules with the values that secrets have now; `begun`: see `replace`."""
        source, current = self._source, self.rules
        if source is None or current is None or not await asyncio.to_thread(source.changed):
            return
        made = await self._made(source.compiled, source.own, source.terms)
        rules = replace(made.rules, faults=current.faults)
        await self.replace(rules, begun, RulesChange())
        self._source = made

    async def recompiled(self, rule_set: RuleSet) -> Source | None:
        """The rules in force, their watchlists those of another compiled set; ready to match.

        None where the set has its subscribers in other places than the files in force.
        """
        source = self._source
        if source is None or rule_set.subscribers != source.own.places:
            return None
        compiled = CompiledRules(rule_set, source.compiled.report)
        made = await self._made(compiled, source.own, source.terms)
        await asyncio.to_thread(made.rules.engine.prepare)
        return made

    async def exchange(self, made: Source) -> None:
        """Judge by the same rules as before, compiled otherwise."""
        self._frequencies = await self.count_words()
        if made.rules.shared.id != self.set_id:
            raise ValueError("these are other rules than those in force")
        if self.rules is not None:
            if self._offered is self._source:
                self._offered = made  # or it would keep the engines that are given up
            self.rules, self._source = replace(made.rules, faults=self.rules.faults), made

    async def replace(
        self, rules: Rules, begun: float, change: RulesChange | None, followed: str = ""
    ) -> None:
        """Judge by these rules from now on.

        `begun`: by the monotonic clock, when their files were looked at; `change`: None where it is
        to be found out; `followed`: the worker whose files they are, if not this one's.
        """
        await asyncio.to_thread(rules.engine.prepare)  # or the first article would wait for it
        await asyncio.to_thread(self._on_change, rules)
        shared, before = rules.shared, self.rules
        if change is None and before is not None and self.set_id != shared.id:
            change = await asyncio.to_thread(rules_change, before.shared, shared)
        if before is None or whole_engine(before.engine) is not whole_engine(rules.engine):
            self._frequencies = await self.count_words()  # by an engine that is given up
        self.rules, self.set_id = rules, shared.id
        if self._offered is not None and self._offered.rules is rules:
            self._source = self._offered
        log_rules(rules, change or RulesChange(), time.monotonic() - begun, followed)
        await self._on_replaced(before, rules, change or RulesChange())

    async def count_words(self) -> Frequencies:
        """How common words are, the articles of the rules in force included."""
        if self.rules is None:
            return self._frequencies
        counts = self.rules.engine.word_counts
        return await asyncio.to_thread(lambda: self._frequencies.with_seen(*counts()))
