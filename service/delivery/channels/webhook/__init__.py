"""Signed webhooks, as Standard Webhooks has them, or as CloudEvents."""
