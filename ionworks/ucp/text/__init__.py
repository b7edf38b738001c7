"""Nodes to YAML, prose and JSON schema."""
