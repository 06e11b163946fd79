"""Deliveries and their attempts: read, search, retry."""
