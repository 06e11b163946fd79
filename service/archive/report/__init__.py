"""What a replay did, counted and compared. All of it is pure."""
