"""How an event gets to its subscriber, and what happens when it does not."""
