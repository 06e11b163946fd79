"""From alerts with verdicts to suggestions, through the engine."""

from __future__ import annotations

import random
from collections.abc import Sequence

from builders.articles import a_query, an_article
from builders.judged_news import articles
from service.alerts.people.verdict import VerdictWord
from service.archive.kept.packer import Packer, UnpackedArticle
from service.archive.suggestions.article_words import by_article
from service.archive.suggestions.suggester import Suggester
from service.archive.suggestions.suggestion import KnownAlert, Suggestions
from service.articles.article import Article
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Verdict, judge
from service.matching.query import Query
from service.matching.syntax.parser import parse_item

KINDS = ("jet", "ship")
Judged = tuple[Article, VerdictWord]


def suggester(query: Query, judged: Sequence[Judged], archive: Sequence[Article] = ()) -> Suggester:
    """Of alerts with these articles and verdicts, the first one first."""
    ids = [f"alr_{number}" for number in range(len(judged))]
    pairs = zip(ids, judged, strict=True)
    days = (f"2026-11-{1 + 7 * number % 30:02}" for number in range(len(judged)))
    known = zip(pairs, days, strict=True)
    alerts = {id_: KnownAlert(id_, day, said) for (id_, (_, said)), day in known}
    unpacked = [UnpackedArticle(id_, 1, "", one) for id_, (one, _) in zip(ids, judged, strict=True)]
    made = Suggester(query, alerts, [*by_article(Packer().pack(unpacked))])
    others = [UnpackedArticle(f"{at}-0", 1, "", one) for at, one in enumerate(archive)]
    made.read(Packer().pack(others))
    return made


def suggested(query: Query, judged: Sequence[Judged]) -> Suggestions:
    """What they suggest."""
    return suggester(query, judged).suggestions("as written")


def news(useful: int, noise: int) -> list[Judged]:
    """Strikes at ports, and at goals."""
    found: list[Judged] = []
    for fields in articles(useful, noise):
        said: VerdictWord = "useful" if fields["id"].startswith("port") else "noise"
        found.append((an_article(fields["body"], title=fields["title"], id=fields["id"]), said))
    return found


def test_every_alert_that_is_shown_would_not_have_been_made() -> None:
    """And no other; by the plain evaluator."""
    judged = news(26, 12)
    query = a_query("strike")
    found = suggested(query, judged)
    assert found.suggestions
    for each in found.suggestions:
        assert each.kind == "exception"
        node = parse_item(each.written)
        changed = a_query("strike", excepts={"x": each.written})
        expected = {
            f"alr_{number}"
            for number, (article, _) in enumerate(judged)
            if judge(changed, ArticleIndex(article)).verdict is not Verdict.MATCHED
        }
        assert {one.id for one in each.removed} == expected, node
        words = [one.verdict for one in each.removed]
        order = [(("useful", "none", "noise").index(one.verdict), one.at) for one in each.removed]
        assert order == sorted(order)
        assert (words.count("noise"), words.count("useful")) == (each.noise, each.useful)


def test_a_tighter_operator_is_suggested_where_no_word_tells_them_apart() -> None:
    """The same words all of them, near one another in those that are wanted."""
    chance = random.Random(3)
    filler = [
        "rain",
        "wind",
        "snow",
        "hail",
        "storm",
        "cloud",
        "frost",
        "sleet",
        "mist",
        "fog",
        "dew",
        "thaw",
    ]
    judged: list[Judged] = []
    for number in range(40):
        words = chance.sample(filler * 4, 40)
        places = ("Turkey", "Malta") if number % 2 else ("Malta", "Turkey")
        jet, ship = (f"A {one} goes to {place}." for one, place in zip(KINDS, places, strict=True))
        text = f"{jet} {' '.join(words)}, number {number}. {ship}"
        said: VerdictWord = "useful" if number % 2 else "noise"
        judged.append((an_article(text, title="News", id=str(number)), said))
    found = suggested(a_query("jet AND Turkey"), judged)
    first = found.suggestions[0]
    assert first.kind == "match"
    assert first.instead_of == "jet AND Turkey"
    assert first.becomes.startswith("jet NEAR/")
    assert (first.noise, first.useful) == (20, 0)
    assert suggester(a_query("jet AND Turkey"), judged).change(first.id) is not None


def test_an_alert_below_the_threshold_would_not_be_made() -> None:
    """A tighter match may score less; what it loses so counts too."""
    judged = news(24, 8)
    found = suggested(a_query("strike", threshold=99.0), judged)
    assert found.verdicts == {"useful": 0, "noise": 0, "none": 0}
    assert found.no_match == 32


def test_the_archive_and_the_order_of_alerts_change_no_bound() -> None:
    """They only choose what is tried; the same change has the same bound."""
    judged = news(30, 14)
    query = a_query("strike")
    archive = [one for one, _ in judged]
    found = suggester(query, judged, archive).suggestions("x")
    again = suggester(query, judged, archive).suggestions("x")
    assert found == again
    assert found.archive == len(archive)
    assert {one.counted for one in found.suggestions} == {15}


def test_noise_that_no_change_tells_apart_suggests_nothing() -> None:
    """Chance decided what is noise: nothing is worth what it loses."""
    chance = random.Random(5)
    same: list[Judged] = [
        (one, "noise" if chance.random() < 0.3 else "useful") for one, _ in news(60, 0)
    ]
    for each in suggested(a_query("strike"), same).suggestions:
        assert each.noise < 12
        assert each.bound > 0.1
