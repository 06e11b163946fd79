"""`tocsin rules`: what is in force, what was, and what differs."""

from __future__ import annotations

import json
from pathlib import Path

from builders.agreed_rules import FIRST, REFUSED, put_in_force, put_rules
from harness.commands import Shell, wide
from service.store.outbox import Outbox


async def test_status_says_what_is_in_force_and_for_whom(
    shell: Shell, outbox: Outbox, tmp_path: Path
) -> None:
    """In 80 columns, and as JSON."""
    await put_rules(outbox, tmp_path / "rules")
    said = await shell.run("rules", "status")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].startswith("set       ")
    assert "3 watchlists; alerts name it " in lines[0]
    assert lines[1].endswith("by worker-1")
    assert lines[2] == f"files     {tmp_path / 'rules'} (files)"
    assert lines[-2].split() == ["worker-1", REFUSED, "refused", "3", "0s", "ago"]
    assert lines[-1] == "worker-1: half of it is gone"
    assert wide("\n".join(lines[3:])) == []
    found = json.loads((await shell.run("rules", "status", "--json")).out)
    assert (found["watchlists"], found["workers"][0]["standing"]) == (3, "refused")


async def test_where_nothing_is_in_force_it_says_so(shell: Shell, stream_name: str) -> None:
    """An operator may be in front of the wrong store."""
    for words in (("rules", "status"), ("rules", "diff")):
        said = await shell.run(*words)
        assert said.code == 1
        assert "in force" in said.err
    assert stream_name in (await shell.run("rules", "status")).err
    assert (await shell.run("rules", "history")).out == "no set has come into force yet\n"


async def test_history_says_what_each_set_changed(
    shell: Shell, outbox: Outbox, tmp_path: Path
) -> None:
    """The last one first."""
    await put_in_force(outbox, FIRST, tmp_path)
    more = "".join(f"  - {{id: w-{number}, match: x}}\n" for number in range(7))
    await put_in_force(outbox, f"watchlists:\n{more}", tmp_path)
    said = await shell.run("rules", "history")
    assert wide(said.out) == []
    shown = " ".join(said.out.split())
    assert "+w-0, w-1, w-2, w-3, w-4 and 2 more" in shown
    assert shown.index("+w-0") < shown.index("+jets, ships, tanks")


async def test_diff_shows_what_the_files_here_would_change(
    shell: Shell, outbox: Outbox, tmp_path: Path
) -> None:
    """Added, removed and changed, each field that differs; a faulty one stays as it is."""
    root = tmp_path / "rules"
    await put_in_force(outbox, FIRST, root)
    here = FIRST.replace("[Saab]", "[Dassault]").replace(
        "id: ships, match: warship", "id: bad, match: ("
    )
    here = here.replace("tank, notify: [desk]", "tank, severity: high")
    (root / "rules.yaml").write_text(here.replace("- {id: desk,", "- {id: desk, min_score: 7,"))
    said = await shell.run("rules", "diff")
    assert said.out.splitlines() == [
        "- ships",
        "~ jets: a list that it names",
        "~ tanks",
        "    notify: ['desk'] → –",
        "    severity: – → high",
        "~ subscriber desk",
    ]
    (root / "rules.yaml").write_text(FIRST)
    assert (await shell.run("rules", "diff")).out == "no difference\n"


async def test_diff_of_two_sets(shell: Shell, outbox: Outbox, tmp_path: Path) -> None:
    """By the beginnings of their ids; one alone is compared with the set in force."""
    ids = []
    for text in (FIRST, FIRST.replace("warship", "frigate"), FIRST.replace("tank", "panzer")):
        await put_in_force(outbox, text, tmp_path)
        found = await outbox.rules.in_force()
        assert found is not None
        ids.append(found.set_id[:8])
    both = await shell.run("rules", "diff", ids[0], ids[1])
    assert both.out.splitlines() == ["~ ships", "    match: warship → frigate"]
    since = json.loads((await shell.run("rules", "diff", ids[1], "--json")).out)
    assert (since["added"], since["removed"]) == (["panzers"], ["tanks"])
    assert [one["watchlist"] for one in since["changed"]] == ["ships"]


async def test_what_was_refused_can_be_accepted(
    shell: Shell, outbox: Outbox, tmp_path: Path
) -> None:
    """By the name that `status` shows; any other is a mistake."""
    await put_rules(outbox, tmp_path / "rules")
    said = await shell.run("rules", "accept", "somethingelse")
    assert (said.code, REFUSED in said.err) == (1, True)
    assert (await shell.run("rules", "accept", REFUSED)).code == 0
    found = await outbox.rules.in_force()
    assert found is not None
    assert found.accepted == REFUSED
