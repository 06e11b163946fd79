"""YAML files with the place of every value."""
