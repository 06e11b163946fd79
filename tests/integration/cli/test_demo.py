"""`tocsin demo --once`, with rules and a sample of its own; tests/e2e has the demo that goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.commands import Shell

RULES = """
watchlists:
  - {id: jets, name: Jets, match: Turkey AND fighter jet, notify: [desk, wire]}
subscribers:
  - id: desk
    webhook: {url: "${DESK_URL}", secret: "${DESK_SECRET}"}
  - id: wire
    webhook: {url: "${WIRE_URL}", secret: "${WIRE_SECRET}"}
"""


async def test_it_ends_by_itself_when_all_alerts_have_arrived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts alerts and deliveries apart, and says nothing of articles of the reader's own."""
    samples = tmp_path / "rules" / "samples"
    samples.mkdir(parents=True)
    (samples.parent / "rules.yaml").write_text(RULES, encoding="utf-8")
    (samples / "a.txt").write_text("Turkey orders fighter jets\n\nTen of them.", encoding="utf-8")
    (samples / "b.txt").write_text("Nothing happened\n\nAll day long.", encoding="utf-8")
    settings = {"TOCSIN_RULES": str(samples.parent), "TOCSIN_DATA_DIR": str(tmp_path / "data")}
    said = await Shell(monkeypatch, settings).run("demo", "--once")
    assert said.code == 0, said.err
    assert said.out.startswith("1 watchlists · 2 articles · 1 alerts in 2 deliveries expected\n")
    assert "Turkey orders fighter jets" in said.out
    assert said.out.endswith("1 of 1 expected alerts arrived, in 2 of 2 deliveries\n")
