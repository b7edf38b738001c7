"""Protocols as YAML and prose, and the JSON Schema."""
