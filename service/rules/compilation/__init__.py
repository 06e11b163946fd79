"""Rules files to one compiled rule set."""
