"""Generates the client in ``generated/`` from ``openapi.yaml``."""
