"""Commands about what is kept: alerts, deliveries, silences and dead letters."""
