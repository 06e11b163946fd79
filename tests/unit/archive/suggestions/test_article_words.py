"""The words and pairs of words of articles, beside a plain reading of their texts."""

from __future__ import annotations

from collections import Counter

from builders.articles import an_article
from builders.news_days import day
from service.archive.kept.block import Block
from service.archive.kept.packer import Packer, UnpackedArticle
from service.archive.suggestions.article_words import Background, by_article, phrases
from service.articles.article import Article, read_article
from service.errors import BadEntry
from service.matching.words.text import split_text


def blocks_of(*articles: Article) -> list[Block]:
    """The articles as they are kept."""
    unpacked = [UnpackedArticle(f"{at}-0", 1, "", each) for at, each in enumerate(articles, 1)]
    return Packer().pack(unpacked)


def plainly(article: Article) -> set[str]:
    """The words of three letters or more and the pairs with one of them, of its text."""
    found: set[str] = set()
    for _, text in article.zones():
        read = split_text(text, article.language)
        before, ended = "", -1
        for at, surface in enumerate(read.surfaces):
            word = surface.casefold()
            word = word[:-2] if word.endswith(("'s", "’s")) else word
            word = word if any(char.isalpha() for char in word) else ""
            found |= {word} if len(word) > 2 else set()
            gap = text[ended : read.starts[at]] if ended >= 0 else "."
            if (
                not set(gap) & set(".!?…\n;:")
                and before
                and word
                and max(len(before), len(word)) > 2
            ):
                found.add(f"{before} {word}")
            before, ended = word, read.ends[at]
    return found


def some_articles() -> list[Article]:
    """News of two languages; their sentences end in stops."""
    found = []
    for fields in day(5, 15):
        try:
            encoded = {name.encode(): text.encode() for name, text in fields.items()}
            found.append(read_article(encoded, max_bytes=100_000))
        except BadEntry:
            continue
    return found


def test_words_and_pairs_are_those_of_the_text() -> None:
    """In small letters, without possessives; no pair crosses the end of a sentence."""
    (block,) = blocks_of(an_article("The club's Test match. Rain, 20 of it!", title="CRICKET now"))
    found = phrases(block, 0)
    assert {
        "club",
        "test match",
        "club test",
        "cricket",
        "cricket now",
        "rain",
        "the club",
    } <= found
    assert not {"match rain", "now the", "of", "20", "20 of", "club's"} & found


def test_they_are_those_of_a_plain_reading() -> None:
    """Of many articles; only how a sentence ends is told more finely than here."""
    articles = some_articles()
    every = {id_: (block, number) for id_, block, number in by_article(blocks_of(*articles))}
    assert len(every) == len(articles) > 10
    for at, article in enumerate(articles, 1):
        found, expected = phrases(*every[f"{at}-0"]), plainly(article)
        assert {each for each in found if " " not in each} == {
            each for each in expected if " " not in each
        }
        assert expected <= found


def test_an_archive_counts_each_article_once() -> None:
    """What is asked about, and nothing else; over several blocks."""
    articles = some_articles()
    blocks = blocks_of(*articles)
    each = [phrases(block, number) for _, block, number in by_article(blocks)]
    counts = Counter(phrase for found in each for phrase in found)
    wanted = {*sorted(counts)[::3], "never", "never seen"}
    background = Background(wanted)
    for block in blocks:
        background.add(block)
    assert background.articles == len(articles)
    assert background.counts() == {phrase: counts[phrase] for phrase in wanted}


def test_an_archive_may_hold_nothing() -> None:
    """No article, no word, or nobody asks."""
    for wanted in (set[str](), {"jet"}, {"fighter jet"}):
        background = Background(wanted)
        assert background.counts() == dict.fromkeys(wanted, 0)
        for block in blocks_of(an_article("", title="!"), an_article("A fighter jet.", title="x")):
            background.add(block)
        assert background.counts() == dict.fromkeys(wanted, 1)
