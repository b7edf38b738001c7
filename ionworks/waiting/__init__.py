"""Waiting for jobs, and showing how far they are."""
