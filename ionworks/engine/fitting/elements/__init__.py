"""The elements of a pipeline."""
