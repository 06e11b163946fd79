"""Measurements of the matching engine, beside the engines it is compared with."""
