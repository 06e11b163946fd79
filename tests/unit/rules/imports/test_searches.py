"""What the signs of each system become, and what no expression says."""

from __future__ import annotations

import pytest

from service.rules.imports.search import Untranslatable
from service.rules.imports.watchlists import imported

BECOMES = [
    ("brandwatch", "(rail OR tram) NEAR/5 strike", '("rail" OR "tram") NEAR/5 "strike"'),
    ("brandwatch", "rail NEAR/0f strike", '"rail" ONEAR/0 "strike"'),
    ("brandwatch", '{WHO} AND "bird flu"', 'cs(WHO) AND "bird flu"'),
    ("brandwatch", "raw:(BP OR TotalEnergies) AND spill", "(cs(BP) OR cs(TotalEnergies)) AND"),
    ("brandwatch", "port AND country:deu", "country:de"),
    (
        "brandwatch",
        "port NOT site:example.com",
        "NOT (url:*//example.com/* OR url:*.example.com/*)",
    ),
    ("brandwatch", '"gas leak"~3', '("gas" ONEAR/3 "leak") OR ("leak" ONEAR/1 "gas")'),
    ("brandwatch", "((gas OR oil) AND leak)~3", '("gas" OR "oil") NEAR/3 "leak"'),
    ("brandwatch", "((gas NEAR/2 leak) NEAR/3f (tank))", '("gas" NEAR/2 "leak") AND'),
    ("brandwatch", "(gas AND oil) NEAR/3 leak", '("gas" NEAR/3 "leak") AND ("oil" NEAR/3 "leak")'),
    ("brandwatch", "colo?r AND vaccin*", "colo?r AND vaccin*"),
    ("brandwatch", "title:(port AND strike)", 'title:("port" AND "strike")'),
    ("brandwatch", "strike <<<not toys>>> AND rail", '"strike" AND "rail"'),
    (
        "brandwatch",
        "site:example.com rail",
        '(url:*//example.com/* OR url:*.example.com/*) AND "rail"',
    ),
    ("brandwatch", "rail AND site:news.*", "(url:*//news.* OR url:*.news.*)"),
    ("brandwatch", "（rail　ＯＲ tram）\u200b AND “strike”", '("rail" OR "tram") AND "strike"'),
    ("brandwatch", '"FOR ALL – NOT (some) pay*"', "FOR ALL not some pay*"),
    ("meltwater", "strike {3} AND rail", 'atleast3("strike") AND "rail"'),
    ("meltwater", r"J\*strike AND rail", '"J strike" AND "rail"'),
    ("meltwater", "caseSensitive:(WHO) AND country:deu", "cs(WHO) AND country:de"),
    ("meltwater", "strike AND infoType:news AND spam:false", '"strike"'),
    ("meltwater", "title:rail NEAR/3 strike", 'title:"rail" NEAR/3 "strike"'),
    ("meltwater", "rail AND TITLE: strike", '"rail" AND title:"strike"'),
    ("meltwater", "strike AND INFOTYPE:News", '"strike"'),
    ("meltwater", "rail near strike", '"rail" NEAR/4 "strike"'),
    ("meltwater", "rail ONEAR/10 strike", '"rail" ONEAR/10 "strike"'),
    ("meltwater", "rail AND (strike OR walkout)^9", '"rail" AND ("strike" OR "walkout")'),
    ("meltwater", "rail NOT (toy OR model)", '"rail" AND NOT ("toy" OR "model")'),
    ("meltwater", "ingress:rail and title:strike", 'lead:"rail" AND title:"strike"'),
    ("media-cloud", "+flood -drill", '"flood" AND NOT "drill"'),
    ("media-cloud", "title: flood AND drill", 'title:"flood" AND "drill"'),
    ("media-cloud", "flood && !drill", '"flood" AND NOT "drill"'),
    ("media-cloud", "flood AND language:en", '"flood" AND language:en'),
    ("media-cloud", "canonical_domain:example.com AND flood", "url:*//example.com/*"),
    ("factiva", "central bank and rate*", '"central bank" AND rate*'),
    ("factiva", "rates near5 cut", '"rates" NEAR/4 "cut"'),
    ("factiva", "rates adj cut", '"rates" ONEAR/0 "cut"'),
    ("factiva", "rates w/3 cut", '"rates" ONEAR/2 "cut"'),
    ("factiva", "rates/n4/cut", '"rates" NEAR/3 "cut"'),
    ("factiva", "rates same cut", '"rates" NEAR/p "cut"'),
    ("factiva", "atleast3 rates and hlp=cut", 'atleast3("rates") AND headline:"cut"'),
    ("factiva", "hd=(rates or yields) and la=en", 'title:("rates" OR "yields") AND language:en'),
    ("factiva", "strike not hl=toy", '"strike" AND NOT title:"toy"'),
    ("factiva", "a1 or b1 not c1", '"a1" OR ("b1" AND NOT "c1")'),
    ("factiva", "(fighter or attack) jet", '("fighter" OR "attack") ONEAR/0 "jet"'),
    ("lexis", "harbour w/s strike", "harbour NEAR/s strike"),
    ("lexis", "harbour /p strike", "harbour NEAR/p strike"),
    ("lexis", "harbour pre/1 strike", "harbour ONEAR/0 strike"),
    ("lexis", "harbour w/9 strike w/3 pay", "(strike NEAR/2 pay)"),
    ("lexis", "strike and not toy and model", "strike AND NOT (toy AND model)"),
    ("lexis", "ship or boat and strike", "(ship OR boat) AND strike"),
    ("lexis", "ATLEAST4(strike!)", "atleast4(strike*)"),
    ("lexis", "allcaps(who) and caps(bill)", "cs(WHO) AND caps(bill)"),
    ("lexis", "BODY (strike) butnot toy", "body:strike AND NOT toy"),
    ("lexis", "strike % toy", "strike AND NOT toy"),
    ("lexis", "nocaps(Bill) and strike", "cs(bill) AND strike"),
    ("lexis", "hlead(strike) w/5 pay", "headline:strike NEAR/4 pay"),
    ("lexis", "headline(strike) and publication(Harbour Gazette)", 'source:"harbour gazette"'),
    ("google-alerts", "harbour strike OR walkout", "harbour AND (strike OR walkout)"),
    ("google-alerts", '"harbour strike" -site:example.com', '"harbour strike" AND NOT'),
    ("google-alerts", '"harbour" + "strike" OR pay', '"harbour" AND ("strike" OR pay)'),
    ("google-alerts", "harbour and strike near town", "harbour AND strike AND near AND town"),
    ("google-alerts", "harbour AROUND(4) strike", "harbour NEAR/4 strike"),
    ("google-alerts", "allintitle:harbour strike", "title:(harbour AND strike)"),
    ("google-alerts", "harbour InTitle: strike", "harbour AND title:strike"),
    ("google-alerts", "inurl:news strike", "url:*news* AND strike"),
]
"""A system, a search, and the expression or a part of it."""

