"""Delivery: one module a channel, one worker."""
