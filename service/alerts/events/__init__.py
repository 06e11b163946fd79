"""What an event holds, and how it is written as JSON."""
