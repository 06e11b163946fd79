"""What people read: each channel's rendering of each event, as somebody looked at it."""

from __future__ import annotations

import json
import re

import pytest

from builders import events
from builders.renderings import FOLDER, renderings

RENDERINGS = dict(renderings())


@pytest.mark.parametrize("file", tuple(RENDERINGS))
def test_a_rendering_is_the_one_that_was_looked_at(file: str) -> None:
    """After a change: write them anew (`tests/rendered.py` says how) and look at each."""
    assert RENDERINGS[file] == (FOLDER / file).read_text(encoding="utf-8")


def test_no_rendering_is_left_over() -> None:
    """Every file in the folder is compared."""
    assert {path.name for path in FOLDER.iterdir()} == set(RENDERINGS)


def _words(text: str) -> str:
    return " ".join(re.sub(r"[*|]", " ", text).split())


@pytest.mark.parametrize("event", ["alert", "updated", "spread"])
def test_every_channel_shows_the_same_evidence(event: str) -> None:
    """The sentences, the score and the ids stand in all of them."""
    slack = json.loads(RENDERINGS[f"{event}.slack.json"])
    told = "".join(re.findall(r'"text": "(.*?)"', json.dumps(slack, ensure_ascii=False)))
    mail, relay = RENDERINGS[f"{event}.mail.txt"], RENDERINGS[f"{event}.relay.txt"]
    html = re.sub(r"<[^>]+>", "", RENDERINGS[f"{event}.mail.html"])
    data = json.loads(events.ALL[event])["data"]
    about = data.get("alert_id", data["id"])
    for said in (
        "are in the last round of talks over a shared production line for",
        "cabinet meets on Monday.",
        "Ayşe Yılmaz",
        "4 articles since 2026-11-23 08:41 UTC",
        "= 99.1",
        about,
    ):
        for text in (told, mail, relay, html):
            assert said in _words(text)
