"""Files of which an entry, or all, needs more time than it may."""

from __future__ import annotations

from service.articles.article import Article
from service.articles.files.entries import Source, UnreadableError
from service.cli.input.limited_files import MAX_FAILURES, LimitedFiles
from service.concurrency.processes import Limits

LITTLE = Limits(cpu_seconds=0.25, memory_bytes=512 * 2**20, wall_seconds=60)
GOOD = "<item><title>Tanks</title></item>"
SLOW = f"<item><title>Jets</title><description>{'&lt;b>x' * 100_000}</description></item>"


def rss(*items: str) -> Source:
    """A feed."""
    text = f"<rss version='2.0'><channel><title>G</title>{''.join(items)}</channel></rss>"
    return Source("feed.xml", text.encode())


def test_an_entry_that_needs_too_much_fails_alone() -> None:
    """Those around it are read, and so is the next file."""
    with LimitedFiles(LITTLE) as files:
        first, second, third = files.entries(rss(GOOD, SLOW, GOOD))
        assert first == third
        assert str(second) == "feed.xml: entry 2 needs more than 0.25 s of CPU"
        (article,) = files.articles(rss(GOOD), max_bytes=10**6)
        assert isinstance(article, Article)
        assert article.title == "Tanks"


def test_a_file_of_such_entries_is_given_up() -> None:
    """Each costs the time that it may take."""
    with LimitedFiles(LITTLE) as files:
        *failed, last = files.entries(rss(*[SLOW] * (MAX_FAILURES + 1)))
    assert len(failed) == MAX_FAILURES
    assert isinstance(last, UnreadableError)
    assert str(last) == f"feed.xml: the entries after {MAX_FAILURES} are not read"
