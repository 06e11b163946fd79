"""The one key of the whole store, of all streams in it: the version of the data."""

from __future__ import annotations

from typing import Final

DATA: Final = "tocsin:data"
"""A sorted set without end: the releases of Tocsin that wrote the data, each by the version of the
data that it writes. The highest is that of the store. Without the key it is version 1, or empty."""
