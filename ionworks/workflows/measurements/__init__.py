"""Uploading measurements and reading their data."""
