"""The searches of a file: tables, lines, feeds, OPML and JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.rules import SECRETS, SUBSCRIBERS, load
from service.rules.imports.named_search import NamedSearch, named_searches
from service.rules.imports.search import Untranslatable
from service.rules.imports.watchlists import Imported, imported, rules_file

FEED = b"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>Google Alert - harbour strike OR walkout</title></feed>"""
OPML = b"""<opml version="2.0"><body><outline text="News">
<outline text="Google Alert - tram" xmlUrl="https://www.google.com/alerts/feeds/1/2"/>
<outline text="Ports" xmlUrl="https://news.google.com/rss/search?q=port+strike&amp;hl=en"/>
<outline text="Gazette" xmlUrl="https://gazette.example/feed"/>
</outline></body></opml>"""


def test_a_table_has_a_column_of_searches() -> None:
    """The lines are those of the file, also behind a cell of several lines."""
    text = 'Name;Query\r\n"Ports";"port AND\nstrike"\n;tram\nEmpty;\n'
    assert [*named_searches(text)] == [
        NamedSearch("Ports", "port AND\nstrike", 2),
        NamedSearch("", "tram", 4),
    ]


def test_a_line_is_a_search() -> None:
    """It goes on while something is open, and a line above may name it."""
    text = "# Ports\nport AND\n(strike OR\nwalkout)\ntram\n\nBuses:\nbus\nOR coach\n"
    assert [*named_searches(text)] == [
        NamedSearch("Ports", "port AND (strike OR walkout)", 2),
        NamedSearch("", "tram", 5),
        NamedSearch("Buses", "bus OR coach", 8),
    ]


def test_a_hashtag_begins_a_search() -> None:
    """A name has a space behind its sign. Curly quotes are open across lines too."""
    text = "#payday OR wages\n# Ports\n“port\nstrike” OR tram\n"
    assert [*named_searches(text)] == [
        NamedSearch("", "#payday OR wages", 1),
        NamedSearch("Ports", "“port strike” OR tram", 3),
    ]


def test_a_cell_may_be_longer_than_a_table_allows() -> None:
    """It is the search that is refused, with its line; not the table."""
    long, other = imported("brandwatch", b"query\n" + b"tram " * 30_000 + b"\nbus\n")
    assert "more than 50,000 characters" in long.refused
    assert (long.line, other.match) == (2, '"bus"')


def test_names_that_are_the_same_have_their_own_ids() -> None:
    """Also beside a name that has such a number itself."""
    text = "# Ports 2\nport\n# Ports\nport\n# Ports\nport\n# Ports\nport\n"
    found = [each.id for each in imported("lexis", text.encode())]
    assert found == ["ports-2", "ports", "ports-3", "ports-4"]


@given(st.text(alphabet='ab"(),;\n#: ORquery', max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    """Each search has a line of the file."""
    for found in named_searches(text):
        assert found.text.strip()
        assert 1 <= found.line <= text.count("\n") + 1


def test_a_feed_of_google_alerts_names_its_search() -> None:
    """In its title."""
    (found,) = imported("google-alerts", FEED)
    assert (found.line, found.match) == (3, "harbour AND (strike OR walkout)")


def test_a_list_of_feeds_holds_searches() -> None:
    """Of Google Alerts and of search engines; a site's own feed is none."""
    alert, engine, site = imported("opml", OPML)
    assert (alert.match, engine.match, engine.name) == ("tram", "port AND strike", "Ports")
    assert "tocsin publish" in site.refused
    assert [alert.line, engine.line, site.line] == [2, 3, 4]


def test_an_export_is_read_in_whatever_it_wraps_the_alerts() -> None:
    """Each `query` is a search."""
    found = imported("google-alerts", b'{"alerts": [{"query": "tram"}, {"a": {"query": "bus"}}]}')
    assert [each.match for each in found] == ["tram", "bus"]


@pytest.mark.parametrize(
    ("system", "content", "reason"),
    [
        ("opml", b"tram", "neither a feed"),
        ("opml", b"<opml", "it is no XML"),
        ("opml", b"<opml><body/></opml>", "it has no feed"),
        ("google-alerts", b"{]", "it is no JSON"),
        ("google-alerts", b"[" * 100_000, "it is no JSON"),
        ("google-alerts", b"{}", "has no `query`"),
        ("google-alerts", b"<rss><channel><title>Gazette</title></channel></rss>", "is no feed of"),
        ("brandwatch", b"tram \xff", "no text in UTF-8"),
    ],
)
def test_another_file_is_refused(system: str, content: bytes, reason: str) -> None:
    """With what it is not."""
    with pytest.raises(Untranslatable, match=reason):
        imported(system, content)


def test_entities_of_a_file_are_not_read() -> None:
    """Neither files of the machine nor a billion laughs."""
    content = b"""<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<opml><body><outline text="Google Alert - tram &x;" xmlUrl="https://example.com/"/></body></opml>"""
    try:
        found = imported("opml", content)
    except Untranslatable:
        return
    assert "root" not in str(found)


def test_the_rules_file_is_valid() -> None:
    """Whatever names and searches hold: one watchlist for each, with an id of its own."""
    text = "# Häfen: “Nord” #1\nport\n# Häfen: “Nord” #1\ntram\n\n'{x}: %\nbus\n\nrail AND OR\n"
    found = imported("meltwater", text.encode())
    written = rules_file(found, file="a\x1bb.txt", notify=["desk"], language="de")
    assert "\x1b" not in written
    rules = load({"imported.yaml": written, "desk.yaml": SUBSCRIBERS}, SECRETS.get)
    assert [fault.message for fault in rules.faults] == []
    assert sorted(rules.watchlists) == ["bus", "hafen-nord-1", "hafen-nord-1-2"]


def test_no_watchlist_is_a_valid_file_too() -> None:
    """Where every search is refused."""
    refused = Imported(line=1, search="x", refused="no")
    assert rules_file([refused], file="f", notify=[], language="en") == "watchlists: []\n"
