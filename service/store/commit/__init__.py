"""One transaction an entry: alerts, deliveries, acknowledgement."""
