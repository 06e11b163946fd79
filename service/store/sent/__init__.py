"""What a subscriber has been sent already, by whichever worker and stream."""
