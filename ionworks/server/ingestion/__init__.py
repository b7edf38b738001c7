"""Uploads on their way to measurements."""
