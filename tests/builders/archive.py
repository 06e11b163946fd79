"""Kept articles, as a back-test leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from service.archive.kept.packer import Packer, UnpackedArticle
from service.archive.kept.segment import Segment, SegmentFile, files, save
from service.articles.article import Article


def an_archive(folder: Path, articles: Sequence[Article], first: int = 1) -> list[SegmentFile]:
    """Keep these articles in one more file, one a minute from the `first` on; all files."""
    unpacked = [
        UnpackedArticle(f"{60_000 * number}-0", 1, "", each)
        for number, each in enumerate(articles, first)
    ]
    blocks = Packer().pack(unpacked)
    save(folder, Segment(unpacked[0].entry_id, unpacked[-1].entry_id, tuple(blocks), ()))
    return files(folder)
