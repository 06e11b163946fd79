"""Stream entries: what is read, what is forgiven, and what is refused with which reason."""

from __future__ import annotations

import asyncio
import json
import re
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builders.entries import MAX_BYTES, a_binary_message, an_entry, an_envelope
from service.articles.cut import Cut
from service.articles.entry import ENVELOPES, METADATA, TEXTS, Draft, other_names, read_entry
from service.errors import BadEntry

EVERYTHING = {
    "id": "a-17",
    "url": "https://desk.example/a/17",
    "title": "Harwick builds a yard",
    "summary": "Two states share it.",
    "body": "The yard stands on the Sell.",
    "source": "Estuary Post",
    "author": "Mira Tolland",
    "language": "en",
    "country": "HW",
    "published_at": "2026-06-14T08:00:00Z",
}


def read(fields: dict[bytes, bytes], max_bytes: int = MAX_BYTES) -> Draft:
    """The draft of an entry."""
    return read_entry(fields, max_bytes=max_bytes)


def refusal(fields: dict[bytes, bytes], max_bytes: int = MAX_BYTES) -> str:
    """The reason for which an entry is refused."""
    with pytest.raises(BadEntry) as refused:
        read(fields, max_bytes)
    return str(refused.value)


# --- forms -----------------------------------------------------------------------------------


def test_a_flat_entry_is_read_field_by_field() -> None:
    """Every name of the contract arrives in the draft under the same name."""
    draft = read(an_entry(**EVERYTHING, html="<p>x</p>", tags="navy, yards"))
    assert {name: getattr(draft, name) for name in EVERYTHING} == EVERYTHING
    assert draft.html == "<p>x</p>"
    assert draft.tags == ("navy", "yards")
    assert draft.cuts == ()


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_envelope_holds_the_same_names_as_json(name: str) -> None:
    """One field with a JSON object says the same as flat fields."""
    assert read(an_envelope(name, **EVERYTHING)) == read(an_entry(**EVERYTHING))


def test_faststream_writes_the_binary_format_that_is_read_here() -> None:
    """FastStream's own encoder and the builder of these tests agree on every byte."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from faststream.redis.parser import BinaryMessageFormatV1
    headers = {"correlation_id": "ø-1", "content-type": "text/plain", "k": "v"}
    encoded = asyncio.run(
        BinaryMessageFormatV1.encode(
            message="text", reply_to=None, headers=headers, correlation_id="ø-1"
        )
    )
    data, found = BinaryMessageFormatV1.parse(a_binary_message(b"text", headers))
    assert data == b"text"
    assert found == headers
    # Its encoder counts characters where its parser counts bytes: only the data is sure.
    assert encoded.endswith(b"text")


@pytest.mark.parametrize(
    "data",
    [
        a_binary_message(json.dumps(EVERYTHING).encode()),
        a_binary_message(json.dumps({"article": EVERYTHING}).encode(), {"a": "b", "c": "d"}),
        json.dumps({"data": json.dumps(EVERYTHING), "headers": {"correlation_id": "1"}}).encode(),
        json.dumps({"data": EVERYTHING, "headers": {}}).encode(),
        json.dumps(EVERYTHING).encode(),
        b"\xef\xbb\xbf" + json.dumps(EVERYTHING).encode(),
    ],
    ids=["binary", "binary-and-own-envelope", "json-message", "json-object", "plain", "bom"],
)
def test_every_format_that_faststream_publishes_in_is_unwrapped(data: bytes) -> None:
    """`__data__` may be binary, a JSON message with headers, or plain JSON."""
    assert read({b"__data__": data}) == read(an_entry(**EVERYTHING))


def test_a_flat_text_makes_the_entry_flat() -> None:
    """With a flat title, a field called `data` is the sender's own business, whatever it holds."""
    draft = read(an_entry(title="Harwick builds", data=b"\xff\x00 not ours"))
    assert draft == Draft(title="Harwick builds")


def test_flat_metadata_fills_in_what_the_envelope_does_not_name() -> None:
    """The envelope is the article; flat fields beside it complete it and never override it."""
    envelope = an_envelope(title="T", source="Inside", author=None)
    draft = read(envelope | an_entry(source="Outside", author="Flat", title="  "))
    assert (draft.title, draft.source, draft.author) == ("T", "Inside", "Flat")


