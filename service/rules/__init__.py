"""What the analyst wrote, and where the mistake is."""
