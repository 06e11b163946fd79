"""Subscribers: their channels, secrets and filters."""
