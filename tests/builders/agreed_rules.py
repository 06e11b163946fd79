"""A set of rules in force, and a worker whose rules files were refused."""

from __future__ import annotations

from pathlib import Path

from builders.rules import load
from service.rules.in_force.change import rules_change
from service.rules.in_force.set_content import SetEncoder
from service.rules.in_force.shared_set import SharedSet
from service.rules.in_force.state import RulesInForce, WorkerRules
from service.store.outbox import Outbox

FIRST = """
lists: {makers: [Saab]}
watchlists:
  - {id: jets, match: $makers AND fighter jet, notify: [desk]}
  - {id: tanks, match: Turkey AND tank, notify: [desk]}
  - {id: ships, match: warship}
subscribers:
  - {id: desk, webhook: {url: "https://desk.example", secret: "${DESK_SECRET}"}}
"""
REFUSED = "9c0e12aa03b45f17"
"""What the files are called that were refused."""


async def put_in_force(outbox: Outbox, text: str, root: Path, worker: str = "worker-1") -> None:
    """Have a set come into force as a worker does it."""
    shared = load({str(root / "rules.yaml"): text}, None).shared
    before = await outbox.rules.in_force()
    content = SetEncoder(str(root)).encode(shared)
    rules = RulesInForce(
        shared.id, content.key, "files", shared.digest, len(shared.records), 1, str(root), worker
    )
    change = rules_change(None if before is None else SharedSet.empty(), shared)
    replaces = before.version if before else 0
    assert await outbox.rules.put(rules, content, change, replaces=replaces)


async def put_rules(
    outbox: Outbox, root: Path, *, worker: str = "worker-1", problem: str = "half of it is gone"
) -> str:
    """A set in force, and a worker with other files; what these are called."""
    await put_in_force(outbox, FIRST, root, worker)
    said = WorkerRules("refused", problem, 3)
    await outbox.rules.claim(worker, REFUSED, said, fresh=True)
    return REFUSED
