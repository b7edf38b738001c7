"""Uploads of measurements, and reading of their data."""
