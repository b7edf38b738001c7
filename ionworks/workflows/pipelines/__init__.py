"""Submitting pipelines, waiting for them and reading their results."""
