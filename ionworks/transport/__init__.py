"""The way of a request: connections, retries, files and time limits."""
