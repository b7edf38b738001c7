"""Waiting for jobs and showing their progress."""
