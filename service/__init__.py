"""Tocsin: alerting for news. An article passes these rooms, in this order:

    stream      reads a batch of entries from Redis
    articles    makes an article of an entry or a page, without page chrome
    matching    finds the watchlists whose expressions hold, with score and evidence
    alerts      makes an alert of each match, under a stable id
    store       commits alerts, deliveries and acknowledgements in one step
    delivery    leases each delivery, sends it, and tries again until it arrives

`rules` turns rules files into what is matched, `app` puts a process together, `cli` is the `tocsin`
command. docs/architecture.md shows all rooms.
"""
