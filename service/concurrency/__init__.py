"""What runs at the same time: helper processes, and waits that a stop ends."""
