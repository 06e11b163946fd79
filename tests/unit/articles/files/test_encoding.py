"""Files that are in no UTF-8, or say that they are in what they are not."""

from __future__ import annotations

import pytest

from service.articles.files.encoding import decoded


@pytest.mark.parametrize(
    ("content", "text"),
    [
        # Two letters of another encoding in a text that is UTF-8; with a NUL it is no text.
        ("Größe über".encode() + b" \xff", "Größe über \N{REPLACEMENT CHARACTER}"),
        ("Größe über".encode() + b" \xff\0", None),
        # As browsers do: what is said to be in the older encoding is in the newer.
        (b'<meta charset="gb2312">' + "镕".encode("gb18030"), '<meta charset="gb2312">镕'),
        # No encoding of text, so nothing in it is an escape.
        (
            b'<?xml encoding="unicode_escape"?>caf\xe9 \\x41',
            '<?xml encoding="unicode_escape"?>café \\x41',
        ),
    ],
)
def test_a_text_is_read_as_it_was_meant(content: bytes, text: str | None) -> None:
    """Whatever its encoding is said to be."""
    assert decoded(content) == text
