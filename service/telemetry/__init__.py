"""What a process says of itself: its log, without secrets, and what it counts."""
