"""The drawing of what another threshold of similarity would do: docs/stories-threshold.svg."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.corpus.strangers import Wrong
from service.alerts.stories.similarity import NEAR_COPY

GOAL, MOST_WRONG = 0.95, 0.001
"""At least so many copies have to join; at most so many other articles may."""
# Two panels over the same thresholds, in pixels.
LEFT, WIDTH, LEGEND = 70, 560, 650
RECALL, WRONG = (84, 256), (400, 190)
"""Top and height of a panel."""
FROM, TO = 0.1, 0.9
DRAWN = {
    "paragraphs moved": "#3ca951",
    "another lead": "#97bbf5",
    "10 % of words replaced": "#4269d0",
    "cut to two thirds": "#ff725c",
    "10 % replaced, dropped, added": "#6cc5b0",
    "cut + lead + headline": "#9c6b4e",
    "replaced + cut": "#efb118",
    "all five": "#a463f2",
    "all five, dropped and added": "#ff8ab7",
}


def chart(joined: dict[str, list[float]], wrong: Wrong, number: int, name: str) -> str:
    """The drawing: the share of copies that join, and of articles that join wrongly."""
    steps = [FROM + (TO - FROM) * at / 160 for at in range(161)]
    parts = [
        _text(LEFT, 22, "Which threshold of similarity?", size=17, weight="bold"),
        _text(
            LEFT, 42, f"{name}: {number:,} articles, {len(next(iter(joined.values()))):,} edited"
        ),
        *_frame(RECALL, [(0, "0 %"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1, "100 %")]),
        *_frame(WRONG, [(at / 4, label) for at, label in enumerate(_WRONG_LABELS)]),
        *_goal(RECALL, GOAL, f"goal: at least {GOAL:.0%}"),
        *_goal(WRONG, _logarithm(MOST_WRONG), f"goal: at most {MOST_WRONG:.1%}"),
        _text(LEFT, RECALL[0] - 4, "copies that join the article's story"),
        _text(LEFT, WRONG[0] - 4, "articles that join another's story"),
    ]
    for at, (edit, colour) in enumerate(DRAWN.items()):
        shares = [share(joined[edit], step) for step in steps]
        parts += [_curve(RECALL, steps, shares, colour), *_key(RECALL[0] + 22 * at, edit, colour)]
    lower = (
        ("articles of this corpus", "#d62728", wrong.articles),
        ("pairs about one subject", "#555555", wrong.hard),
    )
    for at, (what, colour, share_from) in enumerate(lower):
        heights = [_logarithm(share_from(step)) for step in steps]
        parts += [_curve(WRONG, steps, heights, colour), *_key(WRONG[0] + 22 * at, what, colour)]
    x = _across(NEAR_COPY)
    parts += [
        f'<line x1="{x}" x2="{x}" y1="{RECALL[0]}" y2="{sum(WRONG)}" stroke="#000" '
        'stroke-width="1.5" stroke-dasharray="2 3"/>',
        _text(x + 5, WRONG[0] - 22, f"chosen: {NEAR_COPY:.2f}", weight="bold"),
        _text(LEFT + WIDTH / 2, sum(WRONG) + 40, "threshold of similarity", anchor="middle"),
    ]
    return "\n".join(
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 640" '
            'font-family="sans-serif" font-size="13">',
            '<rect width="880" height="640" fill="#fff"/>',
            *parts,
            "</svg>\n",
        )
    )


_WRONG_LABELS = ("≤ 0.01 %", "0.1 %", "1 %", "10 %", "100 %")


def _logarithm(share: float) -> float:
    """Where a share stands in the lower panel: 0.01 % and less at the foot, everything on top."""
    return max(0.0, 1 + float(np.log10(max(share, 1e-4))) / 4)


def _across(threshold: float) -> float:
    return round(LEFT + WIDTH * (threshold - FROM) / (TO - FROM), 1)


def _up(panel: tuple[int, int], share: float) -> float:
    top, height = panel
    return round(top + height * (1 - share), 1)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal", size: int = 13
) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" '
        f'font-size="{size}">{text}</text>'
    )


def _frame(panel: tuple[int, int], marks: Sequence[tuple[float, str]]) -> Iterator[str]:
    for share, label in marks:
        y = _up(panel, share)
        yield f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield _text(LEFT - 8, y + 4, label, anchor="end")
    for tenth in range(1, 10):
        x = _across(tenth / 10)
        yield f'<line x1="{x}" x2="{x}" y1="{panel[0]}" y2="{sum(panel)}" stroke="#eee"/>'
        yield _text(x, sum(panel) + 18, f"{tenth / 10:.1f}", anchor="middle")


def _goal(panel: tuple[int, int], share: float, label: str) -> Iterator[str]:
    y = _up(panel, share)
    yield (
        f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y}" y2="{y}" stroke="#888" '
        'stroke-dasharray="6 4"/>'
    )
    yield _text(LEFT + 4, y + 15, label)


def _curve(
    panel: tuple[int, int], steps: Sequence[float], shares: Sequence[float], colour: str
) -> str:
    points = " ".join(
        f"{_across(step)},{_up(panel, share)}" for step, share in zip(steps, shares, strict=True)
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.2"/>'


def _key(y: float, label: str, colour: str) -> Iterator[str]:
    yield (
        f'<line x1="{LEGEND}" x2="{LEGEND + 22}" y1="{y + 8}" y2="{y + 8}" stroke="{colour}" '
        'stroke-width="4"/>'
    )
    yield _text(LEGEND + 28, y + 12, label)


def share(values: Sequence[float], threshold: float = NEAR_COPY) -> float:
    """The share of the values that reach a threshold."""
    return sum(value >= threshold for value in values) / len(values)
