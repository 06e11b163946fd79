"""The worker: it leases deliveries, makes the attempts and records what came of them."""
