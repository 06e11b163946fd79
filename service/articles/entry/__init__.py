"""A stream entry's fields → a draft of its article."""

from service.articles.entry.fields import (
    ENVELOPES,
    METADATA,
    TEXTS,
    Draft,
    read_entry,
    within,
)

__all__ = ["ENVELOPES", "METADATA", "TEXTS", "Draft", "read_entry", "within"]
