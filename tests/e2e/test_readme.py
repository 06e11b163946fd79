"""What the README shows is what happens: every fenced block is run, or compared with reality."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from harness.page_reader import follow
from harness.readme_blocks import README, ROOT, blocks, commands, shown_in
from harness.terminal import Terminal, eventually, free_port


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A folder as a reader's clone is, with what the README's commands name."""
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / "my-rules").mkdir()
    found = Terminal(tmp_path)
    try:
        yield found
    finally:
        found.close()


def post(port: int, body: bytes, headers: dict[str, str]) -> int:
    """The receiver's answer to a webhook."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", "/alerts", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def get(address: str, path: str) -> tuple[int, bytes]:
    """Status and body of a health endpoint."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _ready(address: str) -> dict[str, Any]:
    status, body = get(address, "/readyz")
    told: dict[str, Any] = json.loads(body)
    assert status == 200
    return told


@pytest.mark.timeout(240)
def test_who_follows_the_readme_gets_what_it_shows(terminal: Terminal) -> None:
    """Watchlist, check, test, explain, publish, receive, run, and what became of it."""
    port = free_port()
    for block in blocks(README.replace("9009", str(port))):
        if block.section == "Use it for real":
            # To look at the deliveries before is to start a process for nothing.
            follow(block, terminal, port, until="delivery.delivered")

    received = terminal.printed("python3 receiver.py")
    eventually(
        lambda: received.read_text("utf-8").count('POST /alerts HTTP/1.1" 204') == 2,
        lambda: received.read_text("utf-8"),
    )
    told_once = [line for line in received.read_text("utf-8").splitlines() if "POST" not in line]
    assert [line for line in told_once if line] == [
        "94.5 Fighter jets for Turkey Pakistan and Turkey move closer to a joint fighter jet line"
    ]

    log = [json.loads(line) for line in terminal.printed("tocsin run").read_text().splitlines()]
    (address,) = [line["url"] for line in log if line["event"] == "web.listening"]
    assert get(address, "/livez")[0] == 200
    # What matches nothing may be decided after what was delivered.
    none = {"articles": 0}
    eventually(lambda: _ready(address)["pending"] == none, lambda: f"pending: {_ready(address)}")
    told = _ready(address)
    assert (told["ready"], told["unread"]) == (True, none)


def test_the_receiver_takes_a_signed_webhook_once_and_no_other(terminal: Terminal) -> None:
    """It verifies, acts once for each webhook-id, and refuses what was altered or not signed."""
    port = free_port()
    secret = "whsec_dGhlIGRlc2sgb2YgdGhlIGRlZmVuY2UgZWRpdG9ycw=="
    (terminal.folder / ".env").write_text(f"export MY_DESK_SECRET={secret}\n", encoding="utf-8")
    for block in blocks(README.replace("9009", str(port))):
        if block.language == "python" or block.text.strip().endswith("python3 receiver.py"):
            follow(block, terminal, port)
    event = {
        "type": "alert.created",
        "data": {"score": {"value": 87.4}, "watchlist": {"name": "W"}, "article": {"title": "T"}},
    }
    body, at = json.dumps(event).encode(), datetime.now(UTC)
    for number, webhook_id in enumerate(("dlv_1", "dlv_1", "dlv_2"), start=1):
        headers = {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(webhook_id, at, body.decode()),
        }
        assert post(port, body, headers) == 204
        received = terminal.printed("python3 receiver.py").read_text("utf-8")
        assert received.count("87.4 W T") == min(number, 1) + (number == 3)
    assert post(port, body.replace(b"87.4", b"97.4"), headers) == 400
    assert post(port, body, headers | {"webhook-signature": "v1,AAAA"}) == 400
    assert post(port, body, {}) == 400
    assert "97.4" not in terminal.printed("python3 receiver.py").read_text("utf-8")
    # Not every event is of one alert: to stumble over one that is not would mean a day of retries.
    body = json.dumps({"type": "digest.created", "data": {"id": "dig_1"}}).encode()
    headers |= {
        "webhook-id": "dlv_3",
        "webhook-signature": Webhook(secret).sign("dlv_3", at, body.decode()),
    }
    assert post(port, body, headers) == 204
    assert "digest.created dig_1" in terminal.printed("python3 receiver.py").read_text("utf-8")


def test_the_tests_end_as_the_readme_shows(terminal: Terminal) -> None:
    """pytest's last line has the form that is shown; a small file stands for all the tests."""
    ((_, expected),) = (each for each in commands("console") if each[0] == "make test")
    small = ROOT / "tests" / "unit" / "delivery" / "test_schedule.py"
    options = "-p no:cacheprovider --noconftest"  # what the tests share is not needed for it
    terminal.run(f"python3 -m pytest -c {ROOT / 'pyproject.toml'} {small} {options}")
    assert shown_in(expected, terminal.output), terminal.output
