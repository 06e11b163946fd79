"""Mistakes that people make in YAML and in searches, each with exactly what is found in it."""

from __future__ import annotations

import pytest

from builders.findings import found_in

IN_YAML = [
    ("watchlists:\n\t- id: a\n\t  match: jet\n", "T001"),
    ("watchlists:\n  - id:a\n    match: jet\n", "T001"),
    ("watchlists:\n  - id: a\n   match: jet\n", "T001"),
    ('match: "fighter jet" AND Turkey', "T001"),
    ("match: *jet", "T003"),
    ("match: @jet", "T001"),
    ("match: [jet OR tank", "T001"),
    ("match: strike: port", "T001"),
    ('match: "a\\d+"', "T001"),
    ("match: &jet jet", "T003"),
    ("match: jet\nmatch: tank", "T003"),
    ("watchlists: []\n---\nlists: {}\n", "T003"),
    ("match: #strike", "T105"),
    ("match: !strike", "T105"),
    ("match: jet\nenabled: perhaps", "T104"),
    ("match: jet\nseverity: High", "T104"),
    ("match: jet\nseverity: urgent", "T104"),
    ("match: jet\nthreshold: 500", "T104"),
    ("match: jet\nlanguage: Portuguese", "T104"),
    ("match: jet\nthrottle: {max: 5, per: hour}", "T104"),
    ("match: jet\nthrottle: {max: 5}", "T102"),
    ("match: jet\ntags: defence", "T103"),
    ("match: jet\nnotify: desk", "T103"),
    ("match: [jet, tank]", "T103"),
    ("match: jet\nexclude: cricket", "T101"),
    ("match: jet\nexcept: cricket", "T103"),
    ("match: jet\ntests: [{match: {headline: x}}]", "T101"),
    ("match: jet\ntests: [{title: x}]", "T101"),
    ("lists: {}\nwatchlist:\n  - id: a\n    match: jet\n", "T101"),
    ("watchlists:\n  id: a\n  match: jet\n", "T103"),
    ("lists: {big ports: [Rotterdam]}", "T108"),
    ("match: jet\nnotify: [dsk]", "T202"),
    ("match: strike AND $prots", "T203"),
    ("lists: {a: [$b], b: [$a]}", "T204 T205"),
    ("subscribers: [{id: desk}]", "T401"),
]

IN_EXPRESSIONS = [
    ("cellular and (phone or tablet)", "T308"),
    ("wireless NOT cellular", "T308"),
    ("banking AND (retail or consumer)", "T501 T510"),
    ("jet OR tank AND Turkey", "T304"),
    ("(jet OR tank AND Turkey", "T304"),
    ("president w/2 senate", "T309"),
    ("money /5 launder!", "T309"),
    ("merger pre/3 bank", "T309"),
    ("world cup adj5 rugby", "T309"),
    ("carrefour near5 sales", "T309"),
    ("launder!", "T309"),
    ("strike | walkout", "T309"),
    ("strike && port", "T309"),
    ("jet -fighter", "T309"),
    ("missile~2 AND test", "T309"),
    ('"phone mobile"~3', "T309"),
    ("merger^4 AND bank", "T309"),
    ("/miss[ai]le/ AND test", "T309"),
    ("missile AROUND(5) test", "T309"),
    ("Johnson & Johnson", "T309"),
    ("fds=IBM AND merger", "T309"),
    ("intitle:merger", "T310"),
    ("site:reuters.com AND merger", "T310"),
    ("headlines:merger", "T310"),
    ("allcaps(RICO) AND money", "T312"),
    ("hlead(merger)", "T312"),
    ("CAPS(Shell) AND oil", "T312"),
    ("atleast5 merger", "T313"),
    ("atleast(merger)", "T313"),
    ("merger NEAR bank", "T314"),
    ("merger NEAR/S bank", "T314"),
    ("(merger AND sale) NEAR/5 bank", "T315"),
    ("*missile AND test", "T316"),
    ('"missil*" AND test', "T316"),
    ("$1.5bn AND merger", "T203"),
    ("merger AND --", "T309"),
    ("() AND merger", "T305"),
    ("merger) AND bank", "T305"),
    ('"merger AND bank', "T306"),
    ("NOT cricket", "T303"),
    ("source:reuters", "T303"),
    ("merger AND AND bank", "T307"),
    ("OR merger", "T307"),
    ("title: merger AND bank", ""),
    ("jet, tank", "T308"),
    ("US AND missile", "T504"),
    ("Apple AND lawsuit", "T504"),
    ("C AND compiler", "T503"),
    ("missile near test", "T502"),
    ("missile ANDNOT test", "T502"),
    ("jet AND country:UK", "T507"),
    ("jet AND language:english", "T507"),
    ("jet AND tank AND NOT tank", "T508"),
    ("shot AND plane", "T510"),
    ("the AND missile", "T505"),
]

HELD_OUT = [
    ("match: jet\nname: Jets: all of them", "T001"),
    ("match: %jet", "T001"),
    ("match: jet\n  severity: high", "T001"),
    ("match: jet\nservity: high", "T101"),
    ("match: jet\nboost: {when: ship, points: 5}", "T103"),
    ("match: jet\nrepeat: daily", "T104"),
    ("match: jet\nnotify:", "T105"),
    (
        "subscribers: [{id: a, relay: 'json://a.example'}, {id: a, relay: 'json://b.example'}]",
        "T201 T201",
    ),
    ("match: 'Bush ^Laura'", ""),
    ("match: 'Boeing /N30/ airline'", "T309"),
    ("match: 'strike ; walkout'", "T309"),
    ("match: 'strike || walkout'", "T309"),
    ("match: '(\"Golden State Warriors\" OR GSW) AND basketball AND NOT (draft OR odds'", "T305"),
    ("match: 'Macdonalds or Maccas'", "T501"),
    ("match: 'Chocolate Milk NOT Strawberry'", "T308"),
    ("match: 'recycl! W/10 packag!'", "T309"),
    ("match: 'inurl:reuters AND merger'", "T310"),
    ("match: 'IT AND outage'", "T504"),
    ("match: 'merger AND country:England'", "T507"),
    ("match: 'title:lead:merger'", "T508"),
    ("match: 'merger NEAR/5f bank'", "T314"),
    ("match: 'Turkеy AND jet'", "T506"),
    ('match: "oil spill"', "T511"),
    ("match: 'any4(jet, tank)'", "T313"),
    ("match: jet\nexcept: {all: jet OR tank}", "T509"),
    ("match: 'cs(US*) AND missile'", "T316"),
    ("match: 'length > 1200'", "T309"),
    ("match: jet # tocsin: ignore T512", "T601 T602"),
    ("match: jet # tocsin: ignore because", "T603"),
]
"""Written down with what is expected before any of them was tried. Of 29 two were otherwise.

Both a phrase in YAML's quotes and its operator were told, now only the operator is; and ^ before a
word is let be, since that is how tickers of indices are written.
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        *IN_YAML,
        *((f"match: '{expression}'", codes) for expression, codes in IN_EXPRESSIONS),
        *HELD_OUT,
    ],
)
def test_a_mistake_gives_its_findings_and_no_others(written: str, expected: str) -> None:
    """Each as often as it is there."""
    found = found_in(written)
    assert sorted(one.code for one in found) == expected.split(), "\n".join(map(str, found))
