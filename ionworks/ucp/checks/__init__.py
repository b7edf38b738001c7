"""Checks across the steps of a parsed protocol."""
