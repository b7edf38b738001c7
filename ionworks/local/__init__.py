"""The embedded engine: the service's contract, served from a folder on this machine."""