def test_unknown_fields_are_ignored_whatever_they_hold() -> None:
    """Fields and names outside the contract cannot spoil an article."""
    flat = read({b"title": b"T", b"\xff\xfe": b"\xff", b"score": b"\x00", b"Title": b"no"})
    inside = read({b"article": b'{"title": "T", "n": ' + b"1" * 9000 + b', "x": [NaN, {}]}'})
    assert flat == inside == Draft(title="T")


# --- other names -----------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["value", "name", "x"]), inner),
    max_leaves=8,
)
LONG = "Two jets landed in Harwick."


@pytest.mark.parametrize("pack", [an_entry, an_envelope])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"title": "T", "content": LONG}, Draft(title="T", body=LONG)),
        ({"title": "T", "text": LONG, "body": " "}, Draft(title="T", body=LONG)),
        ({"headline": "T", "description": LONG}, Draft(title="T", summary=LONG)),
        ({"headline": "T"}, Draft(title="T")),
        ({"title": "T", "content_html": f"<p>{LONG}"}, Draft(title="T", html=f"<p>{LONG}")),
        ({"title": "T", "text": "1 < 2"}, Draft(title="T", body="1 < 2")),
        ({"title": "T", "description": f"<b>{LONG}</b>"}, Draft(title="T", summary=LONG)),
        ({"title": "T", "text": LONG, "description": LONG}, Draft(title="T", body=LONG)),
        ({"title": "T", "content": "%PDF-1.7 x"}, Draft(title="T")),
        (
            {"title": "T", "link": "https://a.example/\0", "guid": "\0", "keywords": "\0"},
            Draft(title="T"),
        ),
        ({"headline": "\0", "creator": "\0", "content": LONG}, Draft(body=LONG)),
        ({"title": "T", "id": "https://a.example/"}, Draft(title="T", id="https://a.example/")),
        (
            {"title": "T", "text": LONG, "link": "https://a.example/1", "publisher": "Gazette",
             "publish_date": "2026-11-23T09:00:00Z", "byline": "Ann", "source": "Own"},
            Draft(title="T", body=LONG, url="https://a.example/1", source="Own", author="Ann",
                  published_at="2026-11-23T09:00:00Z"),
        ),
    ],
)  # fmt: skip
def test_texts_under_other_names_are_read(
    pack: Callable[..., dict[bytes, bytes]], given: dict[str, str], expected: Draft
) -> None:
    """As scrapers and feeds call them, where the entry has no text by our names but a headline."""
    assert read(pack(**given)) == expected


def test_a_name_of_others_that_cannot_be_read_loses_nothing_else() -> None:
    """It is no text; ours would be refused, because the sender means us."""
    entry = an_entry(title="T", content=LONG) | {b"byline": b"\xff\xfe", b"link": b"\xff"}
    assert read(entry) == Draft(title="T", body=LONG)


@pytest.mark.parametrize("name", ["summary", "body", "html"])
def test_where_our_names_have_text_no_other_counts(name: str) -> None:
    """They are the sender's own business."""
    given = {name: LONG, "content": "No.", "headline": "No", "link": "https://a.example/"}
    assert read(an_envelope(**given)) == read(an_entry(**{name: LONG}))


def test_paragraphs_in_a_list_are_one_text() -> None:
    """In whatever way they stand there."""
    blocks = [{"type": "p", "value": "One."}, {"type": "p", "value": "Two."}]
    assert read(an_envelope(title="T", content=["One.", "Two."])).body == "One.\n\nTwo."
    assert read(an_envelope(title="T", content=blocks)).body == "One.\n\nTwo."


@given(
    st.dictionaries(
        st.sampled_from([each for part in other_names.names().values() for each in part]), JSON
    )
)
def test_other_names_may_hold_anything(given: dict[str, Any]) -> None:
    """It is read, or refused with a reason."""
    with suppress(BadEntry):
        read({b"data": json.dumps(given).encode()})


# --- forgiven --------------------------------------------------------------------------------


def test_numbers_are_ids_and_keep_every_digit() -> None:
    """An id that JSON writes as a number is that number's digits."""
    digits = "9" * 5000
    assert read({b"json": b'{"title": "T", "id": %s}' % digits.encode()}).id == digits


def test_null_and_nan_are_absent() -> None:
    """null, and the NaN that pandas writes for a missing value, say nothing."""
    draft = read({b"data": b'{"title": "T", "author": null, "source": NaN, "tags": null}'})
    assert draft == Draft(title="T")


