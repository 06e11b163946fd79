"""The ways to reach a subscriber: one folder a channel."""
