"""Entries that could not be read: list, show, replay."""
