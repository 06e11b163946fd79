"""Tocsin: alerting for news. The modules, in the order in which an article passes them:

    stream            a batch of entries is read from Redis; what cannot be an article is set aside
    entry → article   fields or a page become title, lead and body, page chrome cut away
    matching.engine   the watchlists' expressions are tried; those that hold are scored and proved
    alert             each match becomes an alert under a stable id, with its evidence
    outbox            alerts, deliveries and acknowledgements are committed in one step
    delivery.worker   each delivery is leased, signed, sent, and tried again until it arrives

`watchlist` turns rules files into what is matched; `app` alone wires the parts; `cli` is the
`tocsin` command.
"""
