"""The match side of the service: from entries on the stream to acknowledged ones."""
