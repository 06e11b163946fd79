"""Which of a subscriber's filters keeps an alert from it."""

from __future__ import annotations

from service.rules.subscribers.terms import Terms


def filtered(terms: Terms | None, severity: str, score: float | None) -> str:
    """Which of its filters keeps an alert from a subscriber, in words; "" where none does."""
    if terms is None:
        return ""
    if terms.severities and severity not in terms.severities:
        return f"it takes severity {' or '.join(sorted(terms.severities))}, this is {severity}"
    if score is not None and score < terms.min_score:
        return f"its min_score is {terms.min_score:g}, this scores {score:g}"
    return ""