def test_raw_line_breaks_in_json_strings_are_read() -> None:
    """A line break that JSON wants escaped is clear all the same."""
    assert read({b"data": b'{"title": "T", "body": "one\n\ntwo"}'}).body == "one\n\ntwo"


def test_of_a_name_given_twice_the_last_counts() -> None:
    """As every common JSON parser has it."""
    assert read({b"data": b'{"title": "first", "title": "last"}'}).title == "last"


def test_strings_are_trimmed_unescaped_and_cleaned() -> None:
    """Space around, character references and invisible characters do not reach the draft."""
    draft = read(
        an_entry(title="  R&amp;D  spend\u00ading\n up ", author="\u200eMira\u00a0Tolland")
    )
    assert draft.title == "R&D spending up"
    assert draft.author == "Mira Tolland"


@pytest.mark.parametrize(
    ("given_tags", "tags"),
    [
        ("navy, yards ,,navy", ("navy", "yards")),
        ('["navy", "ship, yards", null, " "]', ("navy", "ship, yards")),
        ("[]", ()),
        (" ", ()),
    ],
)
def test_tags_are_a_json_array_or_comma_separated(given_tags: str, tags: tuple[str, ...]) -> None:
    """Each tag once, in the order given."""
    assert read(an_entry(title="T", tags=given_tags)).tags == tags


def test_tags_beyond_a_thousand_are_set_aside() -> None:
    """Each may be compared with each that the rules name."""
    for count, rest in ((1_000, ""), (1_001, "t1000"), (1_002, "t1000, t1001")):
        draft = read(an_envelope(title="T", tags=[f"t{number}" for number in range(count)]))
        assert (len(draft.tags), draft.tags[-1]) == (1_000, "t999")
        assert draft.cuts == ((Cut("too-many-tags", rest),) if rest else ())


def test_tags_in_an_envelope_are_a_list() -> None:
    """A JSON list needs no second encoding."""
    assert read(an_envelope(title="T", tags=["navy", "yards"])).tags == ("navy", "yards")


@pytest.mark.parametrize(
    ("name", "value"),
    [("published_at", "last Tuesday"), ("language", "English!"), ("url", "javascript:alert(1)")],
)
def test_metadata_that_cannot_be_read_does_not_lose_the_article(name: str, value: str) -> None:
    """The field stays empty, and what it held is kept among the cuts."""
    draft = read(an_entry(title="T", **{name: value}))
    assert getattr(draft, name) == ""
    assert draft.cuts == (Cut(f"{name}-unreadable", value),)


def test_epoch_numbers_are_times() -> None:
    """`published_at` may be a JSON number."""
    assert read(an_envelope(title="T", published_at=1781424000)).published_at == (
        "2026-06-14T08:00:00Z"
    )


def test_country_codes_are_upper_case() -> None:
    """ISO 3166 codes are spelled one way; names stay as they are."""
    assert read(an_entry(title="T", country="pk")).country == "PK"
    assert read(an_entry(title="T", country="pak")).country == "PAK"
    assert read(an_entry(title="T", country="Peru")).country == "Peru"
    assert read(an_entry(title="T", country="Pakistan")).country == "Pakistan"


def test_html_is_needed_only_without_a_body() -> None:
    """A clean body does not pay for extraction; a body of nothing visible is none."""
    assert read(an_entry(html="<p>x</p>")).needs_html
    assert read(an_entry(html="<p>x</p>", body=" \u200b ")).needs_html
    assert not read(an_entry(html="<p>x</p>", body="text")).needs_html
    assert not read(an_entry(title="T")).needs_html


