"""The pages behind a link for a verdict, whatever stands in them."""

from __future__ import annotations

from service.web.verdict_page import refusal


def test_a_title_and_an_advice_are_no_markup() -> None:
    """In the head and in the body."""
    page = refusal("<i>a</i> & b", "<b>c</b> & d")
    assert not {"<i>", "<b>"} & {page[at : at + 3] for at in range(len(page))}
    assert page.count("&lt;i&gt;a&lt;/i&gt; &amp; b") == 2
    assert page.count("&lt;b&gt;c&lt;/b&gt; &amp; d") == 1
