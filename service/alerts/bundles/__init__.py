"""Several events that are sent as one: digests, and summaries of throttles."""