NOTED = [
    ("brandwatch", "harbour strike", "read as AND"),
    ("brandwatch", "strike NOT hashtags:strike", "the exclusion of hashtags is left out"),
    ("brandwatch", "strike OR hashtags:strike", "the alternative of hashtags is left out"),
    ("brandwatch", "strike OR @union", "the alternative of accounts is left out"),
    ("brandwatch", 'strike OR "#payday"', "the alternative of hashtags is left out"),
    ("brandwatch", "strike OR 🚋", "signs are no words here"),
    ("brandwatch", "strike OR walkout NOT toy", "excluded from all the alternatives"),
    ("media-cloud", "strike OR walkout NOT toy", "excluded from all the alternatives"),
    ("brandwatch", '"harbour strike*"', "finds other forms of its words too"),
    ("meltwater", '"strike"^5', "the weight behind “^” is left out"),
    ("media-cloud", "flood and drill", "read as AND"),
    ("media-cloud", '"a long phrase"~5', "each is near the next here"),
    ("factiva", "strike not ns=c42", "the exclusion of Factiva's code “ns=” is left out"),
    ("factiva", "engineer$3", "finds longer words too here"),
    ("lexis", "dog /3 bite /20 court", "nearness to a pair"),
]
"""A system, a search that is not quite the same here, and what its note says."""

REFUSED = [
    ("brandwatch", "rail AND tram OR bus", "put parentheses"),
    ("brandwatch", "hashtags:strike", "hashtags; no news article has it"),
    ("brandwatch", "city:leeds AND strike", "which is not known here"),
    ("brandwatch", "*strike", "begins with a wildcard"),
    ("brandwatch", "st*", "fewer than three characters"),
    ("brandwatch", "(rail AND tram", "a parenthesis is not closed"),
    ("brandwatch", '"rail', "a quotation mark is not closed"),
    ("brandwatch", "rail AND", "something is missing at its end"),
    ("brandwatch", "NOT rail", "would match"),
    ("brandwatch", '"…"', "“…”; signs are no words here"),
    ("brandwatch", "rail or tram", "write OR, or quotes"),
    ("media-cloud", "rail or tram", "write OR, or quotes"),
    ("media-cloud", "rail OR and OR tram", "would match most articles"),
    ("google-alerts", "rail or tram", "write OR, or quotes"),
    ("meltwater", "atleast NEAR/3 title:(strike AND pay)", "nearness is between words"),
    ("meltwater", 'rail XNOT "rail strike"', "not part of another"),
    ("meltwater", "strike {2,4}", "a number of mentions at most"),
    ("meltwater", "strike AND likes>50", "likes>50"),
    ("meltwater", "strike AND user.Followers >50", "no news article has it"),
    ("brandwatch", "rail near/5f strike", "write NEAR/5F, or quotes"),
    ("brandwatch", "strike AND rating:[3 TO 5]", "rating"),
    ("brandwatch", 'strike OR "rail" pay', "put an operator there"),
    ("factiva", "strike and date after 20240131", "a date, “date after 20240131”"),
    ("lexis", "strike and date aft 1/31/24", "a date or a length"),
    ("lexis", "strike and length > 900", "a date or a length"),
    ("media-cloud", "strik~ AND rail", "a similar spelling"),
    ("media-cloud", "flood AND media_id: 28", "Media Cloud's field “media_id:”"),
    ("media-cloud", "publication_date:[2020 TO 2021] AND rail", "a range"),
    ("factiva", "strike/F50/", "write hlp= around it"),
    ("factiva", "wc>500 and strike", "the number of words"),
    ("factiva", "ns=c42 and strike", "Factiva's code"),
    ("lexis", "rico not w/5 puerto", "not near another"),
    ("lexis", "company(harbour)", "the segment “company”"),
    ("google-alerts", "-strike", "would match"),
    ("google-alerts", "site:example.com", "would match"),
]
"""A system, a search, and a part of the reason why it becomes no watchlist."""


