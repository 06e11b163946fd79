"""The ways to reach a subscriber: one folder for each channel, and the registry of them all."""
