"""What commands show on a terminal."""

from __future__ import annotations

from service.cli.output.terminal import quoted


def highlighted(sentence: str, *words: str) -> list[str]:
    """What is marked in a quoted sentence."""
    text = quoted("lead", sentence, words)
    return [text.plain[span.start : span.end] for span in text.spans if "yellow" in str(span.style)]


def test_whole_words_are_marked() -> None:
    """`us` is not marked within another word; in a script without spaces, all of it may be."""
    assert highlighted("Trust us, says us.", "us") == ["us", "us"]
    assert highlighted("日本の戦闘機。", "戦闘機") == ["戦闘機"]
    assert highlighted("Fighter jets.", "Fighter\njets") == ["Fighter jets"]
