"""Entries, pages and feeds that are spoiled by chance, some of them made to be slow."""

from __future__ import annotations

import json
from random import Random

UNITS = (
    "\u0315\u0300", "&#xD83D;", "&#1114112;", "&amp;", "&", "<", "<b>", "</div>", "<div>", '<a "',
    "<!DOCTYPE html>", "]]>", "\x0b", "\x00", "\x85", "\ufeff", "\u202e", "\u200d", "\u3164", "İ",
    "ß", "ﾞ", "\u0e4d\u0e32", "Ã¼", "â€™", "Â ", "\U0001f468\u200d", "a\n", "\r\n", "a.b", "http://",
    "@a ", '"author" ', "Also read: x\n", "By Jane Doe\n", "We use cookies.\n", "12/12/2020 ",
    "1 Jan ", "A. ", "alpha ", "导", "。", "(", "[", "{", '{"a":', "'", "’s ", "0", "1,", "٣", "-",
    "…", "AND ", "&lt;![CDATA[", "]]&gt;", '<at:deleted-entry ref="x">', "</item>", "<pre>\n",
)  # fmt: skip
"""What is repeated or strewn in: what has been slow or fatal anywhere, and what looks like it."""

TEXTS = (
    "The harbour of Quill was closed on Monday after a storm broke three of its cranes.",
    "Türkiye’nin başkenti Ankara’da pazartesi günü kar yağdı.",
    "Die Zeitung meldete gestern, dass zwei Düsenjäger gelandet sind.",
    "Министр сообщил, что два истребителя сели в Анкаре.",
    "وقال رئيس الوزراء إن بلاده تدرس شراء طائرات.",
    "部长周一表示，两架战斗机已经降落。",
    "भारत के प्रधानमंत्री ने कहा कि यह समझौता हो गया है।",
)
NAMES = ("title", "summary", "body", "html", "source", "author", "language", "published_at", "tags",
         "url", "country", "id", "article", "data")  # fmt: skip
ELEMENTS = ("title", "description", "author", "pubDate", "link", "guid", "category", "dc:creator",
            "content:encoded", "dc:date", "source", "enclosure", "media:title")  # fmt: skip
DATES = ("Mon, 02 Mar 2026 09:15:00 GMT", "2026-03-02T09:15:00Z", "1772442900", "yesterday")


class Spoiler:
    """Makes hostile texts; one seed makes the same ones."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._made = 0

    def text(self, most: int) -> str:
        """A text of a few sentences with what spoils it, or one unit again and again."""
        chance = self._chance
        kind = chance.random()
        if kind < 0.12:
            unit = "".join(chance.choices(UNITS, k=chance.randint(1, 3)))
            return unit * chance.randint(1, max(1, most // len(unit)))
        text = " ".join(chance.choices(TEXTS, k=chance.randint(1, 5)))
        if kind < 0.2:
            text = chance.choice(DATES)
        for _ in range(chance.choice((0, 0, 1, 2, 6))):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(UNITS) * chance.choice((1, 1, 3, 40)) + text[at:]
        if kind > 0.95:
            block = chance.choice((0x300, 0x600, 0xFF00, 0x1F000))
            length = chance.randint(1, 200)
            text = "".join(chr(block + chance.randrange(256)) for _ in range(length))
        return text

    def most(self) -> int:
        """How long a text may be: most are short, one in some hundreds is very long."""
        return self._chance.choices((400, 4_000, 20_000, 120_000), (80, 16, 3.6, 0.4))[0]

    def entry(self) -> dict[bytes, bytes]:
        """A stream entry; its id, if it has one, is its own."""
        chance = self._chance
        names = chance.sample(NAMES, chance.randint(1, 5))
        if chance.random() < 0.7 and len(names) > 1:
            names = [name for name in names if name != "html"]  # it takes as long as fifty texts
        values = {name: self._value(name) for name in names}
        raw = {name: text.encode("utf-8", "replace") for name, text in values.items()}
        if chance.random() < 0.3:
            raw = {chance.choice(("article", "data", "__data__")): self._json(values)}
        if chance.random() < 0.1:
            raw = {name: self._bytes(value) for name, value in raw.items()}
        return {name.encode(): value for name, value in raw.items()} or {b"x": b""}

    def _value(self, name: str) -> str:
        if name == "id":
            self._made += 1
            return f"hostile-{self._made}-{self.text(50)}"
        if name == "html" and self._chance.random() < 0.8:
            return self.text(60)
        return self.text(self.most())

    def _json(self, values: dict[str, str]) -> bytes:
        chance = self._chance
        odd: tuple[object, ...] = (None, True, 7, "9" * 5_000, ["a"], {"a": {}}, "\ud83d")
        said = {name: chance.choice(odd) if chance.random() < 0.1 else text
                for name, text in values.items()}  # fmt: skip
        text = json.dumps(said, ensure_ascii=chance.random() < 0.5)
        if chance.random() < 0.2:
            at = chance.randrange(len(text))
            text = (
                text[:at]
                + chance.choice(("[" * 3_000, "}", '"', "\\u", "NaN", "1" * 5_000))
                + text[at:]
            )
        return text.encode("utf-8", "replace")

    def _bytes(self, raw: bytes) -> bytes:
        chance = self._chance
        spoiled = bytearray(raw)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(spoiled) + 1)
            spoiled[at:at] = chance.randbytes(chance.randint(1, 4))
        return bytes(spoiled)

    def page(self) -> str:
        """A page of HTML."""
        chance = self._chance
        parts = [f"<{chance.choice(('p', 'h1', 'div', 'li', 'td'))}>{self.text(self.most())}"
                 for _ in range(chance.randint(1, 12))]  # fmt: skip
        head = f'<script type="application/ld+json">{self.text(2_000)}</script>'
        meta = f'<meta name="author" content="{self.text(200)}"><title>{self.text(100)}</title>'
        return f"<html><head>{chance.choice(('', head, meta))}</head><body>{''.join(parts)}"

    def item(self) -> str:
        """An item of RSS, in which what begins with a comment or CDATA ends."""
        chance = self._chance
        elements = []
        for name in chance.choices(ELEMENTS, k=chance.randint(1, 6)):
            text = self.text(min(self.most(), 20_000))
            if chance.random() < 0.5:
                text = text.replace("&", "&amp;").replace("<", "&lt;")
            elif chance.random() < 0.5:
                text = f"<![CDATA[{text}]]>"
            elements.append(f"<{name}>{text}</{name}>")
        return f"<item>{''.join(elements)}</item>"
