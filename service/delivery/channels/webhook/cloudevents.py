"""An event as CloudEvents 1.0 has it, in structured mode: the envelope around our `data`.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from __future__ import annotations

import json
from typing import Any

CONTENT_TYPE = "application/cloudevents+json"


def structured(body: bytes) -> bytes:
    """A body that subscribers receive, as one CloudEvent.

    `source` and `id` together name the event, for every subscriber and on every attempt: the
    source is its watchlist, where it is about one.
    """
    said: dict[str, Any] = json.loads(body)
    data = said["data"]
    watchlist = data.get("watchlist", {}).get("id", "")
    event = {
        "specversion": "1.0",
        "id": data["id"],
        "source": f"/tocsin/watchlists/{watchlist}" if watchlist else "/tocsin",
        "type": f"tocsin.{said['type']}",
        "time": said["timestamp"],
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
