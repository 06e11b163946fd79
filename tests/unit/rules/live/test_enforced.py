"""The rules that a process judges by, when their watchlists were compiled once more."""

from __future__ import annotations

import time

from builders.rules import a_reader
from service.rules.compilation.compile import CompiledRules, compile_rules
from service.rules.in_force.state import RulesChange
from service.rules.live.enforced import EnforcedRules
from service.rules.live.own_files import OwnFiles
from service.rules.rules import Rules

TANKS = "watchlists: [{id: tanks, match: tank}]\n"
DESK = "subscribers: [{id: desk, webhook: {url: 'https://desk.example'}}]\n"


async def not_told(before: Rules | None, after: Rules, change: RulesChange) -> None:
    """Nothing waits here."""
    del before, after, change


def own_files(files: dict[str, str], compiled: CompiledRules) -> OwnFiles:
    """What stays known of the files."""
    return OwnFiles("", compiled.rule_set.subscribers, files, compiled.report)


async def test_subscribers_that_are_elsewhere_meanwhile_are_not_read_there() -> None:
    """They moved into another file while all files were compiled: that set is of no use."""
    files = {"a.yaml": f"{TANKS}{DESK}"}
    compiled = compile_rules(files, None)
    enforced = EnforcedRules(a_reader(), lambda _: None, not_told)
    rules = await enforced.complete(compiled, own_files(files, compiled))
    await enforced.replace(rules, time.monotonic(), None)
    again = await enforced.recompiled(compile_rules(files, None).rule_set)
    assert again is not None
    assert again.rules.shared.id == rules.shared.id
    moved = compile_rules({"a.yaml": TANKS, "b.yaml": DESK}, None)
    assert await enforced.recompiled(moved.rule_set) is None


async def test_a_change_that_is_told_is_not_found_out_again() -> None:
    """Who replaces rules may know what changed; else it is found out; at first there is none."""
    told: list[RulesChange] = []

    async def replaced(before: Rules | None, after: Rules, change: RulesChange) -> None:
        del before, after
        told.append(change)

    enforced = EnforcedRules(a_reader(), lambda _: None, replaced)
    known = RulesChange(changed=("known",))
    for words, change in (("tank", None), ("tank OR jet", known), ("tank OR ship", None)):
        files = {"a.yaml": f"watchlists: [{{id: tanks, match: {words}}}]\n{DESK}"}
        compiled = compile_rules(files, None)
        rules = await enforced.complete(compiled, own_files(files, compiled))
        await enforced.replace(rules, time.monotonic(), change)
    assert told[0] == RulesChange()
    assert told[1] is known
    assert told[2] != RulesChange()
