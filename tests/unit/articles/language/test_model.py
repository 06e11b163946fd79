"""The model of languages that is kept is the one that was unpacked."""

from __future__ import annotations

from pathlib import Path

from service.articles.language.model import kept_models


def test_a_kept_model_is_the_unpacked_one(tmp_path: Path) -> None:
    """Its languages and all of its numbers; where nothing can be kept, it is unpacked each time."""
    wanted = {"devanagari": ["hi", "ne"], "arabic": ["ar", "fa"]}
    taken = tmp_path / "file"
    taken.write_text("")
    made, read, apart = (kept_models(wanted, [each]) for each in (tmp_path, tmp_path, taken))
    assert (
        made.facts
        == read.facts
        == apart.facts
        == {"devanagari": ["hi", "ne"], "arabic": ["ar", "fa"]}
    )
    assert made.parts == read.parts == apart.parts
    assert sorted(read.parts) == [
        "arabic priors", "arabic weights", "devanagari priors", "devanagari weights",
        "features", "moves", "rows",
    ]  # fmt: skip