OF_POSTS = {
    "brandwatch": """at_mentions authorfollowers authorgender authorverified authorverifiedtype
        blogname brandids channelid engagementtype engagingwith engagingwithguid guid imagetype
        itemreview links objects parentblogname parentpostid publishersubtype rating
        redditauthorflair redditpostflair redditspoiler rootblogname rootpostid sensitivecontent
        subreddit subredditnsfw subreddittopics tags weblogtitle""",
    "meltwater": """attachmenttype authorhuman authorverifiedtype bio followers from hashtag
        imageemotion imageentity imageobject imagescene imagetext likes mention shares socialtype
        subreddit to username verified""",
}
"""Fields of social media by the system that has them."""


@pytest.mark.parametrize(("system", "search", "match"), BECOMES)
def test_a_search_becomes_an_expression(system: str, search: str, match: str) -> None:
    """By the rules of its own system."""
    (found,) = imported(system, search.encode())
    assert match in found.match, found


@pytest.mark.parametrize(("system", "search", "note"), NOTED)
def test_what_is_not_the_same_is_noted(system: str, search: str, note: str) -> None:
    """In the comment above the watchlist."""
    (found,) = imported(system, search.encode())
    assert found.match
    assert note in " ".join(found.notes)


@pytest.mark.parametrize(("system", "search", "reason"), REFUSED)
def test_what_no_expression_says_is_refused(system: str, search: str, reason: str) -> None:
    """With the reason; the other searches of the file are imported."""
    refused, other = imported(system, f"{search}\n\nrail\n".encode())
    assert reason in refused.refused
    assert not refused.match
    assert other.match in {'"rail"', "rail"}


@pytest.mark.parametrize(("system", "fields"), OF_POSTS.items())
def test_a_field_that_only_posts_have_is_told_so(system: str, fields: str) -> None:
    """What is asked of it finds no article; it is not called unknown. In any case of letters."""
    names = fields.split()
    alternatives = " OR ".join(f"{name.upper()}:x" for name in names)
    (found,) = imported(system, f"strike OR {alternatives}".encode())
    assert found.match == '"strike"'
    for name in names:
        assert f"field “{name.upper()}:” is left out" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("distance", "match"),
    [
        (0, '"gas" ONEAR/0 "leak"'),
        (1, '"gas" ONEAR/1 "leak"'),
        (2, '("gas" ONEAR/2 "leak") OR ("leak" ONEAR/0 "gas")'),
    ],
)
def test_words_change_places_from_two_moves_on(distance: int, match: str) -> None:
    """With fewer only the order that is written counts."""
    (found,) = imported("brandwatch", f'"gas leak"~{distance}'.encode())
    assert found.match == match


def test_words_find_their_forms_on_request() -> None:
    """What is in quotes there stays as it is written."""
    (found,) = imported("brandwatch", b"strike AND {BP}", with_forms=True)
    assert found.match == "strike AND cs(BP)"


def test_a_long_chain_of_nearness_is_written_once_for_each_part() -> None:
    """It grows with the square of its parts, and not with each combination of them."""
    words = [f"word{number}" for number in range(40)]
    (found,) = imported("lexis", " w/3 ".join(words).encode())
    assert found.match.count("NEAR/2") == len(words) - 1
    (refused,) = imported("lexis", " w/3 ".join(words * 3).encode())
    assert "too many parts" in refused.refused


def test_a_grid_of_nearness_is_refused() -> None:
    """Each of a hundred parts near each of another hundred."""
    words = " AND ".join(f"word{number}" for number in range(100))
    (refused,) = imported("brandwatch", f"({words}) NEAR/5 ({words})".encode())
    assert "too many parts" in refused.refused


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000,
        "a " * 9_000,
        "NEAR/3 " * 40,
        "\x00",
        "{}~",
        "(a AND (b OR " * 900 + "c" + "))" * 900,
    ],
)
@pytest.mark.parametrize("system", ["brandwatch", "factiva", "lexis", "media-cloud", "meltwater"])
def test_garbage_is_refused(system: str, text: str) -> None:
    """No search of it raises anything else."""
    try:
        found = imported(system, text.encode())
    except Untranslatable:
        return
    assert all(each.refused or each.match for each in found)
