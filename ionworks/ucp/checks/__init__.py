"""Checks across the steps of a protocol."""
