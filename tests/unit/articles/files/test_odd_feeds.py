"""Feeds as public bug reports show them: broken off, of old versions, with ids that come twice."""

from __future__ import annotations

import json

import pytest

from builders.feeds import RSS, told

JSON_FEED = {"version": "https://jsonfeed.org/version/1.1", "title": "Gazette"}


@pytest.mark.parametrize("end", ["", "</", "</p", "</p></descript", "<![CDATA[<p>", "&lt;p"])
@pytest.mark.parametrize("name", ["title", "description", "content:encoded"])
def test_a_file_that_is_cut_off_loses_no_text(name: str, end: str) -> None:
    """As a download is that was broken off: what had come is the article."""
    item = f"<item><link>https://a.example/</link><{name}>Jets land at noon"
    whole = RSS.format("", f"<item><title>Tanks</title></item>{item}")
    _, found = told(whole.partition("</channel>")[0] + end)
    assert isinstance(found, dict)
    assert "Jets land at noon" in (found.get("title") or found["body"])


@pytest.mark.parametrize("around", [JSON_FEED, {"status": "ok"}])
def test_items_of_a_json_feed_with_one_id_are_two(around: dict[str, object]) -> None:
    """An id that the file has once stays as it is; so does one of another list of items."""
    items = [{"id": "1", "url": f"https://a.example/{n}", "title": "Jet", "summary": "It landed."}
             for n in (1, 2)]  # fmt: skip
    others = [{**items[0], "id": "2", "title": "Tank"}]
    found = told(json.dumps({**around, "items": items + others}))
    assert [one["id"] for one in found if isinstance(one, dict)] == [
        "1 https://a.example/1",
        "1 https://a.example/2",
        "2",
    ]


WIRE = """\
LYON, 30 Nov - The ministry of the armed forces said that a new fighter
jet would take off in spring, a year later than planned, as the engines
of the first aircraft had to be built anew after a test in a wind
tunnel. Neither the maker nor the ministry would say who is to pay for
the delay of the programme."""


@pytest.mark.parametrize("name", ["<pre>", '<pre class="wire">\n'])
def test_preformatted_text_that_was_wrapped_breaks_no_phrase(name: str) -> None:
    """Wire services and mail programs break lines at a width; lines of a list stay lines."""
    (found,) = told(
        RSS.format("", f"<item><description><![CDATA[{name}{WIRE}</pre>]]></description></item>")
    )
    assert isinstance(found, dict)
    assert found["body"] == " ".join(WIRE.split("\n"))
    (listed,) = told(
        RSS.format(
            "", "<item><description><![CDATA[<pre>Tank: 3\nJet: 4</pre>]]></description></item>"
        )
    )
    assert isinstance(listed, dict)
    assert listed["body"] == "Tank: 3\n\nJet: 4"


def test_escaped_markup_of_an_old_atom_feed_is_no_text() -> None:
    """Version 0.3 says so by `mode`."""
    content = "<content{} mode='escaped'>&lt;p>Jets&lt;/p></content>"
    entry = f"<entry><id>1</id><title>T</title>{content}</entry>"
    for kind in ("", " type='text/html'"):
        feed = f'<feed version="0.3" xmlns="http://purl.org/atom/ns#">{entry.format(kind)}</feed>'
        assert [one["body"] for one in told(feed) if isinstance(one, dict)] == ["Jets"]


def test_what_is_left_of_a_broken_entry_spoils_no_other() -> None:
    """It stood below each of them, where they are read one by one."""
    broken = "<item><title>Planes</title><category>Air</item> force</category></link>"
    odd = "<item><title>Jets & tanks</title></item>"
    found = told(RSS.format("", f"{odd}{broken}{odd}</category>"))
    assert [one["title"] for one in found if isinstance(one, dict)] \
        == ["Jets & tanks", "Planes", "Jets & tanks"]  # fmt: skip


def test_what_stands_between_entries_is_said_of_the_feed() -> None:
    """Some feeds name themselves below their entries."""
    item = "<item><title>Jets</title></item>"
    inside = f"{item}<image><url>x</url></image>{item}<title>Gazette</title>"
    found = told(f"<rss version='2.0'><channel>{inside}</channel></rss>")
    assert [one["source"] for one in found if isinstance(one, dict)] == ["Gazette"] * 2