# --- refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "names nothing"),
        (an_entry(url="https://a.example/"), "names `url`"),
        (an_entry(Title="T"), "names `Title`"),
        (an_entry(title=" \u200b\u00ad ", body="\n", html="  "), "no text"),
        (an_entry(article='{"name": "T"}'), "names `name`, and no"),
        (an_entry(article='{"name": " T "}'), "names `name`, and no"),
        (an_entry(name="T", link="https://a.example/"), "names `name`, `link`"),
        (an_envelope(names="T"), "`names`"),
        (an_entry(data='{"name": "T", "link": "https://a.example/"}'), "names `name`, `link`"),
        (an_entry(title=b"caf\xe9"), "field `title` is not UTF-8 at byte 3 (0xe9)"),
        (an_entry(data=b'{"title": "\xff"}'), "field `data` is not UTF-8 at byte 11"),
        (an_entry(body="a\0b"), "field `body` holds a NUL character at character 1"),
        (an_entry(body="%PDF-1.7\n1 0 obj << /Type /Catalog >>"), "`body` holds a file that is no"),
        (an_entry(html="\ufffdPNG\r\n\x1a\n\0\0\0\rIHDR"), "`html` holds a file that is no text"),
        (an_entry(body="a\x01\x02\ufffdb" * 20), "`body` holds a file that is no text"),
        ({b"data": b'{"title": "T", "body": "%PDF-1.4 "}'}, "`body` holds a file that is no text"),
        ({b"data": b'{"title": "\\ud800x"}'}, "field `title` holds half a surrogate pair (U+D800)"),
        ({b"data": b'{"title": "T", "tags": ["\\udfff"]}'}, "field `tags` holds half a surrogate"),
        (an_entry(article='{"title": "T"'), "field `article` is broken JSON at line 1, column 14"),
        (an_entry(article="['T']"), "field `article` is broken JSON"),
        (an_entry(article='["T"]'), "field `article` holds a list, not a JSON object"),
        (an_entry(payload="7"), "field `payload` holds a number, not a JSON object"),
        (an_entry(payload='"text"'), "field `payload` holds a string, not a JSON object"),
        (an_envelope(title=["T"]), "field `title` holds a list; send a string"),
        (an_envelope(title=1984), "field `title` holds a number; send a string"),
        (an_envelope(title="T", body={"p": "x"}), "field `body` holds an object"),
        (an_envelope(title="T", id=True), "field `id` holds true or false"),
        (an_envelope(title="T", tags={"a": 1}), "field `tags` holds an object"),
        (an_envelope(title="T", tags=["a", ["b"]]), "field `tags` holds a list in its list"),
        (an_entry(title="T", tags='["a"'), "field `tags` is broken JSON"),
        (an_entry(data="[" * 100_000), "field `data` is JSON nested too deeply"),
        (an_entry(data='{"a":' * 100_000), "field `data` is JSON nested too deeply"),
        (an_entry(title="T", tags="[" * 100_000), "field `tags` is JSON nested too deeply"),
        (
            an_entry(article='{"title": "A"}', data='{"title": "B"}'),
            "fields `article`, `data` could each hold the article",
        ),
        (an_envelope("__data__", data="no JSON", headers={}), "field `__data__.data` is broken"),
        ({b"__data__": b"\x89BIN\x0d\x0a\x1a\x0a\x00\x01"}, "`__data__` begins like a FastStream"),
        ({b"__data__": a_binary_message(b"hello")}, "field `__data__` is broken JSON"),
        (
            {b"__data__": a_binary_message(b"{}").replace(b"\x00\x01", b"\x00\x09", 1)},
            "another version than 1",
        ),
    ],
)
def test_what_is_no_article_is_refused_with_its_reason(
    fields: dict[bytes, bytes], says: str
) -> None:
    """The reason names the field, says what is wrong with it, and what to send."""
    reason = refusal(fields)
    assert says in reason
    assert re.search(r"send|encode|publish", reason)
    assert reason.isprintable()


def test_the_limit_counts_names_and_values_of_all_fields() -> None:
    """An entry of exactly `max_bytes` is read, one byte more is not."""
    fields = an_entry(title="12345", junk="67890")
    assert read(fields, max_bytes=19).title == "12345"
    told = refusal(fields, max_bytes=18)
    assert "has 19 bytes and 18 are allowed" in told
    assert "TOCSIN_MAX_ARTICLE_BYTES" in told


def test_five_megabytes_are_refused_at_once() -> None:
    """Too large an entry is not decoded first."""
    fields = an_entry(article=b'{"title": "' + b"\xff" * 5_000_000)
    began = time.process_time()
    assert "5,000,018 bytes" in refusal(fields)
    assert time.process_time() - began < 1


# --- for all entries -------------------------------------------------------------------------

names = st.sampled_from([n.encode() for n in (*TEXTS, *METADATA, *ENVELOPES, "x")])
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*TEXTS, *METADATA, *ENVELOPES]) | st.text(max_size=4), inner
        )
    ),
    max_leaves=12,
)
values = (
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: text.encode(errors="ignore"))
    | json_values.map(lambda value: json.dumps(value).encode())
    | json_values.map(lambda value: a_binary_message(json.dumps(value).encode()))
    | st.binary(max_size=30).map(lambda tail: b"\x89BIN\x0d\x0a\x1a\x0a" + tail)
)


