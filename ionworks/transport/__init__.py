"""Sending requests: connections, retries, files and timeouts."""
