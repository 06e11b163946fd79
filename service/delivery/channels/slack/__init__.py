"""Slack by incoming webhook, in Block Kit."""