@settings(deadline=None)
@given(st.dictionaries(names | st.binary(max_size=8), values, max_size=6))
@example({b"article": b"1" * 5000})
@example({b"data": b'{"title": 1e999999}'})
@example({b"title": b"T", b"published_at": b"9" * 400})
@example({b"title": b"T", b"published_at": b"0001-01-01T00:00:00+14:00"})
@example({b"title": b"T", b"url": b"http://[::1/"})
@example({b"title": b"T", b"url": "http://℀.example/".encode()})
@example({b"title": b"T", b"url": b"http://a:99999999999999999/"})
def test_reading_is_total(fields: dict[bytes, bytes]) -> None:
    """Any fields at all give a draft with text in it, or BadEntry with a printable reason."""
    try:
        draft = read(fields)
    except BadEntry as refused:
        assert str(refused).isprintable()
        return
    assert draft.title or draft.summary or draft.body or draft.html
    for name in (*TEXTS, *METADATA, "cuts"):
        assert "\0" not in str(getattr(draft, name))
        str(getattr(draft, name)).encode()


PAGE = "<html><head><script>{0}</script><STYLE>{0}</STYLE></head><!-- {0} --><p>Kells.</p></html>"


@pytest.mark.parametrize(
    "entry",
    [
        an_entry(html=PAGE.format("x" * 400)),
        an_envelope(html=PAGE.format('say("no") /* </p> */' * 20)),
        {b"article": json.dumps({"html": PAGE.format("x" * 400)}).replace("</", "<\\/").encode()},
    ],
)
def test_scripts_and_styles_do_not_count_for_the_size(entry: dict[bytes, bytes]) -> None:
    """They are most of a large page, and nothing of its text."""
    html = read_entry(entry, max_bytes=400).html
    assert "<p>Kells." in html
    assert len(html) < 200
    with pytest.raises(BadEntry, match="bytes and 100 are allowed"):
        read_entry(entry, max_bytes=100)


def test_what_a_page_says_of_itself_is_no_script() -> None:
    """It stays, and so does what is not closed."""
    told = '<script type="application/ld+json">{"headline": "Kells"}</script><script>never closed'
    entry = an_entry(html=PAGE.format("x" * 400) + told)
    assert read_entry(entry, max_bytes=400).html.endswith(told)


def test_a_string_of_json_keeps_its_end() -> None:
    """Where a script is not closed in its own string, nothing is dropped."""
    entry = an_envelope(title="<script>" + "x" * 200, html="</script><p>Kells.</p>")
    with pytest.raises(BadEntry, match="are allowed"):
        read_entry(entry, max_bytes=200)
    assert read_entry(entry, max_bytes=1_000).html == "</script><p>Kells.</p>"


def test_a_nul_in_html_is_nothing() -> None:
    """As it is to browsers."""
    assert read_entry(an_entry(html="<p>Ke\0lls</p>"), max_bytes=MAX_BYTES).html == "<p>Kells</p>"


@pytest.mark.parametrize(
    ("given", "status"),
    [(b"canceled", "canceled"), (b" stat:Withheld ", "withheld"), (b"published", ""), (b"200", ""),
     (b"\xff", ""), (b"", "")],
)  # fmt: skip
def test_a_status_says_only_whether_an_article_is_taken_back(given: bytes, status: str) -> None:
    """Scrapers and interfaces have a field of that name, too, that means something else."""
    assert read_entry({b"title": b"Deal", b"status": given}, max_bytes=1_000).status == status
    if b"\xff" not in given:
        envelope = b'{"title": "Deal", "status": "%s"}' % given
        assert read_entry({b"article": envelope}, max_bytes=1_000).status == status
    numbered = b'{"title": "Deal", "status": 200}'
    assert read_entry({b"article": numbered}, max_bytes=1_000).status == ""


def test_an_article_that_is_taken_back_needs_a_name_and_no_text() -> None:
    """Without one, nobody could tell which it is."""
    assert read_entry({b"id": b"7", b"status": b"canceled"}, max_bytes=1_000).id == "7"
    with pytest.raises(BadEntry, match="no text"):
        read_entry({b"status": b"canceled"}, max_bytes=1_000)
